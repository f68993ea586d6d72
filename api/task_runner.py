"""Working on one owed task, and working off all that is due; for the worker, tests and the demonstration."""

import logging
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.services import Services
from api.tasks import HANDLERS, Handlers
from api.tasks.handlers import InTransaction, Outside
from domain.work.items import open_item
from tenants.access import Actor, system_actor
from tenants.clock import MovedClock
from tenants.errors import DomainError
from tenants.models import OutboxRow
from tenants.outbox import KINDS, Task, claim, put_off, read

log = logging.getLogger("visitledger.tasks")
LEASE = timedelta(minutes=10)
UNKNOWN_AGAIN = timedelta(hours=1)
Outcome = Literal["done", "not ours", "put off", "dead"]


class NotOurs(Exception):
    """The row is done, not due, or another worker has it; nothing is to be written, not even an event."""


class AttemptsUsedUp(Exception):
    """Every attempt ended without a word, so the process died each time."""


class StuckTasks(Exception):
    """Rows stay due although nobody works on them; draining would never end."""


async def run_task(
    services: Services, practice_id: UUID, row_id: UUID, handlers: Handlers = HANDLERS
) -> Outcome:
    """Claim one row and work on it; a failure puts it off with a growing pause, the last one opens work."""
    leased = False
    try:
        pending = await _begin(services, practice_id, row_id, handlers)
        if pending is not None:
            leased = True
            task, handler = pending
            await handler.run(task, services)
            await _finish(services, practice_id, row_id)
    except NotOurs:
        return "not ours"
    except Exception as error:  # noqa: BLE001 - whatever it is, the task is owed until it is done
        return await _put_off(services, practice_id, row_id, _said(error), leased=leased)
    return "done"


async def drain(services: Services, until: datetime | None = None, handlers: Handlers = HANDLERS) -> int:
    """Work off everything that is due, one by one in order of its date; returns how many were worked on.

    With `until`, a MovedClock is moved from due date to due date and at last to `until`. Raises StuckTasks.
    """
    worked = 0
    while due := await services.database.due_tasks(until=until):
        before = worked
        for each in due:
            if each.available_at > services.now():
                if worked > before:
                    break  # what ran may owe something that is due earlier
                _move(services, each.available_at)
            worked += await run_task(services, each.practice_id, each.id, handlers) != "not ours"
        if worked == before:
            raise StuckTasks(f"{len(due)} rows are due and nobody may work on them")
    if until is not None:
        _move(services, until)
    return worked


async def _begin(
    services: Services, practice_id: UUID, row_id: UUID, handlers: Handlers
) -> tuple[Task, Outside] | None:
    """Claim the row; do it at once in the same transaction, or commit a mark that an attempt is under way."""
    async with services.database.practice_transaction(_worker(practice_id, row_id), practice_id) as session:
        row = await claim(session, practice_id, row_id, services.now())
        if row is None:
            raise NotOurs
        if row.kind not in KINDS:
            row.available_at, row.last_error = services.now() + UNKNOWN_AGAIN, "unknown to this release"
            return None
        task = read(row)
        handler = handlers[type(task)]
        if isinstance(handler, InTransaction):
            await handler.run(session, task, services)
            row.done_at, row.outcome = services.now(), "done"
            return None
        if row.attempts >= task.most_attempts:
            raise AttemptsUsedUp
        row.attempts, row.available_at = row.attempts + 1, services.now() + LEASE
        return task, handler


async def _finish(services: Services, practice_id: UUID, row_id: UUID) -> None:
    async with services.database.practice_transaction(_worker(practice_id, row_id), practice_id) as session:
        row = await _open_row(session, practice_id, row_id)
        if row is not None:
            row.done_at, row.outcome = services.now(), "done"


async def _put_off(
    services: Services, practice_id: UUID, row_id: UUID, error: str, *, leased: bool
) -> Outcome:
    log.warning("task %s failed: %s", row_id, error)
    async with services.database.practice_transaction(_worker(practice_id, row_id), practice_id) as session:
        row = await _open_row(session, practice_id, row_id)
        if row is None:
            return "not ours"
        row.attempts -= leased  # the mark of this attempt is replaced by its result
        if put_off(row, services.now(), error):
            return "put off"
        await _ask_somebody(session, row, services.now())
    return "dead"


async def _ask_somebody(session: AsyncSession, row: OutboxRow, now: datetime) -> None:
    await open_item(
        session,
        row.practice_id,
        kind="task_failed",
        subject_kind="task",
        subject_id=row.id,
        reason=f"{row.kind} failed {row.attempts} times: {row.last_error}",
        next_action="Find the cause and have the task run again",
        due_on=now.date(),
        now=now,
    )


async def _open_row(session: AsyncSession, practice_id: UUID, row_id: UUID) -> OutboxRow | None:
    mine = select(OutboxRow).where(
        OutboxRow.practice_id == practice_id, OutboxRow.id == row_id, OutboxRow.done_at.is_(None)
    )
    return (await session.execute(mine.with_for_update())).scalar_one_or_none()


def _worker(practice_id: UUID, row_id: UUID) -> Actor:
    """The product at work, before it is known for which company; the audit finds the task by the row's id."""
    return system_actor(practice_id, f"task {row_id}", practice_ids=frozenset({practice_id}))


def _said(error: Exception) -> str:
    """The kind and the stable code of a failure: its message might quote what it failed on."""
    name = type(error).__name__
    return f"{name} ({error.code})" if isinstance(error, DomainError) else name


def _move(services: Services, instant: datetime) -> None:
    if isinstance(services.clock, MovedClock) and instant > services.now():
        services.clock.move_to(instant)
