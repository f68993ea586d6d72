"""A machine that does anything to a ledger in any order, and what must hold after each step."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec import Struct

from domain.ledger.chart import STAGES
from domain.ledger.entries import AccountRef
from domain.ledger.limits import (
    DrawMove,
    Expire,
    Grant,
    LimitRef,
    NothingLeft,
    Override,
    Reanchor,
    Shrink,
    Step,
)
from tenants.clock import MovedClock
from tenants.database import Database
from tenants.ids import new_id
from tests.conftest import START, make_tenant
from tests.domain.ledger.practice_books import Books, day

T = TypeVar("T")
LIMITS = st.integers(0, 1)
DAYS = st.integers(0, 20)
PICKS = st.integers(0, 5)
AMOUNTS = st.integers(1, 3)
SUBJECTS = [UUID(int=n + 1) for n in range(6)]


class World(Struct):
    """The server connection that all examples share."""

    runner: asyncio.Runner
    database: Database


class LimitMachine(RuleBasedStateMachine):
    """Grants, overrides, cuts, expiry and draws on a visit limit and a minute limit, beside a plain model."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        database = self.world.database
        database.clock = MovedClock(START)
        self.books = Books(database, self.run(make_tenant(database)))
        self.limits = [LimitRef("authorization_block", new_id(), unit) for unit in ("visit", "minute")]
        self.given = [0, 0]
        self.draws: list[dict[tuple[str, UUID], tuple[str, int]]] = [{}, {}]
        self.said: dict[LimitRef, int] = {}
        self.remembered: list[tuple[datetime, list[int]]] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run one transaction in the world's loop."""
        return self.world.runner.run(work)

    def use(self, *steps: Step) -> None:
        """Take steps at a later instant than any before."""
        self.tick()
        self.said = self.run(self.books.use(*steps)).available

    def tick(self) -> None:
        """Let a second pass."""
        self.world.database.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]

    @rule(which=LIMITS, amount=st.integers(1, 6), on=DAYS)
    def grant(self, which: int, amount: int, on: int) -> None:
        """A payer gives."""
        self.use(Grant(limit=self.limits[which], amount=amount, on=day(on), source=str(new_id())))
        self.given[which] += amount

    @rule(which=LIMITS, amount=st.integers(1, 2), on=DAYS)
    def override(self, which: int, amount: int, on: int) -> None:
        """Somebody with the permission makes room."""
        source = str(new_id())
        self.use(
            Override(limit=self.limits[which], amount=amount, on=day(on), source=source, reason="urgent")
        )
        self.given[which] += amount

    @rule(which=LIMITS, amount=st.integers(1, 6), on=DAYS, cut=st.booleans())
    def shrink(self, which: int, amount: int, on: int, cut: bool) -> None:
        """A payer takes back from what it granted, by letter or by its own count."""
        limit = self.limits[which]
        amount = min(amount, self.run(self.books.standing(limit)).granted)
        if amount:
            named = {"limit": limit, "on": day(on), "source": str(new_id()), "reason": "payer"}
            self.use(Shrink(amount=amount, **named) if cut else Reanchor(change=-amount, **named))
            self.given[which] -= amount

    @rule(which=LIMITS, on=DAYS)
    def expire(self, which: int, on: int) -> None:
        """The last day passes."""
        self.use(Expire(limit=self.limits[which], on=day(on)))

    @rule(
        which=LIMITS, pick=PICKS, on=DAYS, amount=st.integers(1, 3), daily=st.booleans(), fact=st.booleans()
    )
    def book(self, which: int, pick: int, on: int, amount: int, daily: bool, fact: bool) -> None:
        """An appointment is made: it fits, or it is refused and nothing changes, or it is mirrored."""
        self._move(which, pick, "booked", on, amount, daily=daily, fact=fact)

    @rule(which=LIMITS, pick=PICKS, stage=st.sampled_from(STAGES[1:]), on=DAYS, amount=AMOUNTS)
    def happen(self, which: int, pick: int, stage: str, on: int, amount: int) -> None:
        """A session took place, is documented, billed, paid, or goes back: in any order."""
        daily = pick % 2 == 0
        self._move(which, pick, stage, on, amount, daily=daily, fact=True)

    @rule(which=LIMITS, pick=PICKS)
    def cancel(self, which: int, pick: int) -> None:
        """Whatever the subject draws goes back."""
        drawn = [key for key in self.draws[which] if key[1] == SUBJECTS[pick]]
        moves = [self._draw_move(which, key, None, 0, 1) for key in drawn]
        if moves:
            self.use(*moves)
        for key in drawn:
            del self.draws[which][key]

    def _move(
        self, which: int, pick: int, stage: str, on: int, amount: int, *, daily: bool, fact: bool
    ) -> None:
        key = ("shared", SUBJECTS[pick]) if daily else (f"own-{pick}", SUBJECTS[pick])
        amount = amount if which else 1
        move = self._draw_move(which, key, stage, on, amount, fact=fact)
        try:
            self.use(move)
        except NothingLeft as refused:
            self._must_not_fit(move, refused)
            return
        self.draws[which][key] = (stage, amount)

    def _must_not_fit(self, move: DrawMove, refused: NothingLeft) -> None:
        assert not move.fact
        assert move.stage == "booked"
        assert self.run(self.books.standing(move.limit)).available <= refused.available < refused.wanted

    def _draw_move(
        self,
        which: int,
        key: tuple[str, UUID],
        stage: str | None,
        on: int,
        amount: int,
        *,
        fact: bool = False,
    ) -> DrawMove:
        return DrawMove(
            limit=self.limits[which],
            counted_key=key[0],
            subject_id=key[1],
            stage=stage,
            drawn_on=day(on),
            amount=amount,
            fact=fact,
        )

    @rule()
    def remember(self) -> None:
        """Write down what is left now, to be asked again at the end."""
        refs = [limit.account("available") for limit in self.limits]
        self.remembered.append((self.world.database.clock.now(), self.run(self.books.balances(*refs))))
        self.tick()

    def refs(self) -> list[AccountRef]:
        """The accounts whose balances are compared with their entries."""
        return [limit.account(kind) for limit in self.limits for kind in ("available", "over_limit")]

    @invariant()
    def everything_holds(self) -> None:
        """The checker finds nothing, snapshot = replay, and the accounts say what the plain model says."""
        seen = self.run(self.books.observe(self.limits, self.refs()))
        assert seen.broken == []
        assert seen.replayed == seen.balances
        for limit, drawn, given in zip(self.limits, self.draws, self.given, strict=True):
            expected = expected_stages(drawn)
            standing = seen.standings[limit]
            assert standing.available == self.said.get(limit, standing.available)
            assert {stage: getattr(standing, stage) for stage in STAGES} == expected
            assert standing.granted + standing.overridden == given
            left = given + standing.over_limit - sum(expected.values())
            assert standing.available + standing.expired == left

    def teardown(self) -> None:
        """What was remembered is still what was true then."""
        refs = [limit.account("available") for limit in self.limits]
        for instant, left in self.remembered:
            assert self.run(self.books.balances(*refs, as_of=instant)) == left


def expected_stages(drawn: dict[tuple[str, UUID], tuple[str, int]]) -> dict[str, int]:
    """What stands at each stage: every key once, at its furthest stage, with its greatest amount."""
    expected = dict.fromkeys(STAGES, 0)
    for key in {key for key, _ in drawn}:
        counted = [d for (k, _), d in drawn.items() if k == key]
        stage = max((d[0] for d in counted), key=STAGES.index)
        expected[stage] += max(d[1] for d in counted)
    return expected
