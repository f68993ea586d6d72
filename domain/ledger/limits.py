"""What may happen to a limit, as values: grants, overrides, cuts, expiry, re-anchoring, and draws."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from msgspec import Struct

from domain.ledger.entries import AccountRef, Posted
from tenants.errors import Conflict


class LimitRef(Struct, frozen=True, order=True):
    """A limited quantity: an authorization block, a benefit limit or a referral, in one unit."""

    kind: str
    id: UUID
    unit: str

    def account(self, kind: str) -> AccountRef:
        """One of the limit's accounts."""
        return AccountRef(self.kind, self.id, kind, self.unit)


class NothingLeft(Conflict):
    """A booking needs more than the limit has available; nothing was written, other moves may be tried."""

    code: ClassVar[str] = "nothing_left"

    def __init__(self, limit: LimitRef, wanted: int, available: int) -> None:
        super().__init__(f"{limit.kind} {limit.id} has {available} {limit.unit} left, {wanted} needed")
        self.limit = limit
        self.wanted = wanted
        self.available = available


class Grant(Struct, frozen=True, kw_only=True):
    """A quantity that a payer gives; it first covers what exceeded the limit, oldest use first.

    `source` names the event within the limit (a version of the authorization): posted once.
    """

    limit: LimitRef
    amount: int
    on: date
    source: str
    reason: str | None = None


class Override(Struct, frozen=True, kw_only=True):
    """Room beyond the grant, by somebody with the permission (the caller's to check) and a reason.

    It covers nothing by itself: the booking it was made for follows in the same call or a later one.
    """

    limit: LimitRef
    amount: int
    on: date
    source: str
    reason: str


class Shrink(Struct, frozen=True, kw_only=True):
    """A payer's cut; what is used or booked already goes over the limit, bookings and latest first."""

    limit: LimitRef
    amount: int
    on: date
    source: str
    reason: str


class Reanchor(Struct, frozen=True, kw_only=True):
    """The payer's count wins: `change` units more (or fewer, negative) than our books say."""

    limit: LimitRef
    change: int
    on: date
    source: str
    reason: str


class Expire(Struct, frozen=True, kw_only=True):
    """The last day `on` has passed: what is unused expires. A late fact of that day or before revives it."""

    limit: LimitRef
    on: date
    reason: str | None = None


class DrawMove(Struct, frozen=True, kw_only=True):
    """Bring a subject's (appointment's, visit's or line's) draw to a stage; `stage` None releases it.

    Any stage can be the first or the next, forwards or backwards; the same again changes nothing. Subjects
    with one `counted_key` are counted once, with their greatest amount, at their furthest stage. A booking
    must fit unless it is a `fact` (mirrored from another system); later stages are facts always.
    """

    limit: LimitRef
    counted_key: str
    subject_id: UUID
    stage: str | None
    drawn_on: date
    amount: int = 1
    fact: bool = False


Step = Grant | Override | Shrink | Reanchor | Expire | DrawMove


class DrawResult(Struct, frozen=True):
    """Where a draw stands now; `over` is how much of what is counted exceeds the limit."""

    limit: LimitRef
    counted_key: str
    subject_id: UUID
    stage: str | None
    over: int
    over_before: int


class Used(Struct, frozen=True):
    """What a call did to limits.

    `draws` answers each DrawMove in order; `affected` are other draws whose `over` changed (open or close
    work for them); `available` is what each limit has left; `repeated` are steps whose source was posted
    earlier.
    """

    posted: Posted
    draws: tuple[DrawResult, ...]
    affected: tuple[DrawResult, ...]
    available: dict[LimitRef, int]
    repeated: tuple[Step, ...]
