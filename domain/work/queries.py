"""What is to be done: the list for Today across practices, and the items of one subject or practice."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from domain.work.models import WorkItem
from tenants.snapshot import Snapshot

MOST_ITEMS = 200


class WorkView(Struct, frozen=True, kw_only=True):
    """An open work item as screens show it; `is_overdue` is against the day that was asked for."""

    practice_id: UUID
    id: UUID
    kind: str
    subject_kind: str
    subject_id: UUID
    reason: str
    next_action: str
    value_cents: Cents
    due_on: date
    is_overdue: bool
    owner_id: UUID | None
    repeats: int
    created_at: datetime
    updated_at: datetime


class TodayCount(Struct, frozen=True, kw_only=True):
    """How much is open and overdue in one practice."""

    practice_id: UUID
    open_items: int
    overdue_items: int


COLUMNS = (
    WorkItem.practice_id,
    WorkItem.id,
    WorkItem.kind,
    WorkItem.subject_kind,
    WorkItem.subject_id,
    WorkItem.reason,
    WorkItem.next_action,
    WorkItem.value_cents,
    WorkItem.due_on,
    WorkItem.owner_id,
    WorkItem.repeats,
    WorkItem.created_at,
    WorkItem.updated_at,
)


async def today_items(
    snapshot: Snapshot,
    *,
    today: date,
    owner_id: UUID | None = None,
    after: tuple[date, UUID] | None = None,
    limit: int = 50,
) -> list[WorkView]:
    """A page of what is open in all of the actor's practices, earliest deadline first.

    `after` is the deadline and id of the last item seen. One table only: names of subjects are fetched for
    the page's practices afterwards.
    """
    listed = _earliest_first(select(*COLUMNS).where(WorkItem.closed_at.is_(None)), limit)
    if owner_id is not None:
        listed = listed.where(WorkItem.owner_id == owner_id)
    if after is not None:
        listed = listed.where(tuple_(WorkItem.due_on, WorkItem.id) > after)
    return [_view(row, today) for row in await snapshot.rows(listed)]


async def today_counts(snapshot: Snapshot, *, today: date) -> list[TodayCount]:
    """Open and overdue items by practice."""
    overdue = func.count().filter(WorkItem.due_on < today)
    counted = (
        select(WorkItem.practice_id, func.count().label("open_items"), overdue.label("overdue_items"))
        .where(WorkItem.closed_at.is_(None))
        .group_by(WorkItem.practice_id)
    )
    return [
        TodayCount(practice_id=row.practice_id, open_items=row.open_items, overdue_items=row.overdue_items)
        for row in await snapshot.rows(counted)
    ]


async def open_items_of(
    session: AsyncSession, practice_id: UUID, *, subject_kind: str, subject_id: UUID, today: date
) -> list[WorkView]:
    """What is open about one subject."""
    about = (WorkItem.subject_kind == subject_kind, WorkItem.subject_id == subject_id)
    listed = _earliest_first(_open_in(practice_id).where(*about), MOST_ITEMS)
    return [_view(row, today) for row in await session.execute(listed)]


async def practice_items(
    session: AsyncSession,
    practice_id: UUID,
    *,
    today: date,
    after: tuple[date, UUID] | None = None,
    limit: int = 50,
) -> list[WorkView]:
    """A page of what is open in one practice, earliest deadline first."""
    listed = _earliest_first(_open_in(practice_id), limit)
    if after is not None:
        listed = listed.where(tuple_(WorkItem.due_on, WorkItem.id) > after)
    return [_view(row, today) for row in await session.execute(listed)]


def _open_in(practice_id: UUID) -> Select[*tuple[object, ...]]:
    return select(*COLUMNS).where(WorkItem.practice_id == practice_id, WorkItem.closed_at.is_(None))


def _earliest_first(listed: Select[*tuple[object, ...]], limit: int) -> Select[*tuple[object, ...]]:
    return listed.order_by(WorkItem.due_on, WorkItem.id).limit(min(limit, MOST_ITEMS))


def _view(row: Row[*tuple[object, ...]], today: date) -> WorkView:
    return WorkView(**row._mapping, is_overdue=row.due_on < today)
