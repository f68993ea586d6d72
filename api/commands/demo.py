"""`visitledger demo`: the weeks of three practices, played through the product in a database of their own."""

import asyncio
import socket
import time
from datetime import date
from pathlib import Path

import click
import msgspec
from uvicorn.loops.auto import auto_loop_factory

from api.commands import CommandRefused
from api.commands.checks import prove_database
from api.commands.demonstration.company import found_company, signing_in
from api.commands.demonstration.figures import Figures, look_at_all, say_week, table
from api.commands.demonstration.keeping import fresh_passwords
from api.commands.demonstration.payer_book import payer_book
from api.commands.demonstration.playing import make_play, play_days, receiving_webhooks, set_stage
from api.commands.demonstration.sizes import SIZES
from api.commands.demonstration.stage import Play, at
from api.commands.run import embedded_settings
from api.commands.serve import end_cleanly
from api.services import compose
from api.settings import Settings
from domain.ledger.invariants import Broken
from integrations.clearinghouse.mailboxes import SimulatedMailboxes
from integrations.payer_simulator import PayerSimulator
from integrations.stripe.simulator import StripeSimulator
from tenants.clock import MovedClock

DATABASE = "visitledger_demo"
STARTS_ON = date(2026, 3, 2)


@click.command()
@click.option("--seed", default=1, show_default=True, help="The same seed plays the same weeks.")
@click.option("--size", type=click.Choice(list(SIZES)), default="full", show_default=True)
@click.option(
    "--x12", type=click.Path(path_type=Path), help="Keep every X12 file that passed, in this folder."
)
@click.option("--data", default=".data", show_default=True, type=click.Path(path_type=Path))
def demo(seed: int, size: str, x12: Path | None, data: Path) -> None:
    """Play eight weeks of three practices against simulated payers and print what came of it."""
    end_cleanly()
    began = time.monotonic()
    with embedded_settings(data, _free_port(), {}, database=DATABASE, afresh=True) as settings:
        prove_database(settings)
        play = make_play(seed, SIZES[size], STARTS_ON)
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            found, broken = runner.run(perform(settings, play, x12))
    seconds = time.monotonic() - began
    click.echo(f"\n{table(found)}\n\n{len(play.sessions)} planned sessions in {seconds:.0f} seconds.")
    if broken:
        raise CommandRefused(f"The ledger does not hold: {broken[0]} and {len(broken) - 1} more.")


async def perform(
    settings: Settings, play: Play, x12: Path | None
) -> tuple[dict[str, Figures], list[Broken]]:
    """Play it all; the figures of each practice by its name, and whatever its ledger has broken."""
    clock = MovedClock(at(play.starts_on, 6))
    cards = _cards(settings, clock)
    await cards.start()
    payer = PayerSimulator(payer_book(play.courses, play.starts_on), None, clock.now)
    services = compose(
        msgspec.structs.replace(settings, stripe_api_base=cards.base_url),
        clock=clock,
        mailboxes=SimulatedMailboxes(payer, clock.now, x12),
    )
    try:
        async with receiving_webhooks(services, cards):
            passwords = fresh_passwords(signing_in())
            founded = await found_company(services, play, passwords)
            stage = await set_stage(play, services, clock, cards, founded, passwords)
            await play_days(stage, 0, play.size.all_days, say_week)
        return await look_at_all(stage)
    finally:
        await services.close()
        await cards.stop()
        payer.close()


def _cards(settings: Settings, clock: MovedClock) -> StripeSimulator:
    """A card processor that knows our secrets and lives by the play's clock."""
    return StripeSimulator(
        secret_key=settings.stripe_secret_key,
        webhook_secret=settings.stripe_webhook_secrets[0],
        now=clock.now,
    )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
