"""Limits brought into memory under their locks, all at once, so that everybody locks in one order."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.allowances.choosing import LimitState
from domain.allowances.limits import Limit, Used, window_of
from domain.allowances.models import Authorization, AuthorizationBlock, BenefitLimit
from domain.allowances.quantities import SHOWN_AS
from domain.ledger.balances import balances
from domain.ledger.draws import lock_limits
from domain.ledger.limits import LimitRef
from domain.ledger.models import Draw


async def lock_state(
    session: AsyncSession,
    practice_id: UUID,
    coverage_ids: Sequence[UUID],
    dates: Sequence[date],
    *,
    instead_of: Sequence[UUID] = (),
) -> LimitState:
    """The coverages' limits that touch the dates, locked, without what the subjects `instead_of` draw now."""
    limits = await limits_of(session, practice_id, coverage_ids, min(dates), max(dates))
    given_back = await draws_of(session, practice_id, instead_of)
    refs = {limit.ref for limit in limits} | {_ref(draw) for draw in given_back}
    available = await lock_limits(session, practice_id, refs)
    used = await _used(session, practice_id, refs, dates, instead_of)
    standing = {(u.limit, u.counted_key) for u in used}
    for draw in given_back:
        if (_ref(draw), draw.counted_key) not in standing:
            available[_ref(draw)] += draw.amount - draw.over
    return LimitState(limits=limits, available=available, used=used)


async def read_state(
    session: AsyncSession, practice_id: UUID, coverage_ids: Sequence[UUID], dates: Sequence[date]
) -> LimitState:
    """The same without locks, for a look ahead that reserves nothing."""
    limits = await limits_of(session, practice_id, coverage_ids, min(dates), max(dates))
    refs = {limit.ref for limit in limits}
    left = await balances(session, practice_id, [ref.account("available") for ref in refs])
    available = {ref: left[ref.account("available")] for ref in refs}
    used = await _used(session, practice_id, refs, dates, ())
    return LimitState(limits=limits, available=available, used=used)


async def limits_of(
    session: AsyncSession, practice_id: UUID, coverage_ids: Sequence[UUID], first: date, last: date
) -> list[Limit]:
    """Authorization blocks and benefit limits of the coverages that are in force within the dates."""
    under = and_(
        Authorization.practice_id == AuthorizationBlock.practice_id,
        Authorization.id == AuthorizationBlock.authorization_id,
    )
    blocks = (
        select(AuthorizationBlock, Authorization.coverage_id)
        .join(Authorization, under)
        .where(
            Authorization.coverage_id.in_(coverage_ids),
            *_within(AuthorizationBlock, practice_id, first, last),
        )
    )
    periods = select(BenefitLimit).where(
        BenefitLimit.coverage_id.in_(coverage_ids), *_within(BenefitLimit, practice_id, first, last)
    )
    found = [_of_block(block, coverage_id) for block, coverage_id in await session.execute(blocks)]
    return found + [_of_benefit(limit) for limit in (await session.execute(periods)).scalars()]


def _within(
    model: type[AuthorizationBlock] | type[BenefitLimit], practice_id: UUID, first: date, last: date
) -> tuple[ColumnElement[bool], ...]:
    return (model.practice_id == practice_id, model.starts_on <= last, model.ends_on >= first)


async def draws_of(session: AsyncSession, practice_id: UUID, subject_ids: Iterable[UUID]) -> list[Draw]:
    """What subjects draw now, in a stable order."""
    mine = select(Draw).where(Draw.practice_id == practice_id, Draw.subject_id.in_(list(subject_ids)))
    fresh = mine.order_by(Draw.id).execution_options(populate_existing=True)
    return list((await session.execute(fresh)).scalars())


async def _used(
    session: AsyncSession,
    practice_id: UUID,
    refs: Collection[LimitRef],
    dates: Sequence[date],
    instead_of: Sequence[UUID],
) -> list[Used]:
    if not refs:
        return []
    first, last = window_of(min(dates))[0], window_of(max(dates))[1]
    columns = (Draw.limit_kind, Draw.limit_id, Draw.unit, Draw.counted_key)
    mine = (Draw.practice_id == practice_id, Draw.limit_kind.in_({r.kind for r in refs}))
    counted = (
        select(*columns, func.max(Draw.amount).label("amount"), func.min(Draw.drawn_on).label("drawn_on"))
        .where(*mine, Draw.limit_id.in_({r.id for r in refs}), Draw.drawn_on.between(first, last))
        .where(Draw.subject_id.not_in(list(instead_of)))
        .group_by(*columns)
    )
    return [_used_row(row) for row in await session.execute(counted)]


def _used_row(row: Any) -> Used:
    return Used(
        limit=LimitRef(row.limit_kind, row.limit_id, row.unit),
        counted_key=row.counted_key,
        amount=row.amount,
        drawn_on=row.drawn_on,
    )


def _ref(draw: Draw) -> LimitRef:
    return LimitRef(draw.limit_kind, draw.limit_id, draw.unit)


def _of_block(block: AuthorizationBlock, coverage_id: UUID) -> Limit:
    scope: dict[str, Any] = {
        name: getattr(block, name)
        for name in ("provider_id", "location_id", "per_day", "per_week", "per_month", "week_starts_on")
    }
    return Limit(
        ref=LimitRef("authorization_block", block.id, block.ledger_unit),
        coverage_id=coverage_id,
        shown_as=block.kind,
        starts_on=block.starts_on,
        ends_on=block.ends_on,
        codes=None if block.codes is None else frozenset(block.codes),
        disciplines=None if block.discipline is None else frozenset({block.discipline}),
        hard=True,
        once_a_day=False,
        **scope,
    )


def _of_benefit(limit: BenefitLimit) -> Limit:
    return Limit(
        ref=LimitRef("benefit_limit", limit.id, limit.ledger_unit),
        coverage_id=limit.coverage_id,
        shown_as=SHOWN_AS[limit.ledger_unit],
        starts_on=limit.starts_on,
        ends_on=limit.ends_on,
        codes=None,
        disciplines=None if limit.disciplines is None else frozenset(limit.disciplines),
        provider_id=None,
        location_id=None,
        per_day=None,
        per_week=None,
        per_month=None,
        week_starts_on=0,
        hard=limit.hard,
        once_a_day=limit.once_a_day,
    )
