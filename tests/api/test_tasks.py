"""Owed tasks: done once with their effect, put off when they fail, given to a person at last."""

import asyncio
import os
import time
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

import dramatiq
import msgspec
import pytest
from dramatiq.asyncio import get_event_loop_thread
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.services import Services, compose
from api.task_runner import LEASE, drain, run_task
from api.tasks import Handlers
from api.tasks.handlers import InTransaction, Outside, acting
from api.worker import declare, make_broker, relay
from domain.work.models import WorkItem
from tenants.access import system_actor
from tenants.clock import MovedClock
from tenants.database import Due
from tenants.ids import new_id
from tenants.models import AuditEvent, InboxEvent, OutboxRow
from tenants.outbox import Task, enqueue
from tests.api.conftest import Company, MutableClock, make_company
from tests.conftest import Cluster


class NoteInside(Task, frozen=True, kw_only=True):
    """Keep one event, in the transaction of the claim."""

    most_attempts: ClassVar[int] = 3
    fails: bool = False


class CallOutside(Task, frozen=True, kw_only=True):
    """Tell somebody outside."""

    most_attempts: ClassVar[int] = 3
    dies: int = 0


calls: list[CallOutside] = []


async def note_inside(session: AsyncSession, task: NoteInside, services: Services) -> None:
    """Write, then fail if asked to."""
    session.add(
        InboxEvent(
            practice_id=task.practice_id,
            id=new_id(),
            source="task",
            external_id=str(new_id()),
            kind="note",
            object_id="",
            received_at=services.now(),
        )
    )
    await session.flush()
    if task.fails:
        raise ValueError("John Doe 123-45-6789")


async def call_outside(task: CallOutside, services: Services) -> None:
    """Call, with a transaction of its own; die the first times if asked to."""
    async with services.database.practice_transaction(acting(task), task.practice_id):
        calls.append(task)
    if len(calls) <= task.dies:
        raise asyncio.CancelledError


HANDLERS: Handlers = {NoteInside: InTransaction(note_inside), CallOutside: Outside(call_outside)}


async def owe(services: Services, company: Company, task: type[Task], **fields: object) -> UUID:
    """Owe a task from now on; its row's id."""
    ids = {"practice_id": company.practice_id, "organization_id": company.organization_id}
    actor = system_actor(company.organization_id, "test", practice_ids=frozenset(company.practice_ids))
    async with services.database.practice_transaction(actor, company.practice_id) as session:
        row_id = await enqueue(session, task(**ids, **fields), available_at=services.now())
    assert row_id is not None
    return row_id


async def state(services: Services, company: Company, row_id: UUID) -> tuple[OutboxRow, int, list[WorkItem]]:
    """The row, how many notes there are, and the work that is open."""
    actor = system_actor(company.organization_id, "test", practice_ids=frozenset(company.practice_ids))
    async with services.database.practice_transaction(actor, company.practice_id) as session:
        row = (await session.execute(select(OutboxRow).where(OutboxRow.id == row_id))).scalar_one()
        notes = (await session.execute(select(func.count()).select_from(InboxEvent))).scalar_one()
        work = list((await session.execute(select(WorkItem))).scalars())
    return row, notes, work


async def test_a_task_has_its_effect_once(app_services: Services, company: Company) -> None:
    """Ten workers on one row: one effect, done in its transaction; a late ring leaves not even an event."""
    row_id = await owe(app_services, company, NoteInside)
    told = await asyncio.gather(
        *(run_task(app_services, company.practice_id, row_id, HANDLERS) for _ in range(10))
    )
    assert sorted(told) == ["done", *["not ours"] * 9]
    row, notes, _ = await state(app_services, company, row_id)
    assert (row.outcome, notes) == ("done", 1)
    actor = system_actor(company.organization_id, "test", practice_ids=frozenset(company.practice_ids))
    async with app_services.database.practice_transaction(actor, company.practice_id) as session:
        action = select(func.count()).where(AuditEvent.action == f"task {row_id}")
        assert (await session.execute(action)).scalar_one() == 1


async def test_a_failing_task_is_put_off_and_at_last_becomes_work(
    app_services: Services, company: Company, app_clock: MutableClock
) -> None:
    """Nothing of a failed attempt stays, nor its message; pauses grow, and a person is asked in the end."""
    row_id = await owe(app_services, company, NoteInside, fails=True)
    run = (app_services, company.practice_id, row_id, HANDLERS)
    assert await run_task(*run) == "put off"
    assert await run_task(*run) == "not ours"
    row, notes, _ = await state(app_services, company, row_id)
    assert (row.attempts, notes, row.last_error) == (1, 0, "ValueError")
    for expected in ("put off", "dead"):
        app_clock.advance(timedelta(minutes=1))
        assert await run_task(*run) == expected
    row, notes, work = await state(app_services, company, row_id)
    assert (row.outcome, notes) == ("dead", 0)
    assert [(w.kind, w.subject_id) for w in work] == [("task_failed", row_id)]
    assert "John" not in work[0].reason


async def test_a_call_outside_survives_the_death_of_its_worker(
    app_services: Services, company: Company, app_clock: MutableClock
) -> None:
    """The mark of the attempt is committed first; after the lease another worker calls again."""
    calls.clear()
    row_id = await owe(app_services, company, CallOutside, dies=1)
    with pytest.raises(asyncio.CancelledError):
        await run_task(app_services, company.practice_id, row_id, HANDLERS)
    row, _, _ = await state(app_services, company, row_id)
    assert (row.attempts, row.done_at) == (1, None)
    assert await run_task(app_services, company.practice_id, row_id, HANDLERS) == "not ours"
    app_clock.advance(LEASE)
    assert await run_task(app_services, company.practice_id, row_id, HANDLERS) == "done"
    assert len(calls) == 2


async def test_a_call_that_kills_every_worker_is_given_up(
    app_services: Services, company: Company, app_clock: MutableClock
) -> None:
    """Deaths count as attempts, so that a poisoned task ends as work for a person."""
    calls.clear()
    row_id = await owe(app_services, company, CallOutside, dies=99)
    for _ in range(3):
        with pytest.raises(asyncio.CancelledError):
            await run_task(app_services, company.practice_id, row_id, HANDLERS)
        app_clock.advance(LEASE)
    assert await run_task(app_services, company.practice_id, row_id, HANDLERS) == "dead"
    _, _, work = await state(app_services, company, row_id)
    assert [w.kind for w in work] == ["task_failed"]


async def test_draining_moves_the_clock_from_date_to_date(cluster: Cluster, app_services: Services) -> None:
    """Everything until a date is worked off in order of its dates, each at its own date."""
    name = f"drained_{os.getpid()}"
    await cluster.clone(name)
    url = cluster.login_url(name).replace("postgresql+asyncpg://", "postgresql://")
    settings = msgspec.structs.replace(app_services.settings, database_url=url)
    clock = MovedClock(app_services.now())
    services = compose(settings, clock=clock)
    company, seen, start = await make_company(services), [], clock.now()

    async def note(session: AsyncSession, task: NoteInside, services: Services) -> None:
        seen.append((services.now() - start).days)
        if len(seen) == 1:
            again = NoteInside(practice_id=task.practice_id, organization_id=task.organization_id)
            await enqueue(session, again, available_at=services.now() + timedelta(days=1))

    actor = system_actor(company.organization_id, "test", practice_ids=frozenset(company.practice_ids))
    async with services.database.practice_transaction(actor, company.practice_id) as session:
        for days in (4, 0, 2, 9):
            task = NoteInside(practice_id=company.practice_id, organization_id=company.organization_id)
            await enqueue(session, task, available_at=start + timedelta(days=days))
    worked = await drain(services, start + timedelta(days=7), {NoteInside: InTransaction(note)})
    assert (worked, seen) == (4, [0, 1, 2, 4])
    assert clock.now() == start + timedelta(days=7)
    await services.close()


async def test_the_broker_rings_and_its_worker_works(app_services: Services, company: Company) -> None:
    """One round through the real wiring: relay, broker, actor, row."""
    row_id = await owe(app_services, company, NoteInside)
    own = compose(app_services.settings, clock=app_services.clock)
    broker = make_broker(None)
    ring = declare(broker, own, HANDLERS)

    def only_ours(due: Due) -> None:
        if due.id == row_id:
            ring(due)

    worker = dramatiq.Worker(broker, worker_threads=2, worker_timeout=50)
    worker.start()
    relaying = asyncio.create_task(relay(app_services, only_ours, every_seconds=0.05))
    limit = time.monotonic() + 20
    while (await state(app_services, company, row_id))[0].done_at is None:
        assert time.monotonic() < limit
        await asyncio.sleep(0.05)
    relaying.cancel()
    thread = get_event_loop_thread()
    assert thread is not None
    await asyncio.to_thread(thread.run_coroutine, own.close())
    await asyncio.to_thread(worker.stop)
    row, notes, _ = await state(app_services, company, row_id)
    assert (row.outcome, notes) == ("done", 1)
