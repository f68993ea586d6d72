"""The demonstration of an installation: played once up to yesterday, resumed if it was interrupted."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import click
import msgspec

from api.commands.demonstration.company import found_company, signing_in
from api.commands.demonstration.company_plan import COMPANY, SLUG
from api.commands.demonstration.figures import say_week
from api.commands.demonstration.keeping import (
    FOLDER,
    Kept,
    book_path,
    cards_path,
    fresh_passwords,
    keep,
    payer_path,
    recall_kept,
)
from api.commands.demonstration.payer_book import payer_book
from api.commands.demonstration.playing import make_play, play_days, receiving_webhooks, set_stage
from api.commands.demonstration.showing import keep_link, show
from api.commands.demonstration.sizes import SIZES
from api.commands.demonstration.stage import ZONE, Play, Stage, at
from api.services import Services, compose
from api.settings import Settings
from integrations.clearinghouse.mailboxes import SimulatedMailboxes
from integrations.payer_simulator import PayerSimulator, read_book, write_book
from integrations.stripe.simulator import StripeSimulator
from integrations.stripe.simulator.world import machine_time
from tenants.clock import Clock, MovedClock

SEED = 1


async def install(services: Services, size: str = "full") -> None:
    """Have the demonstration in the product's own database, and say where to look.

    Needs `stripe_api_base` on this machine with its port free. The clock of the play is its own; the
    services' clock says what yesterday is.
    """
    folder = services.settings.data_folder
    company = await services.database.directory_lookup("slug", SLUG)
    kept = recall_kept(folder)
    if company is not None and kept is None:
        click.echo(f"{COMPANY} is here, but {folder / 'demonstration.json'} with its passwords is gone.")
        return
    if kept is None or company is None:
        kept = _begin(services, size)
    if not kept.is_ready:
        click.echo(f"Playing {SIZES[kept.size].weeks} weeks of {COMPANY}; this happens once.")
        kept = await _play(services, kept)
    show(services.settings, await keep_link(services, kept))


def _begin(services: Services, size: str) -> Kept:
    """Nothing is played yet; what a lost database has left here is of no use."""
    folder = services.settings.data_folder
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    yesterday = services.now().astimezone(ZONE).date() - timedelta(days=1)
    fresh = Kept(
        seed=SEED,
        size=size,
        starts_on=SIZES[size].ending_on(yesterday),
        played_days=0,
        is_ready=False,
        passwords=fresh_passwords(signing_in()),
        link=None,
    )
    return keep(folder, fresh)


async def _play(services: Services, kept: Kept) -> Kept:
    """Play the days that are missing, each kept when it is over."""
    folder, play = services.settings.data_folder, make_play(kept.seed, SIZES[kept.size], kept.starts_on)
    clock = MovedClock(_reached(play, kept.played_days))
    payer = _payers_of(play, folder, clock)
    moved = compose(services.settings, clock=clock, mailboxes=SimulatedMailboxes(payer, clock.now))
    cards = simulated_cards(services.settings, clock)

    async def after_day(stage: Stage, day: int) -> None:
        nonlocal kept
        kept = keep(folder, msgspec.structs.replace(kept, played_days=day + 1))
        await say_week(stage, day)

    await cards.start(port=urlsplit(services.settings.stripe_api_base or "").port or 0)
    try:
        async with receiving_webhooks(moved, cards):
            founded = await found_company(moved, play, kept.passwords)
            stage = await set_stage(play, moved, clock, cards, founded, kept.passwords)
            days = (kept.played_days, play.size.session_days)
            await play_days(stage, *days, after_day, not_beyond=services.now())
    finally:
        await moved.close()
        await cards.stop()
        payer.close()
    return keep(folder, msgspec.structs.replace(kept, is_ready=True))


def _payers_of(play: Play, folder: Path, clock: MovedClock) -> PayerSimulator:
    """The payers of the play, with their book written down for those who come after it."""
    book = payer_book(play.courses, play.starts_on)
    book_path(folder).parent.mkdir(parents=True, exist_ok=True)
    book_path(folder).write_bytes(write_book(book))
    return PayerSimulator(book, payer_path(folder), clock.now)


def _reached(play: Play, played_days: int) -> datetime:
    """The morning of the first day that is not over."""
    return at(play.starts_on + timedelta(days=played_days), 7 if played_days else 6)


def simulated_cards(settings: Settings, clock: MovedClock | None = None) -> StripeSimulator:
    """The installation's card processor, by a clock of the play or by the machine's."""
    return StripeSimulator(
        secret_key=settings.stripe_secret_key,
        webhook_secret=settings.stripe_webhook_secrets[0],
        state_path=cards_path(settings.data_folder),
        now=clock.now if clock else machine_time,
    )


def simulated_payers(settings: Settings, clock: Clock) -> PayerSimulator:
    """The installation's payers, with the book that the demonstration was played by."""
    book = read_book(book_path(settings.data_folder).read_bytes())
    return PayerSimulator(book, payer_path(settings.data_folder), clock.now)
