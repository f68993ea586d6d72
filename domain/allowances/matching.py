"""A limit recorded late matches what rested on none, or on too little: those lines are chosen for again."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, cast
from uuid import UUID

from msgspec import Struct
from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.allowances.choosing import Choice, LimitState
from domain.allowances.drawing import draw_moves, release
from domain.allowances.limits import LIMIT_KINDS, Line, Session
from domain.allowances.locking import draws_of, lock_state
from domain.allowances.models import LimitChoice
from domain.ledger.limits import DrawMove, Grant
from domain.ledger.models import Draw


class Rematch(Struct, frozen=True, kw_only=True):
    """What rested on nothing and draws now."""

    moves: tuple[DrawMove, ...]
    subjects: tuple[tuple[str, UUID], ...]


async def rematch(
    session: AsyncSession, practice_id: UUID, coverage_id: UUID, grants: Sequence[Grant], *, now: datetime
) -> Rematch:
    """Choose again for the lines of a coverage without a limit of the grants' kind, or over theirs.

    The moves go into the same post as the grants, after them. Whatever was accepted before is a fact now;
    what exceeds its limit moves only where there is room.
    """
    kind = grants[0].limit.kind
    resting = await _resting(session, practice_id, coverage_id, kind)
    if not resting:
        return Rematch(moves=(), subjects=())
    dates = [choice.service_on for choice in resting]
    state = await lock_state(session, practice_id, [coverage_id], dates)
    _take_off(state, await draws_of(session, practice_id, {choice.subject_id for choice in resting}))
    for grant in grants:
        if grant.limit in state.available:
            state.available[grant.limit] += grant.amount
    matched = [
        (rows[0], await _match(session, practice_id, state, rows, now)) for rows in _by_subject(resting)
    ]
    return Rematch(
        moves=tuple(move for _, moves in matched for move in moves),
        subjects=tuple((row.subject_kind, row.subject_id) for row, moves in matched if moves),
    )


async def _resting(
    session: AsyncSession, practice_id: UUID, coverage_id: UUID, kind: str
) -> Sequence[LimitChoice]:
    exceeds = exists().where(
        Draw.practice_id == practice_id,
        Draw.limit_kind == kind,
        Draw.limit_id == LimitChoice.limit_id,
        Draw.subject_id == LimitChoice.subject_id,
        Draw.over > 0,
    )
    resting = select(LimitChoice).where(
        LimitChoice.practice_id == practice_id,
        LimitChoice.coverage_id == coverage_id,
        LimitChoice.limit_kind == kind,
        or_(LimitChoice.limit_id.is_(None), exceeds),
    )
    ordered = resting.order_by(LimitChoice.service_on, LimitChoice.subject_id, LimitChoice.line_key)
    return (await session.execute(ordered)).scalars().all()


def _take_off(state: LimitState, draws: Iterable[Draw]) -> None:
    """Forget the draws that exceed their limits: their lines are free to go elsewhere."""
    exceeding = {(release(draw).limit, draw.counted_key): draw for draw in draws if draw.over}
    state.used = [used for used in state.used if (used.limit, used.counted_key) not in exceeding]
    for (limit, _), draw in exceeding.items():
        if limit in state.available:
            state.available[limit] += draw.amount - draw.over


def _by_subject(rows: Sequence[LimitChoice]) -> list[list[LimitChoice]]:
    grouped: dict[UUID, list[LimitChoice]] = defaultdict(list)
    for row in rows:
        grouped[row.subject_id].append(row)
    return list(grouped.values())


async def _match(
    session: AsyncSession, practice_id: UUID, state: LimitState, rows: list[LimitChoice], now: datetime
) -> list[DrawMove]:
    first = rows[0]
    drawing = Session(
        subject_kind=cast(Literal["appointment", "visit"], first.subject_kind),
        subject_id=first.subject_id,
        counted_as=first.subject_id,
        service_on=first.service_on,
        discipline=first.discipline,
        provider_id=first.provider_id,
        location_id=first.location_id,
        lines=tuple(Line(code=r.code, minutes=r.minutes, units=r.units) for r in rows),
    )
    kinds = [kind for kind in LIMIT_KINDS if kind == first.limit_kind]
    chosen = state.choose(drawing, [(first.coverage_id, 1)], kinds)
    rested_on = {row.code: row.limit_id for row in rows}
    found = [choice for choice in chosen if _is_better(choice, rested_on[choice.code])]
    for choice in found:
        await _record(session, practice_id, drawing.subject_id, choice, now)
    left = {rested_on[choice.code] for choice in found} - {None}
    drawn = await draws_of(session, practice_id, [drawing.subject_id]) if left else []
    given_back = [release(draw) for draw in drawn if draw.limit_id in left]
    return given_back + draw_moves(drawing, found, first.stage, fact=True)


def _is_better(choice: Choice, rested_on: UUID | None) -> bool:
    if choice.draw is None or choice.draw.limit.ref.id == rested_on:
        return False
    return rested_on is None or choice.short is None


async def _record(
    session: AsyncSession, practice_id: UUID, subject_id: UUID, choice: Choice, now: datetime
) -> None:
    assert choice.draw is not None
    reason = f"matched when it was recorded; {choice.short or choice.reason}"
    await session.execute(
        update(LimitChoice)
        .where(
            LimitChoice.practice_id == practice_id,
            LimitChoice.subject_id == subject_id,
            LimitChoice.line_key == choice.code,
            LimitChoice.coverage_id == choice.coverage_id,
            LimitChoice.limit_kind == choice.limit_kind,
        )
        .values(limit_id=choice.draw.limit.ref.id, amount=choice.draw.amount, reason=reason, chosen_at=now)
    )
