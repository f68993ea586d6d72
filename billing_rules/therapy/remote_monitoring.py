"""Remote therapeutic monitoring: a calendar month's minutes, and thirty days of a device's data, as codes."""

from datetime import date
from functools import cache
from typing import Literal, TypeAlias

from msgspec import Struct

from billing_rules.tables import read_table
from billing_rules.therapy.code_table import find_code
from billing_rules.therapy.minutes import MinutesRefused, accept_minutes

System: TypeAlias = Literal["respiratory", "musculoskeletal", "cognitive_behavioral"]
"""What a device watches; each has codes of its own."""

Role: TypeAlias = Literal["short", "first", "further", "device"]
"""A month's few minutes, its first full block, each further one; or the supply of a device."""

DEVICE_PERIOD_DAYS = 30


class MonitoringCode(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One code and the minutes of the month, or days with data, that it is for; null means no upper end."""

    code: str
    role: Role
    system: System | None
    least: int
    most: int | None
    source: str


def management_units(on: date, month_minutes: int | None, *, had_contact: bool) -> dict[str, int]:
    """Units by code for a calendar month's management minutes; without a live contact there are none.

    The codes in force on the date count: before 2026 a month under the first full block earns nothing.
    Raises MinutesRefused.
    """
    spent = accept_minutes(month_minutes, "/month_minutes")
    if not had_contact:
        return {}
    codes = {row.role: row for row in _in_force(on) if row.role != "device"}
    first, further, short = codes.get("first"), codes.get("further"), codes.get("short")
    if first and further and spent >= first.least:
        more = (spent - first.least) // (further.least - first.least)
        return {first.code: 1} | ({further.code: more} if more else {})
    if short and short.least <= spent <= (short.most or spent):
        return {short.code: 1}
    return {}


def first_block(on: date) -> int | None:
    """The minutes of the month's first full block by the codes in force on a date, or none before them."""
    return next((row.least for row in _in_force(on) if row.role == "first"), None)


def device_code(on: date, system: System, days_with_data: int | None) -> str | None:
    """The supply code for days with data within a thirty-day period, or none; raises MinutesRefused."""
    days = accept_days(days_with_data)
    return next(
        (
            row.code
            for row in _in_force(on)
            if row.system == system and row.least <= days <= (row.most or days)
        ),
        None,
    )


def accept_days(days: object, field: str = "/days_with_data_in_30") -> int:
    """Days with data as given; raises MinutesRefused for what a thirty-day period cannot hold."""
    if days is None or isinstance(days, bool) or not isinstance(days, int):
        raise MinutesRefused(field, "the days are a whole number")
    if not 0 <= days <= DEVICE_PERIOD_DAYS:
        raise MinutesRefused(field, f"a period has {DEVICE_PERIOD_DAYS} days")
    return days


def monitoring_role(code: str) -> MonitoringCode | None:
    """What a code is in remote monitoring, or none for every other code."""
    return _rows().get(code)


def _in_force(on: date) -> list[MonitoringCode]:
    known = ((row, find_code(row.code)) for row in _rows().values())
    return [row for row, code in known if code is not None and code.is_valid_on(on)]


@cache
def _rows() -> dict[str, MonitoringCode]:
    return {row.code: row for row in read_table("remote_monitoring.json", MonitoringCode).rows}
