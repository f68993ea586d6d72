"""Today: what needs a person in all practices of a member, nearest deadline first, and counted by queue."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Row, func, select, tuple_

from billing_rules.money import Cents
from domain.reporting.clocks import day_at
from domain.reporting.subjects import Subject, subject_of, subjects
from domain.work.models import WorkItem
from tenants.snapshot import Snapshot

PAGE_ROWS = 50
NOBODY = "nobody"


class Wanted(Struct, frozen=True, kw_only=True):
    """What of the desk is asked for: each field that is set narrows the list; `owner` may be NOBODY."""

    practice_id: UUID | None = None
    kind: str | None = None
    owner: UUID | str | None = None


class Queue(Struct, frozen=True, kw_only=True):
    """One kind of work: how many, how much, since when, and its next deadline."""

    kind: str
    items: int
    value_cents: Cents
    oldest_at: datetime
    next_due_on: date


class DeskRow(Struct, frozen=True, kw_only=True):
    """One open work item with what it is about."""

    practice_id: UUID
    id: UUID
    kind: str
    reason: str
    next_action: str
    value_cents: Cents
    due_on: date
    days_left: int
    owner_id: UUID | None
    repeats: int
    subject: Subject


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
)


async def queues(snapshot: Snapshot, wanted: Wanted) -> list[Queue]:
    """The kinds of work with their counts, the nearest deadline first; a kind's count equals its rows."""
    counted = (
        select(
            WorkItem.practice_id,
            WorkItem.kind,
            func.count().label("items"),
            func.sum(WorkItem.value_cents).label("value_cents"),
            func.min(WorkItem.created_at).label("oldest_at"),
            func.min(WorkItem.due_on).label("next_due_on"),
        )
        .where(*_conditions(wanted, with_kind=False))
        .group_by(WorkItem.practice_id, WorkItem.kind)
    )
    found: dict[str, Queue] = {}
    for row in await snapshot.rows(counted):
        part = Queue(
            kind=row.kind,
            items=row.items,
            value_cents=int(row.value_cents),
            oldest_at=row.oldest_at,
            next_due_on=row.next_due_on,
        )
        found[row.kind] = _added(found[row.kind], part) if row.kind in found else part
    return sorted(found.values(), key=lambda queue: (queue.next_due_on, queue.kind))


def _added(one: Queue, other: Queue) -> Queue:
    return Queue(
        kind=one.kind,
        items=one.items + other.items,
        value_cents=one.value_cents + other.value_cents,
        oldest_at=min(one.oldest_at, other.oldest_at),
        next_due_on=min(one.next_due_on, other.next_due_on),
    )


async def desk_rows(
    snapshot: Snapshot,
    wanted: Wanted,
    zones: dict[UUID, str],
    now: datetime,
    *,
    after: tuple[date, UUID] | None = None,
    limit: int = PAGE_ROWS,
) -> list[DeskRow]:
    """A page of open work, the nearest deadline first, equal deadlines in order of making.

    `after` is the deadline and id of the last row seen.
    """
    listed = select(*COLUMNS).where(*_conditions(wanted)).order_by(WorkItem.due_on, WorkItem.id).limit(limit)
    if after is not None:
        listed = listed.where(tuple_(WorkItem.due_on, WorkItem.id) > after)
    rows = await snapshot.rows(listed)
    keys = [(row.practice_id, row.subject_kind, row.subject_id) for row in rows]
    about = await subjects(snapshot, keys)
    return [_row(row, subject_of(about, key), zones, now) for row, key in zip(rows, keys, strict=True)]


def _conditions(wanted: Wanted, *, with_kind: bool = True) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [WorkItem.closed_at.is_(None)]
    if wanted.practice_id is not None:
        conditions.append(WorkItem.practice_id == wanted.practice_id)
    if wanted.kind is not None and with_kind:
        conditions.append(WorkItem.kind == wanted.kind)
    if wanted.owner == NOBODY:
        conditions.append(WorkItem.owner_id.is_(None))
    elif wanted.owner is not None:
        conditions.append(WorkItem.owner_id == wanted.owner)
    return conditions


def _row(row: Row[*tuple[object, ...]], about: Subject, zones: dict[UUID, str], now: datetime) -> DeskRow:
    own = {name: getattr(row, name) for name in DeskRow.__struct_fields__ if hasattr(row, name)}
    days_left = (row.due_on - day_at(zones, row.practice_id, now)).days
    return DeskRow(**own, days_left=days_left, subject=about)
