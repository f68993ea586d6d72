"""A payer's contract as code: dated versions, their rate rows, and which row prices a line on a date."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal, TypeAlias

from dateutil.relativedelta import relativedelta
from msgspec import Struct

from billing_rules.days import within
from billing_rules.money import BASIS_POINTS, Cents, percent
from billing_rules.therapy.fee_schedules import Locality
from billing_rules.therapy.payment_trace import share, shown

Method: TypeAlias = Literal[
    "flat", "steps", "percent_of_medicare", "percent_of_charge", "case_rate", "per_diem"
]
"""Per unit; first and further units; of Medicare's fee; of our charge; per visit; per day."""

ANY_CODE = "*"
AMOUNT_METHODS = frozenset({"flat", "steps", "case_rate", "per_diem"})


class RateRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of a rate sheet; `number` is its line there, code `*` any code, dates are inclusive.

    `rate_cents` is the amount per unit, visit or day, or of the first unit where further ones pay
    `further_cents`. `medicare_on` fixes the fee schedule of a past date; null is that of the date of service.
    """

    number: int
    code: str
    modifiers: tuple[str, ...] = ()
    credential: str | None = None
    method: Method
    rate_cents: Cents | None = None
    further_cents: Cents | None = None
    basis_points: int | None = None
    medicare_on: date | None = None
    locality: Locality | None = None
    units_per_day: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None

    @property
    def key(self) -> tuple[str, tuple[str, ...], str | None]:
        """What makes two rows speak of the same service."""
        return (self.code, tuple(sorted(self.modifiers)), self.credential)

    def __str__(self) -> str:
        """Name the row for people: its line, what it is for and what it pays."""
        whom = " ".join(part for part in (self.code, *self.modifiers, self.credential or "") if part)
        return f"row {self.number}: {whom} {self.pays}"

    @property
    def pays(self) -> str:
        """What the row pays, in words."""
        amount, part = shown(self.rate_cents), share(self.basis_points or 0)
        told = {
            "flat": f"{amount} per unit",
            "steps": f"{amount} for the first unit, {shown(self.further_cents)} for each further one",
            "percent_of_medicare": f"{part} of Medicare {self.medicare_on or 'on the date of service'}"
            f"{f' in {self.locality}' if self.locality else ''}",
            "percent_of_charge": f"{part} of the charge",
            "case_rate": f"{amount} per visit",
            "per_diem": f"{amount} per day",
        }[self.method]
        return told if self.units_per_day is None else f"{told}, at most {self.units_per_day} units a day"


class Fallback(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What pays a code without a row: a share of Medicare's fee or of the charge."""

    of: Literal["medicare", "charge"]
    basis_points: int
    medicare_on: date | None = None
    locality: Locality | None = None


class Terms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a contract says beside its rates; the escalator raises amounts on each anniversary, in cents each.

    `follows_medicare_reductions` applies the multiple procedure reduction to what is paid by Medicare's fee.
    """

    lesser_of_charge: bool = True
    follows_medicare_reductions: bool = False
    assistant_basis_points: int = BASIS_POINTS
    sequestration_basis_points: int = 0
    escalator_basis_points: int = 0
    fallback: Fallback | None = None


class Contract(Struct, frozen=True, kw_only=True):
    """One version of a payer's contract, in force on dates of service from its start on."""

    id: str
    name: str
    starts_on: date
    ends_on: date | None
    terms: Terms
    rows: tuple[RateRow, ...]

    def __str__(self) -> str:
        """Name the version for people."""
        until = "on" if self.ends_on is None else f"to {self.ends_on}"
        return f"contract {self.name} from {self.starts_on} {until}"


def contract_on(versions: Iterable[Contract], on: date) -> Contract | None:
    """The version that answers for a date of service: of those that cover it, the one that started last."""
    covering = [v for v in versions if within(on, v.starts_on, v.ends_on)]
    return max(covering, key=lambda version: version.starts_on, default=None)


def rate_row(
    rows: Iterable[RateRow], code: str, modifiers: Sequence[str], credential: str | None, on: date
) -> RateRow | None:
    """The most specific row that speaks of a service: its code, then most modifiers, then the credential.

    Among rows with equally many modifiers the one whose modifier stands first on the line wins.
    """
    speaking = [row for row in rows if _speaks(row, code, modifiers, credential, on)]
    return max(speaking, key=lambda row: _specificity(row, modifiers), default=None)


def _speaks(row: RateRow, code: str, modifiers: Sequence[str], credential: str | None, on: date) -> bool:
    return (
        row.code in (code, ANY_CODE)
        and set(row.modifiers) <= set(modifiers)
        and row.credential in (None, credential)
        and (row.starts_on is None or row.starts_on <= on)
        and (row.ends_on is None or on <= row.ends_on)
    )


def _specificity(row: RateRow, modifiers: Sequence[str]) -> tuple[bool, int, bool, tuple[int, ...]]:
    places = tuple(-list(modifiers).index(modifier) for modifier in row.modifiers)
    named = tuple(sorted(places, reverse=True))
    return (row.code != ANY_CODE, len(row.modifiers), row.credential is not None, named)


def years_passed(contract: Contract, on: date) -> int:
    """Anniversaries of the version's start up to a date, that of the start itself not counted."""
    return max(0, relativedelta(on, contract.starts_on).years)


def escalated(cents: Cents, contract: Contract, on: date) -> Cents:
    """An agreed amount as it stands on a date: raised and rounded to the cent on each anniversary."""
    for _ in range(years_passed(contract, on)):
        cents += percent(cents, contract.terms.escalator_basis_points)
    return cents
