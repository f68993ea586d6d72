"""What posting leaves to a person: each exception becomes one work item with an action and a date."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import dollars
from domain.claims.use import due_on
from domain.remittances.effects import LineEffect
from domain.remittances.models import RemittanceClaim
from domain.remittances.reading import PostingFacts
from domain.work.items import close_item, open_item

DAYS_FOR_DENIAL = 14
DAYS_TO_REVIEW = 2


async def open_exceptions(
    session: AsyncSession,
    facts: PostingFacts,
    row: RemittanceClaim,
    effects: list[LineEffect],
    now: datetime,
) -> None:
    """Open the work that one claim of a remittance asks for, and close what it has settled."""
    if row.outcome == "parked":
        reason = (
            f"The claim does not add up by {dollars(abs(row.difference_cents))}; its payment is in suspense"
        )
        await _open(
            session, facts, row, "remittance_parked", reason, "Ask the payer for a corrected claim", now
        )
    elif row.outcome == "unmatched":
        reason = "The payer answered a claim that we do not know; its payment is in suspense"
        await _open(
            session, facts, row, "remittance_unmatched", reason, "Find the claim or return the money", now
        )
    elif row.outcome == "posted" and row.claim_id is not None:
        await _denial(session, facts, row, effects, now)
        await _billed_differs(session, facts, row, now)
        await _lines_unmatched(session, facts, row, now)
        await _next_payer(session, facts, row, effects, now)
        await _nobody_owes(session, facts, row, effects, now)


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
    denials = [(code, what) for effect in effects for code, what in effect.denials]
    if not denials:
        if row.claim_id and row.status_code != "22":
            await close_item(
                session,
                facts.practice_id,
                kind="denial",
                subject_kind="claim",
                subject_id=row.claim_id,
                outcome="the payer decided again without a denial",
                now=now,
            )
        return
    what = denials[0][1]
    codes = ", ".join(sorted({c for c, _ in denials}))
    denied = sum(e.denied_cents for e in effects)
    await _open(
        session,
        facts,
        row,
        "denial",
        f"Denied ({what.category}): {codes}",
        what.next_action,
        now,
        claim_id=row.claim_id,
        value_cents=abs(denied),
        days=DAYS_FOR_DENIAL,
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
    claim = facts.our_claims[row.claim_id] if row.claim_id else None
    waiting = sum(e.patient_cents - e.due_cents for e in effects)
    if claim is None or waiting <= 0:
        return
    if facts.cases_with_next_payer.get(claim.case_id, 1) > facts.ordinals[claim.coverage_id]:
        reason = "The next payer has not been asked yet for what this one left"
        action = "Send the claim to the next payer with this remittance's adjustments"
        await _open(
            session,
            facts,
            row,
            "next_payer_due",
            reason,
            action,
            now,
            claim_id=claim.id,
            value_cents=waiting,
        )


async def _nobody_owes(
    session: AsyncSession, facts: PostingFacts, row: RemittanceClaim, effects: list[LineEffect], now: datetime
) -> None:
    claim = facts.our_claims[row.claim_id] if row.claim_id else None
    if claim is None or not any(e.patient_cents for e in effects):
        return
    lines = [
        facts.our_lines[line.claim_line_id] for line in facts.lines.get(row.id, []) if line.claim_line_id
    ]
    if any(not facts.shares(claim, line) for line in lines):
        reason = "Nobody answers for the patient's part on the date of service"
        action = "Record who the guarantor is, then post the remittance again"
        await _open(session, facts, row, "guarantor_missing", reason, action, now, claim_id=claim.id)
