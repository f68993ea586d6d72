"""What a posted remittance allowed on each line, told to the tally of the therapy threshold."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.therapy_accruals import AllowedByPayer, accrue, withdraw
from domain.practices.rules import rule_book_for
from domain.remittances.models import RemittanceClaim, RemittanceLine
from domain.remittances.reading import PostingFacts

STATED = "stated by the payer"
SHARED = frozenset({"1", "2", "3"})
"""Deductible, coinsurance and copay: what the patient owes of the allowed amount."""
SEQUESTERED = "253"
COUNTED = frozenset({"waiting", "posted"})


async def accrue_allowed(session: AsyncSession, facts: PostingFacts, now: datetime) -> None:
    """Count the lines of every claim that is posted, on the day the payer decided them."""
    answers = list(_answers(facts))
    if not answers:
        return
    book = await rule_book_for(session, facts.practice_id)
    for answer in answers:
        await accrue(session, facts.practice_id, book, answer, now)


async def withdraw_allowed(session: AsyncSession, facts: PostingFacts) -> None:
    """Forget what an un-posted remittance had said."""
    await withdraw(session, facts.practice_id, [answer.source for answer in _answers(facts)])


def _answers(facts: PostingFacts) -> Iterator[AllowedByPayer]:
    for row in facts.claims:
        for line in facts.lines.get(row.id, []):
            answer = _answer(facts, row, line)
            if answer is not None:
                yield answer


def _answer(facts: PostingFacts, row: RemittanceClaim, line: RemittanceLine) -> AllowedByPayer | None:
    claim = facts.our_claims.get(row.claim_id) if row.claim_id else None
    ours = facts.our_lines.get(line.claim_line_id) if line.claim_line_id else None
    if claim is None or ours is None or row.outcome not in COUNTED:
        return None
    return AllowedByPayer(
        claim=claim,
        line=ours,
        allowed_cents=_allowed(facts, line),
        processed_on=facts.remittance.paid_on,
        source=str(line.id),
    )


def _allowed(facts: PostingFacts, line: RemittanceLine) -> int:
    """As stated, else paid with the patient's share and what sequestration took; a denial allows nothing."""
    if line.allowed_how == STATED:
        return abs(line.allowed_cents) if line.charge_cents >= 0 else -abs(line.allowed_cents)
    shared = sum(
        a.amount_cents
        for a in facts.adjustments.get(line.id, [])
        if (a.group_code == "PR" and a.reason_code in SHARED) or a.reason_code == SEQUESTERED
    )
    return line.paid_cents + shared
