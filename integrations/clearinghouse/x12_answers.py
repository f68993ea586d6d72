"""What a 999, a TA1 and a 277CA say, in the words that claims understand."""

from domain.claims.ports import (
    Acknowledgement,
    ClaimAnswer,
    ClaimAnswers,
    FileProblem,
    TransactionAnswer,
)
from integrations.x12.acknowledgement_values import (
    ClaimAcknowledgement,
    ClaimAcknowledgementReport,
    GroupAcknowledgement,
    StatusInformation,
    TransactionAcknowledgement,
    worst,
)
from integrations.x12.interchanges import InterchangeAcknowledgement
from integrations.x12.problems import X12Refused

# Our own words for the categories of reference/x12.md; the texts of the code list are X12's.
WORDS = {
    "A0": "forwarded to another party",
    "A1": "received, not yet accepted",
    "A2": "accepted for adjudication",
    "A3": "returned as not processable",
    "A4": "not found",
    "A5": "accepted and split",
    "A6": "rejected for missing information",
    "A7": "rejected for invalid information",
    "A8": "rejected because its facts do not agree",
}
STAGES = {"accepted": "accepted", "rejected": "rejected", "not_found": "rejected"}


def interchange_answer(told: InterchangeAcknowledgement) -> Acknowledgement:
    """A TA1 as an answer to our whole file."""
    accepted = told.code in ("A", "E")
    problem = FileProblem(
        code="interchange_rejected",
        segment="TA1",
        position=told.position,
        detail=f"note code {told.note_code}",
    )
    return Acknowledgement(
        control_number=_number(told.control_number, "TA1", told.position),
        accepted=accepted,
        transactions=(),
        problems=() if accepted else (problem,),
    )


def acknowledgement(told: GroupAcknowledgement) -> Acknowledgement:
    """A 999 as an answer to our file: its group control number is our interchange's."""
    return Acknowledgement(
        control_number=_number(told.group_control_number, "AK1", told.position),
        accepted=told.code in ("A", "E", "P"),
        transactions=tuple(_transaction(one, told.position) for one in told.transactions),
        problems=_group_problems(told),
    )


def _group_problems(told: GroupAcknowledgement) -> tuple[FileProblem, ...]:
    if told.code in ("A", "E", "P"):
        return ()
    detail = f"the group was rejected, codes {', '.join(told.error_codes) or 'not given'}"
    return (FileProblem(code="group_rejected", segment="AK9", position=told.position, detail=detail),)


def _transaction(told: TransactionAcknowledgement, position: int) -> TransactionAnswer:
    problems = tuple(
        FileProblem(
            code="segment_error",
            segment=error.segment_id,
            position=error.segment_position,
            detail=f"error {error.code}"
            + "".join(f", element {e.element} error {e.code}" for e in error.elements),
        )
        for error in told.errors
    )
    fallback = FileProblem(
        code="transaction_rejected",
        segment="IK5",
        position=position,
        detail=f"rejected with code {told.code} {' '.join(told.error_codes)}".strip(),
    )
    return TransactionAnswer(
        transaction_control=told.control_number,
        accepted=told.accepted,
        problems=problems or (() if told.accepted else (fallback,)),
    )


def claim_answers(told: ClaimAcknowledgementReport) -> ClaimAnswers:
    """A 277CA as answers to our claims; its batch reference is our control number (BHT03)."""
    outcome = worst([one.outcome for one in told.statuses])
    return ClaimAnswers(
        control_number=_number(told.batch_reference, "TRN", told.position),
        accepted=outcome != "rejected",
        message=_message(told.statuses),
        claims=tuple(_claim(one) for one in told.claims),
    )


def _claim(told: ClaimAcknowledgement) -> ClaimAnswer:
    statuses = (*told.statuses, *(s for line in told.lines for s in line.statuses))
    first = statuses[0] if statuses else None
    return ClaimAnswer(
        claim_control_number=told.patient_control_number,
        stage=STAGES.get(told.outcome, "received"),
        codes=tuple(f"{c.category}:{c.status}" for s in statuses for c in s.codes),
        message=_message(statuses),
        payer_control_number=told.payer_control_number or None,
        effective_on=first.effective_on if first else None,
        position=told.position,
    )


def _message(statuses: tuple[StatusInformation, ...]) -> str:
    told = [
        f"{WORDS.get(code.category, 'category ' + code.category)} (status {code.status})"
        for status in statuses
        for code in status.codes
    ]
    texts = [status.message for status in statuses if status.message]
    return "; ".join(dict.fromkeys([*told, *texts])) or "no status given"


def _number(text: str, segment: str, position: int) -> int:
    if not text.isdigit():
        raise X12Refused("control_number_invalid", segment, position, "the control number is no number")
    return int(text)
