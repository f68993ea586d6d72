"""A practice at a glance: how many sessions, claims and remittances stand where, each opening its rows."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from domain.claims.models import Claim
from domain.remittances.models import Remittance
from domain.reporting.clocks import zone_of
from domain.visits.models import Visit
from domain.work.models import WorkItem
from tenants.snapshot import Snapshot


class Standings(Struct, frozen=True, kw_only=True):
    """How many rows stand in one state, and what they amount to."""

    state: str
    rows: int
    cents: Cents


class Overview(Struct, frozen=True, kw_only=True):
    """One practice: its states, the busiest first as its work goes, and its open work."""

    zone: str
    sessions: list[Standings]
    claims: list[Standings]
    remittances: list[Standings]
    open_work: int
    next_due_on: date | None


class PracticeLine(Struct, frozen=True, kw_only=True):
    """One practice in the list of them."""

    practice_id: UUID
    open_work: int
    overdue: int
    value_cents: Cents
    next_due_on: date


async def overview(session: AsyncSession, practice_id: UUID) -> Overview:
    """Count one practice."""
    due = select(func.count(), func.min(WorkItem.due_on)).where(
        WorkItem.practice_id == practice_id, WorkItem.closed_at.is_(None)
    )
    open_work, next_due_on = (await session.execute(due)).one()
    return Overview(
        zone=await zone_of(session, practice_id),
        sessions=await _states(session, practice_id, Visit, None),
        claims=await _states(session, practice_id, Claim, Claim.billed_cents),
        remittances=await _states(session, practice_id, Remittance, Remittance.payment_cents),
        open_work=open_work,
        next_due_on=next_due_on,
    )


async def _states(session: AsyncSession, practice_id: UUID, model: Any, amount: Any) -> list[Standings]:
    summed = func.coalesce(func.sum(amount), 0) if amount is not None else func.min(0)
    counted = (
        select(model.status, func.count(), summed)
        .where(model.practice_id == practice_id)
        .group_by(model.status)
        .order_by(model.status)
    )
    return [
        Standings(state=state, rows=rows, cents=int(cents))
        for state, rows, cents in await session.execute(counted)
    ]


async def practice_lines(snapshot: Snapshot, today: date) -> Sequence[PracticeLine]:
    """Open work by practice, the practice with the nearest deadline first."""
    overdue = func.count().filter(WorkItem.due_on < today)
    counted = (
        select(
            WorkItem.practice_id,
            func.count().label("open_work"),
            overdue.label("overdue"),
            func.sum(WorkItem.value_cents).label("value_cents"),
            func.min(WorkItem.due_on).label("next_due_on"),
        )
        .where(WorkItem.closed_at.is_(None))
        .group_by(WorkItem.practice_id)
    )
    lines = [_line(row) for row in await snapshot.rows(counted)]
    return sorted(lines, key=lambda line: (line.next_due_on, line.practice_id))


def _line(row: Any) -> PracticeLine:
    return PracticeLine(
        practice_id=row.practice_id,
        open_work=row.open_work,
        overdue=row.overdue,
        value_cents=int(row.value_cents),
        next_due_on=row.next_due_on,
    )
