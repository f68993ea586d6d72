"""Minutes of treatment: what is refused, and how many blocks of time they earn."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

Threshold: TypeAlias = Literal["midpoint", "full"]
"""A block of time is earned past its midpoint, or only when it is full."""


class MinutesRefused(ValueError):
    """Raised for minutes that are missing, negative or no whole number; the field is a JSON pointer."""

    def __init__(self, field: str, reason: str) -> None:
        """Name the field and what is wrong with it."""
        super().__init__(f"{field}: {reason}.")
        self.field = field
        self.reason = reason


def accept_minutes(value: object, field: str) -> int:
    """The minutes as given; raises MinutesRefused naming the field, zero is a fact and is accepted."""
    if value is None:
        raise MinutesRefused(field, "the minutes are missing")
    if isinstance(value, bool) or not isinstance(value, int):
        raise MinutesRefused(field, "minutes are a whole number")
    if value < 0:
        raise MinutesRefused(field, "minutes cannot be negative")
    return value


def accept_minutes_by_code(minutes: Mapping[str, int | None], field: str = "/minutes") -> dict[str, int]:
    """Minutes by procedure code, sorted by code; raises MinutesRefused naming field and code."""
    return {code: accept_minutes(minutes[code], f"{field}/{code}") for code in sorted(minutes)}


def blocks_earned(minutes: int, block_minutes: int, threshold: Threshold) -> int:
    """How many blocks the minutes earn; a midpoint counts when it is passed, not when it is reached."""
    if threshold == "full":
        return minutes // block_minutes
    return (2 * minutes - 1 + block_minutes) // (2 * block_minutes) if minutes else 0
