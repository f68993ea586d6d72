"""The days on which answers may change, by payer, plan and state: what holds one day holds until the next."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Generic, NamedTuple, Protocol, TypeAlias, TypeVar

_Answer = TypeVar("_Answer")
_Whom: TypeAlias = tuple[str | None, str | None, str | None]

MOST_CALENDARS = 1_000
"""Payers, plans and states whose answers stay at hand; the rows never change, so neither do the answers."""

_ONE_DAY = timedelta(days=1)


class DatedRow(Protocol):
    """A row for somebody, null meaning anybody, on its days."""

    @property
    def payer(self) -> str | None: ...
    @property
    def plan(self) -> str | None: ...
    @property
    def state(self) -> str | None: ...
    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date | None: ...


class _Calendar(NamedTuple, Generic[_Answer]):
    """The days on which a row begins or is over, and the answers before, between and after them."""

    changes: list[date]
    spans: list[dict[str, _Answer]]


class Calendars(Generic[_Answer]):
    """Room for answers: one dict for all days on which the same rows are in force for the same people."""

    def __init__(self, rows: Sequence[DatedRow]) -> None:
        """The rows that decide; they must not change."""
        self._rows = rows
        self._calendars: dict[_Whom, _Calendar[_Answer]] = {}
        self._payers = frozenset(row.payer for row in rows)
        self._plans = frozenset(row.plan for row in rows)
        self._states = frozenset(row.state for row in rows)

    def answers(self, payer: str | None, plan: str | None, state: str | None, on: date) -> dict[str, _Answer]:
        """The answers known so far, to be added to by whoever finds one."""
        # Whom no row names gets the answers of everybody, so that there are no more calendars than rows.
        whom = (
            payer if payer in self._payers else None,
            plan if plan in self._plans else None,
            state if state in self._states else None,
        )
        calendar = self._calendars.get(whom) or self._begin(whom)
        return calendar.spans[bisect_right(calendar.changes, on)]

    def _begin(self, whom: _Whom) -> _Calendar[_Answer]:
        payer, plan, state = whom
        applying = [row for row in self._rows if applies(row, payer, plan, state)]
        begins = {row.starts_on for row in applying}
        over = {row.ends_on + _ONE_DAY for row in applying if row.ends_on and row.ends_on < date.max}
        changes = sorted(begins | over)
        if len(self._calendars) >= MOST_CALENDARS:
            self._calendars.clear()
        calendar = self._calendars[whom] = _Calendar(changes, [{} for _ in range(len(changes) + 1)])
        return calendar


def applies(row: DatedRow, payer: str | None, plan: str | None, state: str | None) -> bool:
    """Whether a row is for them: it names them or leaves it open."""
    return row.payer in (None, payer) and row.plan in (None, plan) and row.state in (None, state)
