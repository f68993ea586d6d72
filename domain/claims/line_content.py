"""What each line of a claim says: its code and units, the minutes and the approval behind it."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.allowances.models import Authorization
from domain.claims.content import LineContent
from domain.claims.models import Claim, ClaimLine, ClaimLineSource
from domain.visits.models import ChargeLine

MOST_POINTERS = 4


async def line_contents(session: AsyncSession, claim: Claim, diagnoses: int) -> tuple[LineContent, ...]:
    """The claim's lines, each pointing to the first of so many diagnoses."""
    mine = select(ClaimLine, Authorization.number).outerjoin(
        Authorization,
        (Authorization.practice_id == ClaimLine.practice_id)
        & (Authorization.id == ClaimLine.authorization_id),
    )
    mine = mine.where(ClaimLine.practice_id == claim.practice_id, ClaimLine.claim_id == claim.id)
    minutes = await _minutes(session, claim)
    pointers = tuple(range(1, min(diagnoses, MOST_POINTERS) + 1))
    return tuple(
        LineContent(
            number=line.number,
            line_control=line.line_control,
            code=line.code,
            modifiers=tuple(line.modifiers),
            units=line.units,
            minutes=minutes.get(line.id),
            charge_cents=line.charge_cents,
            served_on=line.date_of_service,
            place_of_service=line.place_of_service,
            pointers=pointers,
            authorization_number=number,
        )
        for line, number in await session.execute(mine.order_by(ClaimLine.number))
    )


async def _minutes(session: AsyncSession, claim: Claim) -> dict[UUID, int]:
    """The documented minutes behind each line."""
    wanted = (
        select(ClaimLineSource.claim_line_id, ChargeLine.minutes)
        .join(
            ChargeLine,
            (ChargeLine.practice_id == ClaimLineSource.practice_id)
            & (ChargeLine.id == ClaimLineSource.charge_line_id),
        )
        .join(
            ClaimLine,
            (ClaimLine.practice_id == ClaimLineSource.practice_id)
            & (ClaimLine.id == ClaimLineSource.claim_line_id),
        )
        .where(
            ClaimLineSource.practice_id == claim.practice_id,
            ClaimLine.claim_id == claim.id,
            ChargeLine.minutes.is_not(None),
        )
    )
    summed: dict[UUID, int] = {}
    for row in await session.execute(wanted):
        summed[row.claim_line_id] = summed.get(row.claim_line_id, 0) + row.minutes
    return summed
