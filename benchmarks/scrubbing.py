"""How fast four-line claims are scrubbed, beside how fast pyx12 merely validates the same claims as 837P."""

import gc
import io
import json
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec

from benchmarks.many_rows import shelf_with
from benchmarks.x12_samples import claim_batch, interchange
from billing_rules.rule_book import RuleBook, load_shipped
from billing_rules.therapy.claim_checks import scrub
from billing_rules.therapy.claim_facts import (
    AuthorizationFacts,
    ClaimFacts,
    CoverageFacts,
    LineFacts,
    PlanOfCareFacts,
    ServiceEvidence,
)
from integrations.x12.professional_claims import ClaimBatch, Line, write_837p

RUNS = 7
SERVICES = (("97110", 33, 2), ("97140", 15, 1), ("97530", 16, 1), ("97112", 15, 1))
SERVED_ON = date(2026, 3, 2)
STARTED_AT = datetime(2026, 3, 2, 15, tzinfo=UTC)

FRESH = """
import json, resource, time
from billing_rules.rule_book import load_shipped
from billing_rules.therapy.claim_checks import scrub
from benchmarks.scrubbing import four_line_claims
book = load_shipped()
scrub(four_line_claims(1)[0], book)
seconds = time.process_time()
peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": seconds, "mib": peak_kib / 1024}))
"""


def four_line_claims(count: int) -> list[ClaimFacts]:
    """Clean Medicare claims of as many patients, each with four timed lines and the evidence behind them."""
    return [_facts(number) for number in range(count)]


def as_837p(claims: Sequence[ClaimFacts]) -> str:
    """The same claims as one interchange, written by our writer."""
    batch = claim_batch(len(claims))
    told = tuple(
        msgspec.structs.replace(
            written,
            lines=tuple(_line(number, at, line) for at, line in enumerate(facts.lines)),
            charge_cents=sum(line.charge_cents for line in facts.lines),
            diagnosis_codes=facts.diagnoses,
        )
        for number, (written, facts) in enumerate(zip(batch.claims, claims, strict=True))
    )
    whole: ClaimBatch = msgspec.structs.replace(batch, claims=told)
    return write_837p(whole, interchange())


def scrub_speed(count: int) -> float:
    """Claims scrubbed in the time pyx12 takes to validate one of them; the median of alternating runs."""
    claims, book = four_line_claims(count), load_shipped()
    text = as_837p(claims)
    _refuse_findings(claims[0], book)
    validate = _validator()
    assert validate(text), "pyx12 refuses the claims of this measure"
    gc.collect()
    gc.freeze()
    return statistics.median(
        _seconds(lambda: validate(text)) / _seconds(lambda: _scrub_all(claims, book)) for _ in range(RUNS)
    )


def growth_ratio(rows: int, count: int) -> float:
    """Time to scrub with a pack of so many rows beside the shipped ones, over the time without it."""
    claims, book = four_line_claims(count), load_shipped()
    with tempfile.TemporaryDirectory() as folder:
        grown = RuleBook(book.rows, shelf=shelf_with(rows, Path(folder)))
        pairs = [
            (_seconds(lambda: _scrub_all(claims, grown)), _seconds(lambda: _scrub_all(claims, book)))
            for _ in range(RUNS)
        ]
    return statistics.median(one / other for one, other in pairs)


def loading() -> tuple[float, float]:
    """Seconds of CPU and MiB in which a fresh process starts, loads book and packs, and scrubs one claim."""
    answers = [_fresh() for _ in range(RUNS)]
    return statistics.median(one["seconds"] for one in answers), max(one["mib"] for one in answers)


def _fresh() -> dict[str, float]:
    told = subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, check=True)
    answer: dict[str, float] = json.loads(told.stdout)
    return answer


def _scrub_all(claims: Sequence[ClaimFacts], book: RuleBook) -> None:
    for facts in claims:
        scrub(facts, book)


def _refuse_findings(facts: ClaimFacts, book: RuleBook) -> None:
    """A claim that stops half-way would make the measure look better than it is."""
    blocked = [what.rule for what in scrub(facts, book) if what.severity == "blocks"]
    assert not blocked, f"the claims of this measure are not clean: {blocked}"


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _validator() -> Callable[[str], bool]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pyx12.params  # noqa: PLC0415 - it warns on import of what is its own affair
        import pyx12.x12n_document  # noqa: PLC0415
    params = pyx12.params.params()
    params.set("charset", "E")

    def validate(text: str) -> bool:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bool(
                pyx12.x12n_document.x12n_document(
                    param=params, src_file=io.StringIO(text), fd_997=None, fd_html=None, map_path=None
                )
            )

    return validate


def _facts(number: int) -> ClaimFacts:
    plan = PlanOfCareFacts(
        discipline="PT", starts_on=date(2026, 2, 1), ends_on=date(2026, 5, 1), certified_on=date(2026, 2, 9)
    )
    return ClaimFacts(
        payer="medicare",
        payer_id="14112",
        plan=None,
        state="MA",
        sent_on=date(2026, 3, 9),
        frequency="1",
        payer_control_number=None,
        billing_name="Example Therapy",
        billing_npi="1234567893",
        billing_taxonomy="261QP2000X",
        billing_tax_id="123456789",
        billing_zip="011010001",
        rendering_npi="1234567893",
        rendering_taxonomy="225100000X",
        facility_npi=None,
        facility_zip=None,
        member_id="1EG4TE5MK73",
        patient_last_name=f"Patient{number % 977}",
        patient_first_name="Alex",
        patient_born_on=date(1950, 1, 1) + timedelta(days=number % 9_999),
        patient_sex="F",
        patient_zip="01101",
        diagnoses=("M54.50", "M25.511"),
        lines=tuple(_line_facts(at, plan) for at in range(len(SERVICES))),
        coverage=CoverageFacts(starts_on=date(2026, 1, 1), ends_on=None),
        authorizations=(
            AuthorizationFacts(
                number=f"AUTH{number % 4_001}", starts_on=date(2026, 1, 1), ends_on=None, codes=()
            ),
        ),
        authorization_required=True,
    )


def _line_facts(at: int, plan: PlanOfCareFacts) -> LineFacts:
    code, minutes, units = SERVICES[at]
    starts_at = STARTED_AT + timedelta(minutes=sum(spent for _, spent, _ in SERVICES[:at]))
    return LineFacts(
        served_on=SERVED_ON,
        code=code,
        modifiers=("GP",),
        units=units,
        charge_cents=units * 6_000,
        minutes=minutes,
        pointers=(1, 2),
        place_of_service="11",
        discipline="PT",
        session_signed=True,
        plan_of_care=plan,
        duplicate_of=None,
        evidence=ServiceEvidence(
            starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes), clinician="one"
        ),
    )


def _line(number: int, at: int, line: LineFacts) -> Line:
    served_on = line.served_on or SERVED_ON
    return Line(
        control_number=f"L{number:08d}{at}",
        code=line.code,
        modifiers=line.modifiers,
        charge_cents=line.charge_cents,
        units=Decimal(line.units),
        pointers=line.pointers,
        service_from_on=served_on,
        service_to_on=served_on,
    )
