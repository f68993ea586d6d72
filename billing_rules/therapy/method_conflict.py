"""One session under the methods of two payers: both results for each code, and what the difference is worth.

A secondary that counts otherwise than the primary gets the primary's claim all the same; whoever bills must
see beforehand what each would count and the money between them.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from billing_rules.money import Cents
from billing_rules.therapy.timed_units import UnitMethod


class Counted(Struct, frozen=True, kw_only=True):
    """What one payer makes of a session: its method, units by code, charges and what it should allow."""

    method: UnitMethod
    units: dict[str, int]
    charges: dict[str, Cents | None]
    expected: dict[str, Cents | None]


class LineConflict(Struct, frozen=True, kw_only=True):
    """One code under both methods; differences are the secondary's less the primary's, null if unknown."""

    code: str
    primary_units: int
    secondary_units: int
    units_difference: int
    primary_charge_cents: Cents | None
    secondary_charge_cents: Cents | None
    charge_difference_cents: Cents | None
    primary_expected_cents: Cents | None
    secondary_expected_cents: Cents | None
    expected_difference_cents: Cents | None


class MethodConflict(Struct, frozen=True, kw_only=True):
    """Both methods' results over all codes, and the effect in money, by charges and as expected."""

    primary_method: UnitMethod
    secondary_method: UnitMethod
    primary_units: int
    secondary_units: int
    units_difference: int
    charge_difference_cents: Cents | None
    expected_difference_cents: Cents | None
    lines: tuple[LineConflict, ...]

    @property
    def disagrees(self) -> bool:
        """Whether any code has other units."""
        return any(line.units_difference for line in self.lines)


def method_conflict(primary: Counted, secondary: Counted) -> MethodConflict:
    """Both results side by side for every code that either payer counts."""
    codes = sorted(set(primary.units) | set(secondary.units))
    lines = tuple(_line(code, primary, secondary) for code in codes)
    units = (sum(primary.units.values()), sum(secondary.units.values()))
    return MethodConflict(
        primary_method=primary.method,
        secondary_method=secondary.method,
        primary_units=units[0],
        secondary_units=units[1],
        units_difference=units[1] - units[0],
        charge_difference_cents=_sum(line.charge_difference_cents for line in lines),
        expected_difference_cents=_sum(line.expected_difference_cents for line in lines),
        lines=lines,
    )


def _line(code: str, primary: Counted, secondary: Counted) -> LineConflict:
    units = (primary.units.get(code, 0), secondary.units.get(code, 0))
    charges = (_of(primary, primary.charges, code), _of(secondary, secondary.charges, code))
    expected = (_of(primary, primary.expected, code), _of(secondary, secondary.expected, code))
    return LineConflict(
        code=code,
        primary_units=units[0],
        secondary_units=units[1],
        units_difference=units[1] - units[0],
        primary_charge_cents=charges[0],
        secondary_charge_cents=charges[1],
        charge_difference_cents=_difference(*charges),
        primary_expected_cents=expected[0],
        secondary_expected_cents=expected[1],
        expected_difference_cents=_difference(*expected),
    )


def _of(counted: Counted, money: Mapping[str, Cents | None], code: str) -> Cents | None:
    return money.get(code) if counted.units.get(code) else 0


def _difference(first: Cents | None, second: Cents | None) -> Cents | None:
    return None if first is None or second is None else second - first


def _sum(amounts: Iterable[Cents | None]) -> Cents | None:
    total = 0
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total
