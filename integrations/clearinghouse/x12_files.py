"""The files of claims and remittances as X12: our contents into 837P, what comes back into plain values."""

from collections.abc import Iterator
from typing import Literal, cast

from domain.claims.ports import ClaimsFile, FileProblem, FileRefused, WrittenFile
from domain.remittances.ports import Received
from integrations.clearinghouse.x12_answers import acknowledgement, claim_answers, interchange_answer
from integrations.clearinghouse.x12_claims import x12_claim
from integrations.clearinghouse.x12_remittances import remittance_content
from integrations.x12 import professional_claims as x12
from integrations.x12.claim_acknowledgements import read_claim_acknowledgement
from integrations.x12.envelope import EnvelopeNotWritable, InterchangeWriter, TradingPartner
from integrations.x12.functional_acknowledgements import read_functional_acknowledgement
from integrations.x12.interchanges import Interchange, Transaction
from integrations.x12.kinds import transaction_kind
from integrations.x12.problems import Problem, X12Refused
from integrations.x12.remittance_reader import read_remittance
from integrations.x12.tokenizer import read_interchanges


class X12Files:
    """Writes 837P and reads 999, TA1, 277CA and 835."""

    def write(self, file: ClaimsFile) -> WrittenFile:
        """The text of an 837P; raises FileRefused naming the field of a claim that cannot be written."""
        try:
            text = x12.write_837p(_batch(file), _envelope(file))
        except (x12.ClaimNotWritable, EnvelopeNotWritable) as unwritable:
            problem = FileProblem(
                code="not_writable",
                segment="CLM",
                position=0,
                detail=f"{unwritable.field} {unwritable.detail}",
            )
            raise FileRefused(problem) from unwritable
        numbers = {claim.control_number: x12.transaction_number(i) for i, claim in enumerate(file.claims)}
        return WrittenFile(text=text, transaction_of=numbers)

    def read(self, content: bytes) -> list[Received]:
        """The transactions of a file in order; raises FileRefused for the first thing that is wrong."""
        try:
            found = [one for interchange in read_interchanges(content) for one in _contents(interchange)]
        except X12Refused as refused:
            raise _refused(refused.problem) from refused
        if not found:
            raise _refused(Problem(code="empty", segment="ISA", position=1, detail="the file says nothing"))
        return [
            Received(
                ordinal=ordinal,
                position=one.position,
                control_number=one.control_number,
                payee_npi=one.payee_npi,
                content=one.content,
            )
            for ordinal, one in enumerate(found, 1)
        ]


def _batch(file: ClaimsFile) -> x12.ClaimBatch:
    return x12.ClaimBatch(
        submitter=x12.SubmitterInfo(
            name=file.sender_name, id=file.sender_id, contact_name="BILLING", telephone=file.contact_phone
        ),
        receiver=x12.ReceiverInfo(name=file.receiver_name, id=file.receiver_id),
        reference=f"{file.control_number:09d}",
        created_at=file.written_at,
        claims=tuple(x12_claim(content) for content in file.claims),
    )


def _envelope(file: ClaimsFile) -> InterchangeWriter:
    return InterchangeWriter(
        sender=TradingPartner(id=file.sender_id),
        receiver=TradingPartner(id=file.receiver_id),
        control_number=file.control_number,
        at=file.written_at,
        usage=cast(Literal["T", "P"], file.usage),
    )


def _contents(interchange: Interchange) -> Iterator[Received]:
    interchange.refuse_if_broken()
    for told in interchange.acknowledgements:
        answer = interchange_answer(told)
        yield _received(told.position, answer.control_number, None, answer)
    for transaction in interchange.transactions:
        yield _content(transaction)


def _content(transaction: Transaction) -> Received:
    kind = transaction_kind(transaction.set_id, transaction.implementation)
    if kind == "835":
        remittance = remittance_content(read_remittance(transaction))
        return _received(transaction.position, None, remittance.payee_npi, remittance)
    if kind in ("999", "997"):
        answer = acknowledgement(read_functional_acknowledgement(transaction))
        return _received(transaction.position, answer.control_number, None, answer)
    if kind == "277CA":
        answers = claim_answers(read_claim_acknowledgement(transaction))
        return _received(transaction.position, answers.control_number, None, answers)
    detail = f"{kind} {transaction.implementation} is not taken here"
    raise X12Refused("unsupported_transaction", "ST", transaction.position, detail)


def _received(position: int, control_number: int | None, payee_npi: str | None, content: object) -> Received:
    return Received(
        ordinal=0,
        position=position,
        control_number=control_number,
        payee_npi=payee_npi,
        content=content,  # type: ignore[arg-type]
    )


def _refused(problem: Problem) -> FileRefused:
    return FileRefused(
        FileProblem(
            code=problem.code, segment=problem.segment, position=problem.position, detail=problem.detail
        )
    )
