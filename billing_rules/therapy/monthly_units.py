"""Remote monitoring by calendar month: which of a month's sessions bears which units, and what must wait.

A month's minutes are one sum. The session that completes a block bears its unit, so that a claim can go out
before the month ends and nothing is billed twice; the code for a few minutes waits until the month is over.
"""

from collections.abc import Sequence
from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from msgspec import Struct

from billing_rules.therapy.remote_monitoring import (
    DEVICE_PERIOD_DAYS,
    device_code,
    first_block,
    management_units,
    monitoring_role,
)

SET_UP = "98975"


class MonitoringSession(Struct, frozen=True, kw_only=True):
    """One session's management minutes; `charged` are units of it that already stand on a claim."""

    key: str
    on: date
    starts_at: datetime
    minutes: int
    had_contact: bool
    charged: dict[str, int]


class MonthShare(Struct, frozen=True, kw_only=True):
    """What one session of the month bears, the month's minutes up to it, and why it waits, if it does."""

    units: dict[str, int]
    minutes: int
    waits: str | None
    explanation: str


def month_share(sessions: Sequence[MonitoringSession], key: str, *, today: date) -> MonthShare:
    """The units that one session of a calendar month bears; raises MinutesRefused."""
    ordered = sorted(sessions, key=lambda one: (one.on, one.starts_at, one.key))
    at = next(place for place, one in enumerate(ordered) if one.key == key)
    contact = any(one.had_contact for one in ordered)
    last_on = month_end(ordered[at].on)
    before = _earned(ordered[:at], contact, last_on=None)
    units = _less(_earned(ordered[: at + 1], contact, last_on=None), before)
    total = sum(one.minutes for one in ordered)
    is_over = today > last_on
    if is_over and at == len(ordered) - 1:
        units = _less(_earned(ordered, contact, last_on=last_on), before)
    units = _less(units, _charged_beside(ordered, key, before))
    spent = sum(one.minutes for one in ordered[: at + 1])
    waits = None if units else _waits(total, contact, last_on, is_over=is_over)
    said = f"{spent} of {total} min of the month to {last_on}; the full blocks completed here."
    return MonthShare(units=units, minutes=spent, waits=waits, explanation=said)


def month_end(on: date) -> date:
    """The last day of the calendar month of a date."""
    return on + relativedelta(day=31)


def device_question(code: str, on: date, days: int | None, charged_on: date | None) -> str | None:
    """What must be asked before a device's supply is charged; none when it is as it should be.

    `charged_on` is the last supply of the same kind. Raises MinutesRefused for days that cannot be.
    """
    row = monitoring_role(code)
    if row is None or row.system is None:
        return None
    if days is None:
        return f"the days with data are not recorded for {code}"
    earned = device_code(on, row.system, days)
    if earned != code:
        return f"{days} days with data are {earned or 'not reportable'}, not {code}"
    if charged_on is not None and (on - charged_on).days < DEVICE_PERIOD_DAYS:
        return f"a device of this kind was charged on {charged_on}; a period has {DEVICE_PERIOD_DAYS} days"
    return None


def _earned(sessions: Sequence[MonitoringSession], contact: bool, *, last_on: date | None) -> dict[str, int]:
    """Units of sessions together; the code for a few minutes only once the month is over."""
    if not sessions:
        return {}
    on = last_on or sessions[-1].on
    earned = management_units(on, sum(one.minutes for one in sessions), had_contact=contact)
    if last_on is not None:
        return earned
    return {code: units for code, units in earned.items() if _role(code) != "short"}


def _role(code: str) -> str:
    row = monitoring_role(code)
    return row.role if row else ""


def _less(units: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    left = {code: count - other.get(code, 0) for code, count in units.items()}
    return {code: count for code, count in left.items() if count > 0}


def _charged_beside(ordered: Sequence[MonitoringSession], key: str, before: dict[str, int]) -> dict[str, int]:
    """Units that claims carry beyond those of the sessions before: they are not billed again here."""
    claimed: dict[str, int] = {}
    for one in ordered:
        if one.key != key:
            for code, units in one.charged.items():
                claimed[code] = claimed.get(code, 0) + units
    return _less(claimed, before)


def _waits(total: int, contact: bool, last_on: date, *, is_over: bool) -> str | None:
    full = first_block(last_on)
    if full is None or (is_over and contact):
        return None
    if total < full and not is_over:
        return f"the month has {total} of {full} minutes of monitoring; it waits for them or for {last_on}"
    return None if contact else "no live contact with the patient is recorded for the month of monitoring"
