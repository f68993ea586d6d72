"""The outside world of an installation that has none: payers and a card processor, by the machine's clock."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from api.commands.demonstration.installing import simulated_cards, simulated_payers
from api.commands.demonstration.keeping import book_path
from api.settings import Settings
from domain.claims.ports import ClearinghouseDirectory
from integrations.clearinghouse.mailboxes import NoMailboxes, SimulatedMailboxes
from tenants.clock import SystemClock

HERE = ("127.0.0.1", "localhost")


@contextmanager
def simulated_world(settings: Settings) -> Iterator[ClearinghouseDirectory]:
    """The mailboxes at the simulated payers; the cards listen at `stripe_api_base` if that is this machine.

    Without the demonstration's book nobody has a mailbox. Raises OSError when the cards' port is taken.
    """
    address = urlsplit(settings.stripe_api_base or "")
    cards = simulated_cards(settings)
    cards.webhook_url = f"http://{settings.host}:{settings.port}/webhooks/stripe"
    if address.hostname in HERE:
        asyncio.run(cards.start(port=address.port or 0))
    clock = SystemClock()
    payers = simulated_payers(settings, clock) if book_path(settings.data_folder).exists() else None
    try:
        yield SimulatedMailboxes(payers, clock.now) if payers else NoMailboxes()
    finally:
        if payers:
            payers.close()
        asyncio.run(cards.stop())
