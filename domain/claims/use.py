"""How a claim's life moves the visits' use of limits, and the dates by which work about claims is due."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.allowances.drawing import note_stage
from domain.claims.models import ClaimLine, ClaimLineSource
from domain.ledger.draws import use_limits
from domain.ledger.entries import JournalEntry, Reversal, Stamp
from domain.ledger.limits import DrawMove, LimitRef, Step, Used
from domain.ledger.models import Draw
from tenants.access import Actor


async def move_use(
    session: AsyncSession,
    actor: Actor,
    practice_id: UUID,
    claim_ids: Sequence[UUID],
    stage: str,
    now: datetime,
    *,
    also: Sequence[JournalEntry] = (),
    reversals: Sequence[Reversal] = (),
) -> Used:
    """Bring what the claims' visits drew to a stage, and post `also` and `reversals` in the same post."""
    steps = await _steps(session, practice_id, claim_ids, stage)
    await note_stage(session, practice_id, {s.subject_id for s in steps if isinstance(s, DrawMove)}, stage)
    stamp = Stamp(practice_id, actor.id, now)
    return await use_limits(session, stamp, steps, also=also, reversals=reversals)


async def _steps(
    session: AsyncSession, practice_id: UUID, claim_ids: Sequence[UUID], stage: str
) -> list[Step]:
    visits = (
        select(ClaimLineSource.visit_id)
        .join(
            ClaimLine,
            (ClaimLine.practice_id == ClaimLineSource.practice_id)
            & (ClaimLine.id == ClaimLineSource.claim_line_id),
        )
        .where(ClaimLineSource.practice_id == practice_id, ClaimLine.claim_id.in_(claim_ids))
    )
    drawn = select(Draw).where(Draw.practice_id == practice_id, Draw.subject_id.in_(visits)).order_by(Draw.id)
    return [
        DrawMove(
            limit=LimitRef(draw.limit_kind, draw.limit_id, draw.unit),
            counted_key=draw.counted_key,
            subject_id=draw.subject_id,
            stage=stage,
            drawn_on=draw.drawn_on,
            amount=draw.amount,
        )
        for draw in (await session.execute(drawn)).scalars()
    ]


def due_on(now: datetime, days: int) -> date:
    """The date by which somebody must act, `days` calendar days from now."""
    return (now + timedelta(days=days)).date()
