"""When a limit runs out by the schedule, what still fits, and the last safe day to ask for more."""

from collections.abc import Iterable
from datetime import date, timedelta

from msgspec import Struct

WINDOW_DAYS = 28


class Pace(Struct, frozen=True, kw_only=True):
    """How fast a limit is used: sessions in the last four weeks, what they took, and what is booked ahead."""

    recent_sessions: int
    recent_amount: int
    booked_sessions: int
    booked_amount: int
    last_booked_on: date | None
    last_used_on: date | None


class Forecast(Struct, frozen=True, kw_only=True):
    """Sessions that still fit after what is booked, and the day of the last one; None when unknown."""

    sessions_left: int
    run_out_on: date | None
    last_safe_on: date


def forecast(
    available: int, unit_size: int, pace: Pace, *, ends_on: date, lead_days: int, today: date
) -> Forecast:
    """Project the use of a limit with its own pace; `unit_size` is one session's use when none is known.

    Booked sessions have their room already. What lies beyond the limit's last day is not projected.
    """
    each = _each(pace, unit_size)
    fits = max(0, available) // each
    run_out_on = _run_out(fits, pace, today)
    if run_out_on is not None and run_out_on > ends_on:
        run_out_on = None
    until = run_out_on or ends_on
    return Forecast(sessions_left=fits, run_out_on=run_out_on, last_safe_on=until - timedelta(days=lead_days))


def _each(pace: Pace, unit_size: int) -> int:
    """What a session takes, rounded up: by recent use, else by what is booked, else one unit."""
    for amount, sessions in (
        (pace.recent_amount, pace.recent_sessions),
        (pace.booked_amount, pace.booked_sessions),
    ):
        if sessions and amount:
            return -(-amount // sessions)
    return unit_size


def _run_out(fits: int, pace: Pace, today: date) -> date | None:
    last = max(filter(None, (pace.last_booked_on, today)))
    if fits == 0:
        return pace.last_booked_on or min(filter(None, (pace.last_used_on, today)))
    sessions = max(pace.recent_sessions, pace.booked_sessions)
    if sessions == 0:
        return None
    return last + timedelta(days=-(-WINDOW_DAYS * fits // sessions))


def earliest(days: Iterable[date | None]) -> date | None:
    """The first of the days that are known."""
    return min((day for day in days if day is not None), default=None)
