"""When the payer acts: business days of the United States, and chances that fall the same on every run."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256

import holidays

PAYMENT_TIME = time(11, 0, tzinfo=UTC)


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("US", years=year))


def business_day(on: date) -> date:
    """The date itself, or the next one that is neither weekend nor federal holiday."""
    while on.weekday() > 4 or on in _holidays(on.year):
        on += timedelta(days=1)
    return on


def next_business_day(on: date) -> date:
    """The first business day after a date."""
    return business_day(on + timedelta(days=1))


def payment_instant(on: date) -> datetime:
    """When the files of a payment date can be had, UTC."""
    return datetime.combine(on, PAYMENT_TIME)


def chance(of: int, *about: str) -> int:
    """A number from 0 to `of` - 1 that depends on nothing but the words given."""
    return int.from_bytes(sha256("|".join(about).encode()).digest()[:6]) % of
