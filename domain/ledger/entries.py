"""What callers hand to `post()`: accounts by their owner, amounts between two, and the event behind them."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from tenants.ids import account_id


class Stamp(Struct, frozen=True):
    """In which practice, by whom and when something is recorded; `recorded_at` is the clock's now."""

    practice_id: UUID
    actor_id: UUID
    recorded_at: datetime


class AccountRef(Struct, frozen=True):
    """An account by its owner; it is opened by its first use and never looked up."""

    owner_kind: str
    owner_id: UUID
    kind: str
    unit: str = "usd"

    @property
    def id(self) -> UUID:
        """The one id that this account can have within its practice."""
        return account_id(self.owner_kind, self.owner_id, self.kind, self.unit)


class Entry(Struct, frozen=True):
    """One amount (cents, or the unit of both accounts) out of `debit`'s and into `credit`'s account.

    `effective_on` is the date that a balance *on* a date goes by.
    """

    debit: AccountRef
    credit: AccountRef
    amount: int
    kind: str
    effective_on: date


class JournalEntry(Struct, frozen=True):
    """One business event, posted once per round of (`kind`, `source`) whoever repeats it.

    Kinds that begin with `limit.` and `reverse.` belong to the ledger itself. `again`, for `limit.` only,
    makes each post a round of its own: the limit's lock already makes the event happen once.
    """

    kind: str
    source: str
    entries: Sequence[Entry]
    reason: str | None = None
    again: bool = False


class Reversal(Struct, frozen=True):
    """Un-posting of one journal: its transfers, turned round, on their own dates or on `effective_on`."""

    journal_id: UUID
    reason: str
    effective_on: date | None = None


class PostedJournal(Struct, frozen=True):
    """A journal that this post wrote, under its round."""

    id: UUID
    kind: str
    source: str
    round: int


class Posted(Struct, frozen=True):
    """What a post did: what was new, and what stood there already.

    `repeated` are (kind, source) of open rounds. `reversed` and `already_reversed` are the ids of originals.
    """

    new: tuple[PostedJournal, ...]
    repeated: frozenset[tuple[str, str]]
    reversed: frozenset[UUID]
    already_reversed: frozenset[UUID]
