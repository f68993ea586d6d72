"""From choices to the ledger: what a session draws, what it gives back, and the record of why."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.allowances.choosing import Choice
from domain.allowances.limits import Session
from domain.allowances.locking import draws_of
from domain.allowances.models import Authorization, AuthorizationBlock, LimitChoice
from domain.ledger.limits import DrawMove, LimitRef
from domain.ledger.models import Draw
from tenants.ids import new_id


def draw_moves(session: Session, choices: Iterable[Choice], stage: str, *, fact: bool) -> list[DrawMove]:
    """One move for each limit and counted key that the choices draw on; soft limits never refuse."""
    moves: dict[tuple[LimitRef, str], DrawMove] = {}
    for choice in choices:
        draw = choice.draw
        if draw is None:
            continue
        moves[draw.limit.ref, draw.counted_key] = DrawMove(
            limit=draw.limit.ref,
            counted_key=draw.counted_key,
            subject_id=session.subject_id,
            stage=stage,
            drawn_on=session.service_on,
            amount=draw.amount,
            fact=fact or not draw.limit.hard or choice.ordinal > 1,
        )
    return list(moves.values())


async def release_moves(
    session: AsyncSession,
    practice_id: UUID,
    subject_ids: Iterable[UUID],
    *,
    keeping: Iterable[DrawMove] = (),
) -> list[DrawMove]:
    """Moves that give back what the subjects draw, but for the draws that `keeping` moves on."""
    kept = {(move.limit, move.counted_key, move.subject_id) for move in keeping}
    given_back = [release(draw) for draw in await draws_of(session, practice_id, subject_ids)]
    return [m for m in given_back if (m.limit, m.counted_key, m.subject_id) not in kept]


def release(draw: Draw) -> DrawMove:
    """The move that gives a draw back."""
    return DrawMove(
        limit=LimitRef(draw.limit_kind, draw.limit_id, draw.unit),
        counted_key=draw.counted_key,
        subject_id=draw.subject_id,
        stage=None,
        drawn_on=draw.drawn_on,
        amount=draw.amount,
    )


async def record_choices(
    session: AsyncSession,
    practice_id: UUID,
    drawing: Session,
    choices: Sequence[Choice],
    *,
    stage: str,
    now: datetime,
) -> None:
    """Write why each line draws where it does, over what stood there for the subject."""
    await forget_choices(session, practice_id, drawing.subject_id)
    standing = {"practice_id": practice_id, "stage": stage, "chosen_at": now}
    rows = [standing | {"id": new_id()} | _row(drawing, choice) for choice in choices]
    if rows:
        await session.execute(insert(LimitChoice), rows)


def _row(drawing: Session, choice: Choice) -> dict[str, Any]:
    (line,) = [line for line in drawing.lines if line.code == choice.code]
    return {
        "subject_kind": drawing.subject_kind,
        "subject_id": drawing.subject_id,
        "line_key": choice.code,
        "coverage_id": choice.coverage_id,
        "limit_kind": choice.limit_kind,
        "limit_id": choice.draw.limit.ref.id if choice.draw else None,
        "amount": choice.draw.amount if choice.draw else 0,
        "reason": f"{choice.reason}; {choice.short}" if choice.short else choice.reason,
        "service_on": drawing.service_on,
        "discipline": drawing.discipline,
        "provider_id": drawing.provider_id,
        "location_id": drawing.location_id,
        "code": choice.code,
        "minutes": line.minutes,
        "units": line.units,
    }


async def forget_choices(session: AsyncSession, practice_id: UUID, subject_id: UUID) -> None:
    """Remove the choices of a subject that draws no more; the ledger keeps what it did."""
    mine = (LimitChoice.practice_id == practice_id, LimitChoice.subject_id == subject_id)
    await session.execute(delete(LimitChoice).where(*mine))


async def note_stage(
    session: AsyncSession, practice_id: UUID, subject_ids: Iterable[UUID], stage: str
) -> None:
    """Say how far subjects have come, so that a limit recorded later draws at the right stage."""
    mine = (LimitChoice.practice_id == practice_id, LimitChoice.subject_id.in_(list(subject_ids)))
    await session.execute(update(LimitChoice).where(*mine).values(stage=stage))


async def authorizations_of_lines(
    session: AsyncSession, practice_id: UUID, visit_ids: Iterable[UUID], coverage_ids: Iterable[UUID]
) -> dict[tuple[UUID, str, UUID], tuple[UUID, str]]:
    """The authorization (id, number) behind each line that draws on one, by (visit, code, coverage)."""
    chosen = (
        select(
            LimitChoice.subject_id,
            LimitChoice.code,
            LimitChoice.coverage_id,
            Authorization.id,
            Authorization.number,
        )
        .join(AuthorizationBlock, _same(AuthorizationBlock, LimitChoice.limit_id))
        .join(Authorization, _same(Authorization, AuthorizationBlock.authorization_id))
        .where(
            LimitChoice.practice_id == practice_id,
            LimitChoice.subject_id.in_(list(visit_ids)),
            LimitChoice.coverage_id.in_(list(coverage_ids)),
            LimitChoice.limit_kind == "authorization_block",
        )
    )
    return {(row[0], row[1], row[2]): (row[3], row[4]) for row in await session.execute(chosen)}


def _same(model: type[AuthorizationBlock] | type[Authorization], column: Any) -> Any:
    return (model.practice_id == LimitChoice.practice_id) & (model.id == column)
