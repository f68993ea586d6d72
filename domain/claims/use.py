"""How a claim's life moves the visits' use of limits, and the dates by which work about claims is due."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.allowances.drawing import note_stage
from domain.claims.models import ClaimLine, ClaimLineSource
from domain.ledger.draws import use_limits
from domain.ledger.entries import JournalEntry, Reversal, Stamp
from domain.ledger.limits import DrawMove, LimitRef, Used
from domain.ledger.models import Draw
from tenants.access import Actor


async def move_use(
    session: AsyncSession,
    actor: Actor,
    practice_id: UUID,
    stages: Mapping[str, Sequence[UUID]],
    now: datetime,
    *,
    also: Sequence[JournalEntry] = (),
    reversals: Sequence[Reversal] = (),
) -> Used:
    """Bring what the visits of claims drew to a stage, the last named winning, and post the rest with it.

    `stages` are claim ids by stage; `also` and `reversals` go into the same post.
    """
    steps: dict[UUID, DrawMove] = {}
    for stage, claim_ids in stages.items():
        visits = await _visits(session, practice_id, claim_ids) if claim_ids else []
        await note_stage(session, practice_id, visits, stage)
        steps |= await _steps(session, practice_id, visits, stage)
    stamp = Stamp(practice_id, actor.id, now)
    return await use_limits(session, stamp, list(steps.values()), also=also, reversals=reversals)


async def _visits(session: AsyncSession, practice_id: UUID, claim_ids: Sequence[UUID]) -> list[UUID]:
    """The visits behind claims; one without a draw is known too, for an authorization that comes later."""
    behind = (
        select(ClaimLineSource.visit_id)
        .join(
            ClaimLine,
            (ClaimLine.practice_id == ClaimLineSource.practice_id)
            & (ClaimLine.id == ClaimLineSource.claim_line_id),
        )
        .where(ClaimLineSource.practice_id == practice_id, ClaimLine.claim_id.in_(claim_ids))
        .distinct()
    )
    return list((await session.execute(behind)).scalars())


async def _steps(
    session: AsyncSession, practice_id: UUID, visits: Sequence[UUID], stage: str
) -> dict[UUID, DrawMove]:
    """The move of each draw, by the draw's id."""
    drawn = select(Draw).where(Draw.practice_id == practice_id, Draw.subject_id.in_(visits)).order_by(Draw.id)
    return {
        draw.id: DrawMove(
            limit=LimitRef(draw.limit_kind, draw.limit_id, draw.unit),
            counted_key=draw.counted_key,
            subject_id=draw.subject_id,
            stage=stage,
            drawn_on=draw.drawn_on,
            amount=draw.amount,
        )
        for draw in (await session.execute(drawn)).scalars()
    }


def due_on(now: datetime, days: int) -> date:
    """The date by which somebody must act, `days` calendar days from now."""
    return (now + timedelta(days=days)).date()
