"""Playing the weeks day by day on a moved clock; interrupted, it goes on with the day it was in."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta

import uvicorn

from api.app import create_app
from api.commands.demonstration.attending import book_week, note_attendance, recall, take_notes
from api.commands.demonstration.billing import bill_day
from api.commands.demonstration.caseload import courses
from api.commands.demonstration.company import Founded
from api.commands.demonstration.diary import diary
from api.commands.demonstration.paying import FRIDAY, bill_families
from api.commands.demonstration.registering import register_everybody
from api.commands.demonstration.scenes import act
from api.commands.demonstration.sizes import DAYS_A_WEEK, Size
from api.commands.demonstration.stage import Play, Stage, at
from api.commands.demonstration.stories import letter_comes, tell
from api.services import Services
from api.task_runner import drain
from integrations.stripe.simulator import StripeSimulator
from tenants.clock import MovedClock

SETTLING_STARTS_WEEK = 2
AfterDay = Callable[[Stage, int], Awaitable[None]]


def make_play(seed: int, size: Size, starts_on: date) -> Play:
    """Everything that will happen, from the seed, the size and the first day."""
    people = courses(seed, size, starts_on)
    sessions = diary(seed, size, people, starts_on)
    return Play(seed=seed, size=size, starts_on=starts_on, courses=people, sessions=sessions)


async def set_stage(
    play: Play,
    services: Services,
    clock: MovedClock,
    cards: StripeSimulator,
    founded: Founded,
    passwords: dict[str, str],
) -> Stage:
    """The stage with everybody registered, and with all that an interrupted play has left."""
    stage = Stage(
        play=play,
        services=services,
        clock=clock,
        cards=cards,
        actor=founded.actor,
        practices=founded.practices,
        passwords=passwords,
    )
    await register_everybody(stage)
    await recall(stage)
    return stage


async def play_days(
    stage: Stage, first: int, last: int, after_day: AfterDay, *, not_beyond: datetime | None = None
) -> None:
    """Play the days from `first` to before `last`, counted from the first day; each ends worked off.

    The clock is never moved beyond `not_beyond`.
    """
    for day in range(first, last):
        await _play_day(stage, day)
        morning = at(stage.play.starts_on + timedelta(days=day + 1), 7)
        await drain(stage.services, until=min(morning, not_beyond or morning))
        await after_day(stage, day)


async def _play_day(stage: Stage, day: int) -> None:
    """One day, hour by hour; within an hour the practices work side by side."""
    on, size = stage.play.starts_on + timedelta(days=day), stage.play.size
    week = day // DAYS_A_WEEK
    if day % DAYS_A_WEEK == 0 and week < size.weeks:
        await asyncio.gather(*(book_week(stage, key, on) for key in stage.practices))
    _until(stage, on, 9)
    await tell(stage)
    await act(stage)
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
    config = uvicorn.Config(create_app(services), lifespan="off", log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    with socket.create_server((settings.host, settings.port)) as listener:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        cards.webhook_url = f"http://{settings.host}:{settings.port}/webhooks/stripe"
        try:
            yield
        finally:
            server.should_exit = True
            await serving
