"""Money, quantities and dates as this payer reads and writes them; its own, so that it can be an oracle."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

_DECIMAL = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")


def is_number(text: str) -> bool:
    """Whether the text is a number of X12 type R."""
    return _DECIMAL.fullmatch(text) is not None


@lru_cache(maxsize=8_192)
def read_cents(text: str) -> int:
    """Cents of an amount that `is_number`; anything else is zero."""
    return int(Decimal(text) * 100) if is_number(text) else 0


@lru_cache(maxsize=8_192)
def amount(cents: int) -> str:
    """Cents as X12 writes money: a point only where needed."""
    whole = Decimal(cents) / 100
    return f"{whole:f}" if cents % 100 else f"{cents // 100}"


def share(cents: int, percent: int) -> int:
    """That percentage of an amount that is not negative, half a cent rounded up."""
    return (cents * percent + 50) // 100


def times(cents: int, units: str) -> int:
    """An amount per unit times the units as sent, half a cent rounded up."""
    return int((cents * Decimal(units)).quantize(Decimal(1), ROUND_HALF_UP))


@lru_cache(maxsize=4_096)
def read_day(text: str) -> date | None:
    """CCYYMMDD as a date, or None."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def day(on: date) -> str:
    """A date as CCYYMMDD."""
    return f"{on:%Y%m%d}"
