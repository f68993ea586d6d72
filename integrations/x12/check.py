"""Says of any file whether it can be used, and if not, which segment at which position is wrong.

A file is ok when its envelope is sound, every transaction in it is one that we read (835, 837P, 999, 997,
277CA, TA1) and everything in them adds up. Other transactions are reported as `unsupported_transaction`.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TextIO

import msgspec

from integrations.x12.claim_acknowledgements import read_claim_acknowledgement
from integrations.x12.functional_acknowledgements import read_functional_acknowledgement
from integrations.x12.interchanges import Interchange, Transaction
from integrations.x12.kinds import transaction_kind
from integrations.x12.problems import Problem, X12Refused
from integrations.x12.professional_loops import claim_loops
from integrations.x12.professional_reader import read_claim, require_professional
from integrations.x12.remittance_balance import claim_imbalances, transaction_imbalance
from integrations.x12.remittance_reader import RemittanceReader
from integrations.x12.tokenizer import read_interchanges

# Said, but no reason to refuse: nothing that we need was lost.
TOLERATED = frozenset({"text_before_interchange", "isa_length_wrong"})


class FileReport(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `x12 check`; `transaction` is None when none could be named, `claims` counts those read."""

    file: str
    transaction: str | None
    ok: bool
    claims: int
    problems: tuple[Problem, ...]


class _Finding:
    """What is known of a file so far."""

    def __init__(self) -> None:
        self.kinds: dict[str, None] = {}
        self.claims = 0
        self.problems: list[Problem] = []

    def report(self, file: str) -> FileReport:
        return FileReport(
            file=file,
            transaction=",".join(self.kinds) or None,
            ok=bool(self.kinds) and all(one.code in TOLERATED for one in self.problems),
            claims=self.claims,
            problems=tuple(self.problems),
        )


def check_file(path: str | Path) -> FileReport:
    """The report on a file; a file that cannot be opened is reported too."""
    # A name that is no Unicode must not keep the report from being written.
    name = str(path).encode("utf-8", "replace").decode()
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        detail = error.strerror or "cannot be read"
        problem = Problem(code="file_unreadable", segment="", position=0, detail=detail)
        return FileReport(file=name, transaction=None, ok=False, claims=0, problems=(problem,))
    return check_text(data, name)


def check_text(source: str | bytes, file: str = "") -> FileReport:
    """The report on a text that stands for a file of that name; never raises for anything in it."""
    finding = _Finding()
    try:
        for interchange in read_interchanges(source):
            _check_interchange(interchange, finding)
    except X12Refused as refused:
        finding.problems.append(refused.problem)
    return finding.report(file)


def main_check(paths: Iterable[str | Path], out: TextIO) -> int:
    """Write one JSON line for each file; 0 when all are ok, otherwise 1."""
    status = 0
    for path in paths:
        report = check_file(path)
        out.write(msgspec.json.encode(report).decode() + "\n")
        status = status if report.ok else 1
    return status


def _check_interchange(interchange: Interchange, finding: _Finding) -> None:
    finding.problems.extend(interchange.notes)
    finding.kinds.update(dict.fromkeys(transaction_kind(*one) for one in interchange.announced))
    if interchange.acknowledgements:
        finding.kinds["TA1"] = None
    broken = interchange.all_problems()
    if broken:
        finding.problems.extend(broken)
        return
    if not interchange.transactions and not interchange.acknowledgements:
        detail = "the interchange holds no transaction"
        finding.problems.append(
            Problem(code="no_transaction", segment="ISA", position=interchange.position, detail=detail)
        )
    for transaction in interchange.transactions:
        _check_transaction(transaction, finding)


def _check_transaction(transaction: Transaction, finding: _Finding) -> None:
    kind = transaction_kind(transaction.set_id, transaction.implementation)
    check = _CHECKS.get(kind)
    try:
        if check is None:
            detail = f"{kind} {transaction.implementation} is not read"
            raise X12Refused("unsupported_transaction", "ST", transaction.position, detail)
        for problem in check(transaction, finding):
            finding.problems.append(problem)
    except X12Refused as refused:
        finding.problems.append(refused.problem)


def _check_remittance(transaction: Transaction, finding: _Finding) -> Iterator[Problem]:
    reader, paid_cents = RemittanceReader(transaction), 0
    for claim in reader.claims():
        finding.claims += 1
        paid_cents += claim.paid_cents
        yield from (one.problem for one in claim_imbalances(claim))
    whole = transaction_imbalance(reader.header, paid_cents, reader.provider_adjustments)
    if whole is not None:
        yield whole.problem


def _check_professional(transaction: Transaction, finding: _Finding) -> Iterator[Problem]:
    require_professional(transaction)
    for loops in claim_loops(transaction):
        finding.claims += 1
        claim, opening = read_claim(loops, transaction.delimiters), loops.claim.find("CLM")
        total = sum(line.charge_cents for line in claim.lines)
        if total != claim.charge_cents:
            detail = f"CLM02 states {claim.charge_cents} cents, its lines come to {total}"
            yield Problem(code="claim_charge_wrong", segment="CLM", position=opening.position, detail=detail)


def _check_functional(transaction: Transaction, _finding: _Finding) -> Iterator[Problem]:
    read_functional_acknowledgement(transaction)
    return iter(())


def _check_acknowledgement(transaction: Transaction, finding: _Finding) -> Iterator[Problem]:
    finding.claims += len(read_claim_acknowledgement(transaction).claims)
    return iter(())


_CHECKS: dict[str, Callable[[Transaction, _Finding], Iterator[Problem]]] = {
    "835": _check_remittance,
    "837P": _check_professional,
    "999": _check_functional,
    "997": _check_functional,
    "277CA": _check_acknowledgement,
}
