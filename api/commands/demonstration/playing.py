"""Playing the weeks day by day on a moved clock; interrupted, it goes on with the day it was in."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import date, timedelta

import uvicorn

from api.app import create_app
from api.commands.demonstration.attending import book_week, note_attendance, recall, take_notes
from api.commands.demonstration.billing import bill_day
from api.commands.demonstration.company import Founded
from api.commands.demonstration.paying import FRIDAY, bill_families
from api.commands.demonstration.registering import register_everybody
from api.commands.demonstration.sizes import DAYS_A_WEEK
from api.commands.demonstration.stage import Play, Stage, at
from api.commands.demonstration.stories import letter_comes, tell
from api.services import Services
from api.task_runner import drain
from integrations.stripe.simulator import StripeSimulator
from tenants.clock import MovedClock

SETTLING_STARTS_WEEK = 2
AfterDay = Callable[[Stage, int], Awaitable[None]]


async def set_stage(
    play: Play, services: Services, clock: MovedClock, cards: StripeSimulator, founded: Founded
) -> Stage:
    """The stage with everybody registered, and with all that an interrupted play has left."""
    stage = Stage(
        play=play,
        services=services,
        clock=clock,
        cards=cards,
        actor=founded.actor,
        practices=founded.practices,
    )
    await register_everybody(stage)
    await recall(stage)
    return stage


async def play_days(stage: Stage, first: int, last: int, after_day: AfterDay) -> None:
    """Play the days from `first` to before `last`, counted from the first day; each ends worked off."""
    for day in range(first, last):
        await _play_day(stage, day)
        on = stage.play.starts_on + timedelta(days=day + 1)
        await drain(stage.services, until=at(on, 7))
        await after_day(stage, day)


async def _play_day(stage: Stage, day: int) -> None:
    """One day, hour by hour; within an hour the practices work side by side."""
    on, size = stage.play.starts_on + timedelta(days=day), stage.play.size
    week = day // DAYS_A_WEEK
    if day % DAYS_A_WEEK == 0 and week < size.weeks:
        await asyncio.gather(*(book_week(stage, key, on) for key in stage.practices))
    _until(stage, on, 9)
    await tell(stage)
    if on.weekday() > FRIDAY:
        return
    _until(stage, on, 18)
    await asyncio.gather(*(_evening(stage, key) for key in stage.practices))
    if on.weekday() == FRIDAY and week >= SETTLING_STARTS_WEEK and week % size.statement_weeks == 0:
        _until(stage, on, 20)
        await asyncio.gather(*(bill_families(stage, key, week) for key in stage.practices))


async def _evening(stage: Stage, key: str) -> None:
    await note_attendance(stage, key)
    await take_notes(stage, key)
    await bill_day(stage, key, held_too=letter_comes(stage, key))


def _until(stage: Stage, on: date, hour: int) -> None:
    instant = at(on, hour)
    if instant > stage.services.now():
        stage.clock.move_to(instant)


@asynccontextmanager
async def receiving_webhooks(services: Services, cards: StripeSimulator) -> AsyncIterator[None]:
    """Serve the product where the card processor's notices are sent, in this very event loop."""
    settings = services.settings
    config = uvicorn.Config(
        create_app(services),
        host=settings.host,
        port=settings.port,
        lifespan="off",
        log_config=None,
        access_log=False,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():
        await asyncio.sleep(0.02)
    cards.webhook_url = f"http://{settings.host}:{settings.port}/webhooks/stripe"
    try:
        yield
    finally:
        server.should_exit = True
        with suppress(SystemExit):
            await serving
