"""How much the demonstration plays: the eight weeks of a company, or a few days of a small one for tests."""

from datetime import date, timedelta
from types import MappingProxyType

from msgspec import Struct

DAYS_A_WEEK = 7


class Size(Struct, frozen=True, kw_only=True):
    """Weeks of sessions, people by kind of treatment, and on which day of it each story happens.

    `settling_days` follow the last session: payers answer, families pay. `plan_ends` are the plan's last
    day and the day on which we hear of it, both counted from the first day.
    """

    name: str
    weeks: int
    settling_days: int
    therapy: MappingProxyType[str, int]
    counseling: int
    children: int
    dated_back_days: int
    short_visits: int
    extended_days: int
    plan_ends: tuple[int, int]
    statement_weeks: int

    @property
    def session_days(self) -> int:
        """Calendar days with sessions."""
        return self.weeks * DAYS_A_WEEK

    @property
    def all_days(self) -> int:
        """Calendar days from the first session to the end."""
        return self.session_days + self.settling_days

    def ending_on(self, last: date) -> date:
        """The first day, if the last day of sessions is `last`."""
        return last - timedelta(days=self.session_days - 1)


FULL = Size(
    name="full",
    weeks=8,
    settling_days=21,
    therapy=MappingProxyType({"PT": 8, "OT": 4, "SLP": 4}),
    counseling=9,
    children=4,
    dated_back_days=11,
    short_visits=7,
    extended_days=31,
    plan_ends=(19, 36),
    statement_weeks=3,
)
SMALL = Size(
    name="small",
    weeks=3,
    settling_days=25,
    therapy=MappingProxyType({"PT": 4, "OT": 1, "SLP": 1}),
    counseling=3,
    children=2,
    dated_back_days=8,
    short_visits=3,
    extended_days=14,
    plan_ends=(4, 16),
    statement_weeks=2,
)
TINY = Size(
    name="tiny",
    weeks=1,
    settling_days=16,
    therapy=MappingProxyType({"PT": 3, "OT": 0, "SLP": 0}),
    counseling=1,
    children=2,
    dated_back_days=4,
    short_visits=2,
    extended_days=6,
    plan_ends=(0, 6),
    statement_weeks=2,
)
SIZES = {size.name: size for size in (FULL, SMALL, TINY)}
