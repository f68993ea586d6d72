"""Tasks are rows first: written with the change that owes them, claimed and run under their practice."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.ids import new_id
from tenants.models import OutboxRow

T = TypeVar("T", bound="Task")
KINDS: dict[str, type["Task"]] = {}


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed, as ids only. A subclass names itself to the outbox by its class name."""

    most_attempts: ClassVar[int] = 8
    practice_id: UUID
    organization_id: UUID

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        KINDS[cls.__name__] = cls


async def enqueue(
    session: AsyncSession, task: Task, *, available_at: datetime, period: str | None = None
) -> UUID | None:
    """Owe a task from `available_at` on; with `period`, at most once per practice, kind and period.

    Returns the row's id, or None when this period's task was already owed.
    """
    values = {
        "practice_id": task.practice_id,
        "id": new_id(),
        "kind": type(task).__name__,
        "period": period,
        "body": msgspec.to_builtins(task),
        "available_at": available_at,
    }
    owed = insert(OutboxRow).values(values).on_conflict_do_nothing().returning(OutboxRow.id)
    return (await session.execute(owed)).scalar_one_or_none()


async def claim(session: AsyncSession, practice_id: UUID, row_id: UUID, now: datetime) -> OutboxRow | None:
    """Lock a due row for this transaction; None when it is done, not due, or another worker has it."""
    mine = (
        select(OutboxRow)
        .where(
            OutboxRow.practice_id == practice_id,
            OutboxRow.id == row_id,
            OutboxRow.done_at.is_(None),
            OutboxRow.available_at <= now,
        )
        .with_for_update(skip_locked=True)
    )
    return (await session.execute(mine)).scalar_one_or_none()


def read(row: OutboxRow) -> Task:
    """The task that a row carries; raises KeyError for a kind that this release does not know."""
    return msgspec.convert(row.body, KINDS[row.kind])


def put_off(row: OutboxRow, now: datetime, error: str) -> bool:
    """Note a failed attempt and its next date; False when the attempts are used up and the row is dead."""
    row.attempts += 1
    row.last_error = error
    if row.attempts >= KINDS[row.kind].most_attempts:
        row.done_at, row.outcome = now, "dead"
        return False
    row.available_at = now + timedelta(seconds=min(3600, 2**row.attempts))
    return True
