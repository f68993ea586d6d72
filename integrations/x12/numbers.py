"""Numbers and dates as X12 writes them: explicit decimal points, no implied ones, CCYYMMDD."""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

_NUMBER = re.compile(r"(-?)([0-9]{0,15})(?:\.([0-9]{0,9}))?")

_SCALE = (100, 10, 1)


class NumberUnreadable(ValueError):
    """The text is no number, or is money that is not whole cents."""

    def __init__(self, text: str, wanted: str) -> None:
        super().__init__(f"{text!r} is not {wanted}")
        self.text, self.wanted = text, wanted


@lru_cache(maxsize=65_536)
def cents(text: str) -> int:
    """Money in cents; raises NumberUnreadable for anything else, an empty text included."""
    if text.isascii():
        # The common forms, without the pattern: 12, 12.5 and 12.50.
        units, _, rest = text.partition(".")
        digits = units + rest
        if digits.isdigit() and len(rest) <= 2 and len(digits) <= 15:
            return int(digits) * _SCALE[len(rest)]
    found = _NUMBER.fullmatch(text)
    fraction = (found.group(3) or "").rstrip("0") if found else ""
    if found is None or len(fraction) > 2 or not (found.group(2) or found.group(3)):
        raise NumberUnreadable(text, "an amount of money")
    whole = int(found.group(2) or "0") * 100 + int(fraction.ljust(2, "0"))
    return -whole if found.group(1) else whole


def cents_or_zero(text: str) -> int:
    """Money in cents; an element that was not sent is zero."""
    return cents(text) if text else 0


@lru_cache(maxsize=4_096)
def quantity(text: str) -> Decimal:
    """A quantity; raises NumberUnreadable."""
    found = _NUMBER.fullmatch(text)
    if found is None or not (found.group(2) or found.group(3)):
        raise NumberUnreadable(text, "a quantity")
    return Decimal(text)


def amount_text(amount_cents: int) -> str:
    """Money as X12 wants it: a point only when needed, no trailing zeros."""
    sign, (whole, rest) = "-" if amount_cents < 0 else "", divmod(abs(amount_cents), 100)
    return f"{sign}{whole}.{rest:02d}".rstrip("0") if rest else f"{sign}{whole}"


def quantity_text(value: Decimal) -> str:
    """A quantity without exponent and without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(maxsize=16_384)
def day(text: str) -> date | None:
    """CCYYMMDD as a date; None when it names no day."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
