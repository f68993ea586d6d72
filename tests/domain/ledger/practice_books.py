"""One practice's ledger in the hands of a test: each call is one transaction through the practice door."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from domain.ledger.balances import Standing, balances, balances_of, entries_behind, standings
from domain.ledger.draws import use_limits
from domain.ledger.entries import AccountRef, Entry, JournalEntry, Posted, Reversal, Stamp
from domain.ledger.invariants import Broken, verify
from domain.ledger.limits import LimitRef, Step, Used
from domain.ledger.posting import post
from tenants.database import Database
from tenants.ids import new_id
from tests.conftest import Tenant

DAY = date(2026, 3, 2)


def day(number: int) -> date:
    """The date so many days after the first."""
    return DAY + timedelta(days=number)


class Seen(Struct, frozen=True, kw_only=True):
    """A ledger at one moment; `replayed` are the sums of the entries behind the balances."""

    broken: list[Broken]
    standings: dict[LimitRef, Standing]
    balances: dict[AccountRef, int]
    replayed: dict[AccountRef, int]


class Books:
    """The ledger of one practice."""

    def __init__(self, database: Database, tenant: Tenant) -> None:
        self.database = database
        self.tenant = tenant
        self.practice_id = tenant.practice_id

    def own(self, kind: str) -> AccountRef:
        """One of the practice's own accounts."""
        return AccountRef("practice", self.practice_id, kind)

    def stamp(self) -> Stamp:
        """Now, by the owner."""
        return Stamp(self.practice_id, self.tenant.actor.id, self.database.clock.now())

    async def post(self, *journals: JournalEntry, reversals: Sequence[Reversal] = ()) -> Posted:
        """Post in a transaction."""
        async with self.database.practice_transaction(self.tenant.actor, self.practice_id) as session:
            return await post(session, self.stamp(), journals, reversals)

    async def use(self, *steps: Step) -> Used:
        """Take steps on limits in a transaction."""
        async with self.database.practice_transaction(self.tenant.actor, self.practice_id) as session:
            return await use_limits(session, self.stamp(), steps)

    async def verify(self) -> list[Broken]:
        """What is wrong, owners aside: the tests' owners have no tables."""
        async with self.database.practice_transaction(self.tenant.actor, self.practice_id) as session:
            return await verify(session, self.practice_id, owners={})

    async def balances(
        self, *refs: AccountRef, as_of: datetime | None = None, on: date | None = None
    ) -> list[int]:
        """Balances in the order of the accounts."""
        async with self.database.practice_transaction(self.tenant.actor, self.practice_id) as session:
            found = await balances(session, self.practice_id, refs, as_of=as_of, on=on)
        return [found[ref] for ref in refs]

    async def observe(self, limits: list[LimitRef], refs: list[AccountRef]) -> Seen:
        """Everything that a test compares after a step, in one transaction."""
        async with self.database.practice_transaction(self.tenant.actor, self.practice_id) as session:
            practice_id = self.practice_id
            behind = {ref: await entries_behind(session, practice_id, ref) for ref in refs}
            return Seen(
                broken=await verify(session, practice_id, owners={}),
                standings=await standings(session, practice_id, limits),
                balances=await balances(session, practice_id, refs),
                replayed={ref: sum(entry.amount for entry in entries) for ref, entries in behind.items()},
            )

    async def owed(self, line_id: UUID) -> dict[str, int]:
        """Who owes what of a claim line."""
        async with self.database.practice_transaction(self.tenant.actor, self.practice_id) as session:
            found = await balances_of(session, self.practice_id, "claim_line", [line_id])
        return {ref.kind: cents for ref, cents in found[line_id].items()}

    async def standing(self, limit: LimitRef) -> Standing:
        """Where a limit stands."""
        async with self.database.practice_transaction(self.tenant.actor, self.practice_id) as session:
            return (await standings(session, self.practice_id, [limit]))[limit]


def line(line_id: UUID, kind: str = "insurer_1") -> AccountRef:
    """An account of a claim line."""
    return AccountRef("claim_line", line_id, kind)


def payment(payment_id: UUID, kind: str = "unapplied") -> AccountRef:
    """An account of a payment."""
    return AccountRef("payment", payment_id, kind)


def journal(kind: str, debit: AccountRef, credit: AccountRef, cents: int, source: str = "") -> JournalEntry:
    """A journal of one entry, with a source of its own unless one is given."""
    return JournalEntry(kind, source or str(new_id()), [Entry(debit, credit, cents, kind, DAY)])
