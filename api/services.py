"""The composition root: everything that the ways in hand down to operations."""

from dataclasses import dataclass
from datetime import UTC, datetime

from api.settings import Settings
from domain.claims.ports import ClearinghouseDirectory
from domain.patient_billing.ports import CardProcessor
from domain.practices.ports import SheetReader
from domain.practices.shelf import use_packs
from integrations.clearinghouse.mailboxes import NoMailboxes
from integrations.clearinghouse.x12_files import X12Files
from integrations.spreadsheets import Spreadsheets
from integrations.stripe import StripeProcessor
from migrations.runner import sqlalchemy_url
from tenants.cipher import FileCipher
from tenants.clock import Clock, SystemClock
from tenants.database import Database
from tenants.passwords import Passwords


@dataclass(frozen=True, kw_only=True)
class Services:
    """What a route, a task or a command may use; one set per event loop, as connections belong to one."""

    settings: Settings
    database: Database
    clock: Clock
    cipher: FileCipher
    passwords: Passwords
    cards: CardProcessor
    files: X12Files
    mailboxes: ClearinghouseDirectory
    sheets: SheetReader

    def now(self) -> datetime:
        """The present instant by the product's clock."""
        return self.clock.now().astimezone(UTC)

    async def close(self) -> None:
        """Give back what was opened."""
        await self.cards.close()
        await self.database.close()


def compose(
    settings: Settings, *, clock: Clock | None = None, mailboxes: ClearinghouseDirectory | None = None
) -> Services:
    """Build the services of one event loop from the settings; nothing is opened yet.

    The packs are those of the process: every loop of it judges by one shelf.
    """
    use_packs(settings.rule_packs)
    clock = clock or SystemClock()
    return Services(
        settings=settings,
        database=Database(
            sqlalchemy_url(settings.database_url),
            clock=clock,
            pepper=settings.pepper,
            pool_size=settings.pool_size,
        ),
        clock=clock,
        cipher=FileCipher(settings.file_key),
        passwords=Passwords(),
        cards=StripeProcessor(
            settings.stripe_secret_key, settings.stripe_webhook_secrets, settings.stripe_api_base
        ),
        files=X12Files(),
        mailboxes=mailboxes or NoMailboxes(),
        sheets=Spreadsheets(),
    )
