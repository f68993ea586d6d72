"""Appeals: by which day each level must be asked for, and how much must be in dispute."""

from collections.abc import Mapping
from datetime import date, timedelta

from billing_rules.therapy.deadlines import AppealLevel, Deadline, deadline


class AppealLevelUnknown(LookupError):
    """Raised when the payer's rule names no such level of appeal."""


def appeal_level(levels: Mapping[str, AppealLevel], name: str) -> AppealLevel:
    """The level of a name; raises AppealLevelUnknown."""
    if name not in levels:
        raise AppealLevelUnknown(f"The payer knows no level of appeal {name}.")
    return levels[name]


def due_after_receipt(level: AppealLevel, received_on: date) -> Deadline:
    """The deadline when the day of receipt is known."""
    return deadline(level.within.after(received_on), f"{_span(level)} from receipt")


def due_after_notice(level: AppealLevel, notice_on: date) -> Deadline:
    """The deadline when only the notice's own date is known, whose receipt the rule presumes."""
    presumed_on = notice_on + timedelta(days=level.presumed_receipt_days)
    days = level.presumed_receipt_days
    said = f"{_span(level)} from receipt; receipt presumed {days} days after notice"
    return deadline(level.within.after(presumed_on), said)


def _span(level: AppealLevel) -> str:
    named = {"days": level.within.days, "months": level.within.months, "years": level.within.years}
    return " and ".join(f"{count} {name}" for name, count in named.items() if count)
