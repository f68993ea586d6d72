"""Office visits: which level the recorded time or the recorded decision making supports on a date."""

from datetime import date
from functools import cache

from msgspec import Struct

from billing_rules.days import within
from billing_rules.tables import read_table

LEVELS = ("straightforward", "low", "moderate", "high")


class EvaluationLevel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One code: the minutes of the day to be met or exceeded, and the decision making it stands for."""

    code: str
    family: str
    least_minutes: int
    decision_making: str
    starts_on: date
    ends_on: date | None

    def is_valid_on(self, on: date) -> bool:
        """Whether the row says what holds on a date of service."""
        return within(on, self.starts_on, self.ends_on)

    def is_supported_by(self, minutes: int | None, decision_making: str | None) -> bool:
        """Either the time or the decision making reaches the level."""
        by_time = minutes is not None and minutes >= self.least_minutes
        return by_time or (decision_making is not None and _rank(decision_making) >= self.rank)

    @property
    def rank(self) -> int:
        """The level's place, from 0 up."""
        return _rank(self.decision_making)


def level_of(code: str, on: date) -> EvaluationLevel | None:
    """The row of a code that holds on a date; None for a code that is no office visit with a level."""
    return next((row for row in _rows().get(code, ()) if row.is_valid_on(on)), None)


def supported_level(
    family: str, on: date, minutes: int | None, decision_making: str | None
) -> EvaluationLevel | None:
    """The highest level of a family that the record supports; None when it supports none."""
    rows = [row for same in _rows().values() for row in same if row.family == family and row.is_valid_on(on)]
    reached = [row for row in rows if row.is_supported_by(minutes, decision_making)]
    return max(reached, key=lambda row: row.rank, default=None)


def levels_source() -> str:
    """Where the levels come from, with the version of the table."""
    table = read_table("evaluation_levels.json", EvaluationLevel)
    return f"{table.source} (version {table.version})"


def _rank(decision_making: str) -> int:
    return LEVELS.index(decision_making)


@cache
def _rows() -> dict[str, tuple[EvaluationLevel, ...]]:
    rows = read_table("evaluation_levels.json", EvaluationLevel).rows
    return {row.code: tuple(same for same in rows if same.code == row.code) for row in rows}
