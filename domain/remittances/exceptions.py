"""What posting leaves to a person: each exception becomes one work item with an action and a date."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import dollars
from billing_rules.therapy.denials import meaning
from domain.claims.use import due_on
from domain.remittances.decisions import FORWARDED
from domain.remittances.effects import LineEffect
from domain.remittances.models import RemittanceClaim
from domain.remittances.reading import REVERSAL, PostingFacts
from domain.remittances.remark_work import open_remark_work
from domain.remittances.unit_watch import UNITS_DIFFER, watch_units
from domain.work.items import close_item, open_item

DAYS_FOR_DENIAL = 14
DAYS_TO_REVIEW = 2
CROSSED_OVER = frozenset({"19", "20", "21"})
OF_A_ROW = ("remittance_parked", "remittance_unmatched", "claim_forwarded")
OF_A_CLAIM = (
    "denial",
    "billed_differs",
    UNITS_DIFFER,
    "lines_unmatched",
    "next_payer_due",
    "guarantor_missing",
)


async def open_exceptions(
    session: AsyncSession,
    facts: PostingFacts,
    row: RemittanceClaim,
    effects: list[LineEffect],
    now: datetime,
) -> None:
    """Open the work that one claim of a remittance asks for, and close what it has settled."""
    if row.outcome != "posted" or row.claim_id is None:
        told = _unposted(facts, row)
        if told is not None:
            await _open(session, facts, row, *told, now)
        return
    await _billed_differs(session, facts, row, now)
    await watch_units(session, facts, row, now)
    await _lines_unmatched(session, facts, row, now)
    if row.status_code == REVERSAL:
        return
    await _denial(session, facts, row, effects, now)
    await open_remark_work(session, facts, row, now)
    await _next_payer(session, facts, row, effects, now)
    await _nobody_owes(session, facts, row, effects, now)


def _unposted(facts: PostingFacts, row: RemittanceClaim) -> tuple[str, str, str] | None:
    """The work (kind, reason, next action) about a claim of the remittance that posts to no claim of ours."""
    if row.outcome == "parked":
        action = "Compare it with the claim and ask the payer for a corrected one"
        return "remittance_parked", f"{_why_parked(facts, row)}; its payment is in suspense", action
    if row.outcome == "unmatched":
        reason = "The payer answered a claim that we do not know; its payment is in suspense"
        return "remittance_unmatched", reason, "Find the claim or return the money"
    if row.status_code == FORWARDED:
        reason = "It is not this payer's claim: it was forwarded to another"
        return "claim_forwarded", reason, "Find the payer that has it, and wait for its answer"
    if row.paid_cents:
        reason = "An estimate came with money, which is in suspense"
        return "remittance_parked", reason, "Ask the payer what the money is for"
    return None


def _why_parked(facts: PostingFacts, row: RemittanceClaim) -> str:
    if row.difference_cents:
        return f"The claim does not add up by {dollars(abs(row.difference_cents))}"
    if facts.claim_adjustments(row):
        return "The payer adjusted the whole claim and not its lines"
    return "The claim's lines do not add up to what it says"


async def _open(
    session: AsyncSession,
    facts: PostingFacts,
    row: RemittanceClaim,
    kind: str,
    reason: str,
    next_action: str,
    now: datetime,
    *,
    claim_id: UUID | None = None,
    value_cents: int | None = None,
    days: int = DAYS_TO_REVIEW,
) -> None:
    await open_item(
        session,
        facts.practice_id,
        kind=kind,
        subject_kind="claim" if claim_id else "remittance_claim",
        subject_id=claim_id or row.id,
        reason=reason,
        next_action=next_action,
        due_on=due_on(now, days),
        value_cents=abs(row.paid_cents) if value_cents is None else value_cents,
        now=now,
    )


async def _denial(
    session: AsyncSession, facts: PostingFacts, row: RemittanceClaim, effects: list[LineEffect], now: datetime
) -> None:
    assert row.claim_id is not None
    denials = [code for effect in effects for code, _ in effect.denials]
    if not denials:
        outcome = "the payer decided again without a denial"
        await close_item(
            session,
            facts.practice_id,
            kind="denial",
            subject_kind="claim",
            subject_id=row.claim_id,
            outcome=outcome,
            now=now,
        )
        return
    denied = sum(e.denied_cents for e in effects)
    await open_denial(session, facts.practice_id, row.claim_id, denials, denied, now)


async def open_denial(
    session: AsyncSession,
    practice_id: UUID,
    claim_id: UUID,
    codes: Sequence[str],
    denied_cents: int,
    now: datetime,
) -> None:
    """Open the work about a claim's denials (group and reason, as CO-50); the first says what to do next."""
    group, _, reason = codes[0].partition("-")
    what = meaning(group, reason)
    await open_item(
        session,
        practice_id,
        kind="denial",
        subject_kind="claim",
        subject_id=claim_id,
        reason=f"Denied ({what.category}): {', '.join(sorted(set(codes)))}",
        next_action=what.next_action,
        due_on=due_on(now, DAYS_FOR_DENIAL),
        value_cents=abs(denied_cents),
        now=now,
    )


async def _billed_differs(
    session: AsyncSession, facts: PostingFacts, row: RemittanceClaim, now: datetime
) -> None:
    """The amount billed must be the claim line's charge (PO-01)."""
    for line in facts.lines.get(row.id, []):
        ours = facts.our_lines.get(line.claim_line_id) if line.claim_line_id else None
        if ours is not None and abs(line.charge_cents) != ours.charge_cents:
            reason = (
                f"Line {ours.number}: the payer says {dollars(abs(line.charge_cents))} was billed, "
                f"we billed {dollars(ours.charge_cents)}"
            )
            action = "Compare the claim as sent with the remittance"
            await _open(session, facts, row, "billed_differs", reason, action, now, claim_id=row.claim_id)


async def _lines_unmatched(
    session: AsyncSession, facts: PostingFacts, row: RemittanceClaim, now: datetime
) -> None:
    strange = [line for line in facts.lines.get(row.id, []) if line.claim_line_id is None]
    if strange:
        reason = f"{len(strange)} line(s) of the remittance match no line of the claim and were not posted"
        action = "Match the lines by hand; the payer may have bundled or split them"
        value = sum(abs(line.paid_cents) for line in strange)
        await _open(
            session,
            facts,
            row,
            "lines_unmatched",
            reason,
            action,
            now,
            claim_id=row.claim_id,
            value_cents=value,
        )


async def _next_payer(
    session: AsyncSession, facts: PostingFacts, row: RemittanceClaim, effects: list[LineEffect], now: datetime
) -> None:
    waiting = sum(e.patient_cents - e.due_cents for e in effects)
    if waiting <= 0 or all(line.last_payer for line in facts.lines_of(row)):
        return
    reason = "The next payer has not been asked yet for what this one left"
    action = "Send the claim to the next payer with this remittance's adjustments"
    if row.status_code in CROSSED_OVER:
        reason = "This payer forwarded the claim to the next one, which has not answered yet"
        action = "Wait for the next payer's remittance, and ask for it when it does not come"
    await _open(
        session,
        facts,
        row,
        "next_payer_due",
        reason,
        action,
        now,
        claim_id=row.claim_id,
        value_cents=waiting,
    )


async def _nobody_owes(
    session: AsyncSession, facts: PostingFacts, row: RemittanceClaim, effects: list[LineEffect], now: datetime
) -> None:
    left = sum(e.patient_cents for e in effects)
    if left > 0 and not all(line.shares for line in facts.lines_of(row)):
        reason = "Nobody answers for the patient's part on the date of service"
        action = "Record who the guarantor is, then un-post the remittance and post it again"
        await _open(
            session,
            facts,
            row,
            "guarantor_missing",
            reason,
            action,
            now,
            claim_id=row.claim_id,
            value_cents=left,
        )
