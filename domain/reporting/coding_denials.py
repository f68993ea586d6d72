"""Denials tagged as coding, month by month, against the check that should have caught each."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.coding_denials import coding_denial
from domain.claims.models import ClaimEvent, ClaimFinding
from domain.reporting.clocks import zone_of
from tenants.clock import local_date

TAG = "coding"
DAYS_A_MONTH = 31


class CodingDenialRow(Struct, frozen=True, kw_only=True):
    """One month's denials for one reason; `missed` are those of which no check had said anything."""

    month: date
    tag: str
    reason_code: str
    checks: list[str]
    denials: int
    caught: int
    missed: int
    claim_ids: list[UUID]


class CodingDenials(Struct, frozen=True, kw_only=True):
    """The trend: rows by month and reason, and in all how many no check had spoken of."""

    months: int
    denials: int
    missed: int
    rows: list[CodingDenialRow]


async def coding_denials(
    session: AsyncSession, practice_id: UUID, months: int, now: datetime
) -> CodingDenials:
    """Denied lines whose reason is one of coding, since so many months; each line counts once a reason."""
    zone = await zone_of(session, practice_id)
    denied: dict[tuple[date, str], Counter[UUID]] = defaultdict(Counter)
    for event in await _decisions(session, practice_id, now - timedelta(days=months * DAYS_A_MONTH)):
        month = local_date(event.at, zone).replace(day=1)
        for code in (c for codes in event.detail.get("denied_lines", {}).values() for c in codes):
            reason = code.partition("-")[2]
            if coding_denial(reason) is not None:
                denied[month, reason][event.claim_id] += 1
    said = await _said(session, practice_id, {claim for claims in denied.values() for claim in claims})
    rows = [_row(month, reason, claims, said) for (month, reason), claims in sorted(denied.items())]
    return CodingDenials(
        months=months,
        denials=sum(row.denials for row in rows),
        missed=sum(row.missed for row in rows),
        rows=rows,
    )


async def _decisions(session: AsyncSession, practice_id: UUID, since: datetime) -> list[ClaimEvent]:
    wanted = select(ClaimEvent).where(
        ClaimEvent.practice_id == practice_id, ClaimEvent.kind == "adjudicated", ClaimEvent.at >= since
    )
    return list((await session.execute(wanted.order_by(ClaimEvent.at, ClaimEvent.id))).scalars())


async def _said(session: AsyncSession, practice_id: UUID, claims: set[UUID]) -> set[tuple[UUID, str]]:
    """Which checks had said something of which claim, in any version."""
    wanted = select(ClaimFinding.claim_id, ClaimFinding.rule).where(
        ClaimFinding.practice_id == practice_id, ClaimFinding.claim_id.in_(list(claims))
    )
    return {(row[0], row[1]) for row in await session.execute(wanted.distinct())}


def _row(month: date, reason: str, claims: Counter[UUID], said: set[tuple[UUID, str]]) -> CodingDenialRow:
    known = coding_denial(reason)
    checks = known.checks if known else ()
    caught = sum(n for claim, n in claims.items() if any((claim, check) in said for check in checks))
    denials = sum(claims.values())
    return CodingDenialRow(
        month=month,
        tag=TAG,
        reason_code=reason,
        checks=list(checks),
        denials=denials,
        caught=caught,
        missed=denials - caught,
        claim_ids=sorted(claims),
    )
