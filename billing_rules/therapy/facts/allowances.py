"""What the allowances know of a claim's lines: the approvals they rest on and the limits they exceed."""

from datetime import date

from msgspec import Struct


class ApprovalFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one block of an authorization was granted for; null means any, ids are opaque."""

    number: str
    starts_on: date
    ends_on: date | None
    codes: tuple[str, ...] | None
    discipline: str | None
    provider: str | None
    location: str | None


class LineApproval(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The number that stands on a line, and who treated where, to be compared with the approval.

    `over` is by how much the line exceeds its approval, in `unit`.
    """

    number: str | None
    provider: str | None
    location: str | None
    over: int = 0
    unit: str = "visit"


class LimitFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A benefit limit that lines of the claim draw on; `over` is by how much they exceed it, in `unit`."""

    line: int
    unit: str
    quantity: int
    starts_on: date
    ends_on: date
    hard: bool
    over: int
    source: str
