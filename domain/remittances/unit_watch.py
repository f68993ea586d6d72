"""Units that agree with themselves: charges, authorization and claim line, and what the payer says."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.allowances.models import LimitChoice
from domain.claims.models import Claim, ClaimLine, ClaimLineSource
from domain.claims.use import due_on
from domain.remittances.models import RemittanceClaim, RemittanceLine
from domain.remittances.reading import REVERSAL, PostingFacts
from domain.visits.models import ChargeLine
from domain.work.items import close_item, open_item

UNITS_DIFFER = "units_differ"
DAYS_TO_LOOK = 2
AUTHORIZATION = "authorization_block"


async def watch_units(
    session: AsyncSession, facts: PostingFacts, row: RemittanceClaim, now: datetime
) -> None:
    """Open work where the units of a claim's lines differ along their way, and close it once they agree."""
    claim = facts.our_claims.get(row.claim_id) if row.claim_id else None
    if claim is None or row.status_code == REVERSAL:
        return
    differing = await _differing(session, facts, row, claim)
    if differing:
        await open_item(
            session,
            facts.practice_id,
            kind=UNITS_DIFFER,
            subject_kind="claim",
            subject_id=claim.id,
            reason="; ".join(differing),
            next_action="Compare minutes, claim and remittance; correct the claim or dispute the units",
            due_on=due_on(now, DAYS_TO_LOOK),
            value_cents=abs(row.paid_cents),
            now=now,
        )
        return
    await close_item(
        session,
        facts.practice_id,
        kind=UNITS_DIFFER,
        subject_kind="claim",
        subject_id=claim.id,
        outcome="the units agree",
        now=now,
    )


async def _differing(
    session: AsyncSession, facts: PostingFacts, row: RemittanceClaim, claim: Claim
) -> list[str]:
    answered = facts.lines.get(row.id, [])
    ids = [line.claim_line_id for line in answered if line.claim_line_id]
    ours = {line_id: facts.our_lines[line_id] for line_id in ids}
    charged = await _charged(session, claim, list(ours))
    drawn = await _drawn(session, claim, list(ours))
    told = list(_by_payer(answered, ours))
    for line in ours.values():
        told += _inside(line, "the charges", charged)
        told += _inside(line, "the authorization", drawn)
    return told


def _by_payer(answered: Sequence[RemittanceLine], ours: Mapping[UUID, ClaimLine]) -> Iterator[str]:
    """Paid units (SVC05) and units that the payer says were billed (SVC07); a denied line may say none."""
    for line in answered:
        if line.claim_line_id is None:
            continue
        mine = ours[line.claim_line_id]
        paid = abs(Decimal(line.units))
        if paid != mine.units and (paid or line.paid_cents):
            yield f"line {mine.number}: the payer paid {paid:f} units, the claim has {mine.units}"
        billed = None if line.original_units is None else abs(Decimal(line.original_units))
        if billed is not None and billed != mine.units:
            yield f"line {mine.number}: the payer says {billed:f} were billed, the claim has {mine.units}"


def _inside(line: ClaimLine, whose: str, units: Mapping[UUID, int]) -> list[str]:
    known = units.get(line.id)
    if known is None or known == line.units:
        return []
    return [f"line {line.number}: {whose} have {known} units, the claim has {line.units}"]


async def _charged(session: AsyncSession, claim: Claim, lines: Sequence[UUID]) -> dict[UUID, int]:
    """Units of the charges behind each claim line."""
    source, charge = ClaimLineSource, ChargeLine
    wanted = (
        select(source.claim_line_id, func.sum(charge.units))
        .join(charge, (charge.practice_id == source.practice_id) & (charge.id == source.charge_line_id))
        .where(source.practice_id == claim.practice_id, source.claim_line_id.in_(lines))
        .group_by(source.claim_line_id)
    )
    return {line: int(units) for line, units in await session.execute(wanted)}


async def _drawn(session: AsyncSession, claim: Claim, lines: Sequence[UUID]) -> dict[UUID, int]:
    """Units with which each claim line drew on an authorization, for the lines that drew on one."""
    source, line, choice = ClaimLineSource, ClaimLine, LimitChoice
    wanted = (
        select(source.claim_line_id, func.sum(choice.units))
        .join(line, (line.practice_id == source.practice_id) & (line.id == source.claim_line_id))
        .join(
            choice,
            (choice.practice_id == source.practice_id)
            & (choice.subject_id == source.visit_id)
            & (choice.code == line.code),
        )
        .where(
            source.practice_id == claim.practice_id,
            source.claim_line_id.in_(lines),
            choice.subject_kind == "visit",
            choice.coverage_id == claim.coverage_id,
            choice.limit_kind == AUTHORIZATION,
            choice.limit_id.is_not(None),
        )
        .group_by(source.claim_line_id)
    )
    return {each: int(units) for each, units in await session.execute(wanted)}
