"""The only source of *now*: a port, so that a simulation can move time."""

from datetime import UTC, date, datetime, timedelta
from typing import Protocol, runtime_checkable
from zoneinfo import ZoneInfo


@runtime_checkable
class Clock(Protocol):
    """Tells the present instant in UTC."""

    def now(self) -> datetime:
        """The present instant, timezone-aware, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant by the machine."""
        return datetime.now(UTC)


class MovedClock:
    """A clock that stands still until somebody moves it; it never runs backwards."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The instant it was last moved to."""
        return self._now

    def move_to(self, instant: datetime) -> None:
        """Set the time; raises ValueError for an earlier instant."""
        if instant < self._now:
            raise ValueError("a clock does not run backwards")
        self._now = instant.astimezone(UTC)

    def advance(self, step: timedelta) -> None:
        """Move forward by `step`."""
        self.move_to(self._now + step)


def local_date(instant: datetime, time_zone: str) -> date:
    """The calendar date of `instant` in the practice's time zone (IANA name)."""
    return instant.astimezone(ZoneInfo(time_zone)).date()
