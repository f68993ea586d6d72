"""Which psychotherapy code the minutes earn: alone, beside an evaluation and management, in crisis."""

from msgspec import Struct

from billing_rules.therapy.minutes import accept_minutes

ALONE = ((53, "90837"), (38, "90834"), (16, "90832"))
WITH_EVALUATION = ((53, "90838"), (38, "90836"), (16, "90833"))
BY_TIME = frozenset(code for _, code in ALONE + WITH_EVALUATION)
FAMILY_CODES = frozenset({"90846", "90847"})

CRISIS_FIRST_MINUTE = 30
CRISIS_BLOCK_MINUTES = 30
FAMILY_FIRST_MINUTE = 26


class CrisisCodes(Struct, frozen=True, kw_only=True):
    """The crisis code, or none, and how many units of its add-on 90840."""

    base: str | None
    addon_units: int


def psychotherapy_code(minutes: int | None) -> str | None:
    """The stand-alone code for face-to-face minutes, or none below 16; raises MinutesRefused (AMA CPT)."""
    return _by_time(accept_minutes(minutes, "/minutes"), ALONE)


def psychotherapy_addon(minutes: int | None) -> str | None:
    """The add-on code for minutes without the evaluation and management; raises MinutesRefused."""
    return _by_time(accept_minutes(minutes, "/psychotherapy_minutes_excluding_em"), WITH_EVALUATION)


def code_by_time(code: str, minutes: int | None) -> str | None:
    """What a documented psychotherapy code should be for its minutes, within its own kind."""
    alone = any(code == known for _, known in ALONE)
    return psychotherapy_code(minutes) if alone else psychotherapy_addon(minutes)


def crisis_codes(minutes: int | None, *, addon_first_minute: int) -> CrisisCodes:
    """Crisis codes for a day's minutes; the add-on's first minute is the payer's (75 or 76), a rule row."""
    spent = accept_minutes(minutes, "/minutes")
    if spent < CRISIS_FIRST_MINUTE:
        return CrisisCodes(base=None, addon_units=0)
    further = max(0, (spent - addon_first_minute) // CRISIS_BLOCK_MINUTES + 1)
    return CrisisCodes(base="90839", addon_units=further)


def family_reportable(minutes: int | None) -> bool:
    """Whether family psychotherapy, a 50-minute code, may be reported: past its midpoint."""
    return accept_minutes(minutes, "/minutes") >= FAMILY_FIRST_MINUTE


def _by_time(minutes: int, ranges: tuple[tuple[int, str], ...]) -> str | None:
    return next((code for first, code in ranges if minutes >= first), None)
