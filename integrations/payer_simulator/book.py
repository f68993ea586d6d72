"""The book of simulated payers: what each pays, to whom, since when. Data only; dates include both ends."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct, json

from integrations.payer_simulator.magic import Outcome

Amount = Annotated[int, Meta(ge=0)]
Percent = Annotated[int, Meta(ge=0, le=100)]


class Fee(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is allowed for one unit of a code on dates of service in the range."""

    code: str
    allowed_cents: Amount
    from_on: date
    to_on: date | None = None


class Terms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The plan's rules for dates of service in the range; a date without terms is not covered.

    `deductible_cents` is per calendar year; the copay is taken once per member and date of service;
    `authorization_codes` need an authorization ("*" for every code); a code without a fee is denied
    unless `other_codes_percent` of the charge is allowed for it.
    """

    from_on: date
    to_on: date | None = None
    copay_cents: Amount = 0
    coinsurance_percent: Percent = 0
    deductible_cents: Amount = 0
    filing_days: Annotated[int, Meta(ge=1)] = 180
    authorization_codes: tuple[str, ...] = ()
    other_codes_percent: Percent | None = None


class Member(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One stretch of coverage; None means as the terms say. The same id may have several stretches.

    `deductible_met_cents` was met elsewhere in the calendar year in which the stretch begins.
    """

    member_id: str
    from_on: date
    to_on: date | None = None
    copay_cents: Amount | None = None
    coinsurance_percent: Percent | None = None
    deductible_cents: Amount | None = None
    deductible_met_cents: Amount = 0
    authorization_needed: bool | None = None


class AuthorizedBlock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was authorized under a number: visits (dates of service) or units of the codes (none: any).

    A number may have several blocks; a line draws on each one that names its code.
    """

    number: str
    member_id: str
    granted: Annotated[int, Meta(ge=0)]
    counted_in: Literal["visit", "unit"]
    from_on: date
    to_on: date
    codes: tuple[str, ...] = ()

    def covers(self, code: str) -> bool:
        """Whether a line of the code draws on the block."""
        return not self.codes or code in self.codes


class Mishap(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An outcome that strikes one claim in so many, the same ones on every run, never a resubmission."""

    outcome: Outcome
    one_in: Annotated[int, Meta(ge=1)]


class Payer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One payer; `id` is what 2010BB NM109 says; `filing_indicator` is what CLP06 says.

    The 835 comes `pays_after_days` (from, to) calendar days after receipt, moved to a business day;
    the 277CA within `acknowledges_within_hours`. A workers' compensation payer shares no cost.
    """

    id: str
    name: str
    fees: tuple[Fee, ...]
    terms: tuple[Terms, ...]
    members: tuple[Member, ...] = ()
    authorizations: tuple[AuthorizedBlock, ...] = ()
    mishaps: tuple[Mishap, ...] = ()
    unknown_members: Literal["reject", "deny", "cover"] = "reject"
    workers_compensation: bool = False
    magic_charges: bool = False
    pays_after_days: tuple[Annotated[int, Meta(ge=0)], Annotated[int, Meta(ge=0)]] = (9, 14)
    acknowledges_within_hours: Annotated[int, Meta(ge=1, le=24)] = 20
    payment_method: Literal["ACH", "CHK"] = "ACH"
    filing_indicator: str = "12"
    tax_id: Annotated[str, Meta(pattern="^[0-9]{9}$")] = "999999999"
    street: str = "1 SIMULATION WAY"
    city: str = "SPRINGFIELD"
    state: str = "MA"
    zip: str = "01103"
    phone: Annotated[str, Meta(pattern="^[0-9]{10}$")] = "8005550100"


class PayerBook(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every payer that can be reached; a claim for another payer is rejected in the 277CA."""

    payers: tuple[Payer, ...]


def read_book(data: bytes) -> PayerBook:
    """The book from JSON; raises msgspec.ValidationError naming the field."""
    return json.decode(data, type=PayerBook)


def write_book(book: PayerBook) -> bytes:
    """The book as JSON that `read_book` takes."""
    return json.format(json.encode(book))
