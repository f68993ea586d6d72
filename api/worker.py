"""The worker: a broker as doorbell, one actor that works on the row it is rung for, and the relay that rings.

The broker carries ids only and may lose everything: the relay rings again for whatever is still due.
"""

import asyncio
import concurrent.futures
import logging
import time
from collections.abc import Callable
from uuid import UUID

import dramatiq
from dramatiq.asyncio import EventLoopThread, get_event_loop_thread, set_event_loop_thread
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AsyncIO, ShutdownNotifications, TimeLimit

from api.services import Services
from api.task_runner import run_task
from api.tasks import HANDLERS, Handlers
from tenants.database import Due

log = logging.getLogger("visitledger.worker")
QUEUE = "tasks"
TASK_LIMIT_MS = 600_000
RING_EVERY_SECONDS = 1.0
RING_AGAIN_SECONDS = 60.0
SECONDS_TO_START = 30.0
Ring = Callable[[Due], None]


class PatientAsyncIO(AsyncIO):
    """The framework's loop thread, given more than a second to start on a busy machine."""

    def before_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Start the loop that actors run on."""
        thread = EventLoopThread(self.logger)
        thread.start(timeout=SECONDS_TO_START)
        set_event_loop_thread(thread)


def make_broker(broker_url: str | None) -> dramatiq.Broker:
    """The broker of BROKER_URL (redis:// or amqp://), or one inside this process; raises ValueError."""
    middleware = [TimeLimit(time_limit=TASK_LIMIT_MS), ShutdownNotifications(), PatientAsyncIO()]
    if broker_url is None:
        return StubBroker(middleware=middleware)
    if broker_url.startswith(("redis://", "rediss://", "unix://")):
        from dramatiq.brokers.redis import RedisBroker  # noqa: PLC0415 - an optional package

        return RedisBroker(url=broker_url, middleware=middleware)  # type: ignore[no-untyped-call]
    if broker_url.startswith(("amqp://", "amqps://")):
        from dramatiq.brokers.rabbitmq import RabbitmqBroker  # noqa: PLC0415 - an optional package

        return RabbitmqBroker(url=broker_url, middleware=middleware)
    raise ValueError("BROKER_URL must start with redis:// or amqp://")


def declare(broker: dramatiq.Broker, services: Services, handlers: Handlers = HANDLERS) -> Ring:
    """Declare the one actor on this broker and return how to ring it; it never raises, so nothing repeats."""

    async def work(practice_id: str, row_id: str) -> None:
        try:
            await run_task(services, UUID(practice_id), UUID(row_id), handlers)
        except Exception as fault:  # noqa: BLE001 - the row stays due and is rung for again
            log.warning("task %s could not be worked on: %s", row_id, type(fault).__name__)

    declared = dramatiq.actor(broker=broker, actor_name="work", queue_name=QUEUE, time_limit=TASK_LIMIT_MS)
    actor = declared(work)

    def ring(due: Due) -> None:
        actor.send(str(due.practice_id), str(due.id))

    return ring


async def relay(services: Services, ring: Ring, *, every_seconds: float = RING_EVERY_SECONDS) -> None:
    """Ring for what is due, and once a minute again for what stays due; safe in many processes at once."""
    rung: dict[UUID, float] = {}
    while True:
        try:
            due = await services.database.due_tasks()
            moment = time.monotonic()
            rung = {d.id: rung[d.id] for d in due if moment - rung.get(d.id, -1e9) < RING_AGAIN_SECONDS}
            for each in due:
                if each.id not in rung:
                    await asyncio.to_thread(ring, each)
                    rung[each.id] = moment
        except Exception as fault:  # noqa: BLE001 - database or broker are away; the rows wait
            log.warning("the relay cannot ring: %s", type(fault).__name__)
        await asyncio.sleep(every_seconds)


class TaskWorkers:
    """Worker threads with one event loop and services of their own; runs beside a web server or alone."""

    def __init__(
        self, make_services: Callable[[], Services], broker_url: str | None, threads: int = 4
    ) -> None:
        self._services = make_services()
        self._broker = make_broker(broker_url)
        self._ring = declare(self._broker, self._services)
        self._worker = dramatiq.Worker(self._broker, worker_threads=threads, worker_timeout=200)
        self._relay: concurrent.futures.Future[None] | None = None

    def start(self) -> None:
        """Start threads and relay; returns at once."""
        self._worker.start()
        thread = get_event_loop_thread()
        if thread is None:
            raise RuntimeError("the workers' event loop did not start")
        self._relay = asyncio.run_coroutine_threadsafe(relay(self._services, self._ring), thread.loop)

    def stop(self) -> None:
        """Let running tasks end, within the workers' patience, and close what was opened."""
        if self._relay is not None:
            self._relay.cancel()
        thread = get_event_loop_thread()
        self._worker.pause()
        if thread is not None:
            thread.run_coroutine(self._services.close())
        self._worker.stop()
        self._broker.close()
