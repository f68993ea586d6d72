"""Quantities as people count them and as the ledger keeps them: units and hours are kept in minutes."""

from decimal import Decimal
from typing import Literal

from tenants.errors import Invalid

Kind = Literal["visits", "units", "hours", "days"]
LedgerUnit = Literal["visit", "minute", "day"]

LEDGER_UNIT: dict[str, LedgerUnit] = {"visits": "visit", "units": "minute", "hours": "minute", "days": "day"}
SHOWN_AS = {"visit": "visits", "minute": "units", "day": "days"}
SIZE = {"visits": 1, "units": 15, "hours": 60, "days": 1}
MOST = 1_000_000


class QuantityRefused(Invalid):
    """A quantity is nothing, negative, absurd, or not a whole number of visits, minutes or days."""

    code = "quantity_refused"


def to_ledger(quantity: Decimal, kind: Kind, pointer: str) -> int:
    """A quantity as the ledger keeps it: 2.25 hours are 135 minutes. Raises QuantityRefused."""
    if not quantity.is_finite() or not 0 < quantity <= MOST:
        raise QuantityRefused("a quantity is more than nothing and less than a million", pointer=pointer)
    kept = quantity * SIZE[kind]
    if kept != kept.to_integral_value():
        raise QuantityRefused(f"{kind} cannot be counted in such a part", pointer=pointer)
    return int(kept)


def to_shown(amount: int, kind: str) -> Decimal:
    """What the ledger keeps, as people count it: 135 minutes are 2.25 hours or 9 units."""
    return Decimal(amount) / SIZE[kind]


def words(amount: int, kind: str) -> str:
    """A quantity for people: "2.25 hours", "1 visit"; parts are rounded to hundredths."""
    shown = round(to_shown(amount, kind), 2)
    return f"{shown.normalize():f} {kind if shown != 1 else kind[:-1]}"
