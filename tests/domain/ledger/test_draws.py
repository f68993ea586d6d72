"""Draws on limits, on a real server: what is booked, what took place, what exceeded, what came back."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.ledger.balances import Standing, balances, standings
from domain.ledger.draws import use_limits
from domain.ledger.entries import Stamp
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
    Used,
)
from tenants.database import Database
from tenants.ids import new_id
from tests.conftest import Tenant

DAY = date(2026, 3, 2)


class Limits:
    """One limit of a practice, and short words for what happens to it."""

    def __init__(self, database: Database, tenant: Tenant, unit: str = "visit") -> None:
        self.database = database
        self.tenant = tenant
        self.ref = LimitRef("authorization_block", new_id(), unit)

    async def take(self, *steps: Step) -> Used:
        """Take steps in one transaction."""
        stamp = Stamp(self.tenant.practice_id, self.tenant.actor.id, self.database.clock.now())
        async with self.database.practice_transaction(self.tenant.actor, stamp.practice_id) as session:
            return await use_limits(session, stamp, steps)

    async def grant(self, amount: int, source: str = "v1") -> Used:
        """Give a quantity."""
        return await self.take(Grant(limit=self.ref, amount=amount, on=DAY, source=source))

    def move(
        self,
        subject: UUID,
        stage: str | None,
        day: int = 0,
        amount: int = 1,
        *,
        key: str = "",
        fact: bool = False,
    ) -> DrawMove:
        """A move of a subject that is counted by itself unless a key is given."""
        return DrawMove(
            limit=self.ref,
            counted_key=key or str(subject),
            subject_id=subject,
            stage=stage,
            drawn_on=DAY + timedelta(days=day),
            amount=amount,
            fact=fact,
        )

    async def standing(self) -> Standing:
        """Where the limit stands."""
        practice_id = self.tenant.practice_id
        async with self.database.practice_transaction(self.tenant.actor, practice_id) as session:
            return (await standings(session, practice_id, [self.ref]))[self.ref]

    async def amounts(self) -> dict[str, int]:
        """The accounts that are not zero."""
        standing = await self.standing()
        found = {name: getattr(standing, name) for name in Standing.__struct_fields__}
        return {name: amount for name, amount in found.items() if amount}


@pytest.fixture
def limit(database: Database, tenant: Tenant) -> Limits:
    """A visit limit without a grant."""
    return Limits(database, tenant)


async def test_a_visit_walks_through_its_stages(limit: Limits) -> None:
    """Each stage moves the one visit on; releasing returns it once."""
    await limit.grant(3)
    visit = new_id()
    for stage in ("booked", "attended", "documented", "billed", "adjudicated"):
        used = await limit.take(limit.move(visit, stage))
        assert used.available == {limit.ref: 2}
        assert await limit.amounts() == {"granted": 3, "available": 2, stage: 1}
    assert (await limit.take(limit.move(visit, "documented"))).posted.new[0].kind == "limit.return"
    assert not (await limit.take(limit.move(visit, "documented"))).posted.new
    await limit.take(limit.move(visit, None))
    assert not (await limit.take(limit.move(visit, None))).posted.new
    assert await limit.amounts() == {"granted": 3, "available": 3}


async def test_a_booking_that_does_not_fit_is_refused_and_changes_nothing(limit: Limits) -> None:
    """The refusal says what is left; a mirrored booking is recorded over the limit."""
    await limit.grant(1)
    await limit.take(limit.move(new_id(), "booked"))
    with pytest.raises(NothingLeft, match="has 0 visit left, 1 needed") as refused:
        await limit.take(limit.move(new_id(), "booked"))
    assert refused.value.available == 0
    used = await limit.take(limit.move(new_id(), "booked", fact=True))
    assert used.draws[0].over == 1
    assert await limit.amounts() == {"granted": 1, "booked": 2, "over_limit": 1}


async def test_what_took_place_is_never_refused(limit: Limits) -> None:
    """A walk-in beyond the limit exceeds it, and a later grant covers the oldest first."""
    await limit.grant(1)
    first, late, early = new_id(), new_id(), new_id()
    await limit.take(limit.move(first, "documented"))
    assert (await limit.take(limit.move(late, "documented", 9))).draws[0].over == 1
    assert (await limit.take(limit.move(early, "attended", 3))).draws[0].over == 1
    used = await limit.grant(1, "v2")
    assert [(d.subject_id, d.over_before, d.over) for d in used.affected] == [(early, 1, 0)]
    used = await limit.take(limit.move(first, None))
    assert [(d.subject_id, d.over) for d in used.affected] == [(late, 0)]
    assert await limit.amounts() == {"granted": 2, "attended": 1, "documented": 1}


async def test_a_cut_takes_what_is_unused_and_the_rest_goes_over(limit: Limits) -> None:
    """Twelve cut to eight after nine used and one booked: the booking and the latest visit are over."""
    await limit.grant(12)
    visits = [new_id() for _ in range(9)]
    await limit.take(*(limit.move(v, "attended", day) for day, v in enumerate(visits)))
    booked = new_id()
    await limit.take(limit.move(booked, "booked", 2))
    used = await limit.take(Shrink(limit=limit.ref, amount=4, on=DAY, source="cut", reason="payer letter"))
    assert {(d.subject_id, d.over) for d in used.affected} == {(booked, 1), (visits[-1], 1)}
    assert await limit.amounts() == {"granted": 8, "attended": 9, "booked": 1, "over_limit": 2}
    assert (await limit.take(limit.move(booked, None))).available == {limit.ref: 0}
    assert await limit.amounts() == {"granted": 8, "attended": 9, "over_limit": 1}


async def test_what_is_counted_once_a_day_is_drawn_once(limit: Limits) -> None:
    """Morning and afternoon are one visit at the furthest stage; the last to leave returns it."""
    await limit.grant(1)
    morning, afternoon = new_id(), new_id()
    await limit.take(limit.move(morning, "booked", key="day"), limit.move(afternoon, "booked", key="day"))
    await limit.take(limit.move(morning, "documented", key="day"))
    assert await limit.amounts() == {"granted": 1, "documented": 1}
    await limit.take(limit.move(morning, None, key="day"))
    assert await limit.amounts() == {"granted": 1, "booked": 1}
    await limit.take(limit.move(afternoon, None, key="day"))
    assert await limit.amounts() == {"granted": 1, "available": 1}


async def test_a_late_session_revives_what_expired(limit: Limits) -> None:
    """Only what is unused expires, and a session of the time before still finds its visit."""
    await limit.grant(2)
    await limit.take(limit.move(new_id(), "attended"))
    await limit.take(Expire(limit=limit.ref, on=DAY + timedelta(days=30)))
    assert await limit.amounts() == {"granted": 2, "attended": 1, "expired": 1}
    assert (await limit.take(limit.move(new_id(), "documented", 31))).draws[0].over == 1
    assert (await limit.take(limit.move(new_id(), "documented", 30))).draws[0].over == 0
    assert await limit.amounts() == {"granted": 2, "attended": 1, "documented": 2, "over_limit": 1}


async def test_an_override_makes_room_for_a_booking_not_for_the_past(limit: Limits) -> None:
    """What is over stays over; the booking the override was made for fits."""
    await limit.take(limit.move(new_id(), "attended"))
    await limit.take(Override(limit=limit.ref, amount=1, on=DAY, source="o1", reason="payer call"))
    await limit.take(limit.move(new_id(), "booked"))
    assert await limit.amounts() == {"overridden": 1, "attended": 1, "booked": 1, "over_limit": 1}


async def test_the_payers_count_wins(limit: Limits) -> None:
    """Re-anchoring down takes from what is left; up covers what was over."""
    await limit.grant(2)
    await limit.take(limit.move(new_id(), "attended"))
    await limit.take(Reanchor(limit=limit.ref, change=-2, on=DAY, source="a1", reason="portal"))
    assert await limit.amounts() == {"attended": 1, "over_limit": 1}
    await limit.take(Reanchor(limit=limit.ref, change=3, on=DAY, source="a2", reason="portal"))
    assert await limit.amounts() == {"granted": 3, "available": 2, "attended": 1}


async def test_a_grant_is_given_once(limit: Limits) -> None:
    """The same source again changes nothing and is reported."""
    await limit.grant(2)
    used = await limit.grant(2)
    assert [type(s) for s in used.repeated] == [Grant]
    assert await limit.amounts() == {"granted": 2, "available": 2}


async def test_minutes_grow_shrink_and_change_their_day(database: Database, tenant: Tenant) -> None:
    """A session that took longer takes more; a new date is a new use."""
    limit = Limits(database, tenant, "minute")
    await limit.grant(60)
    session = new_id()
    await limit.take(limit.move(session, "booked", amount=45))
    await limit.take(limit.move(session, "documented", amount=75))
    assert await limit.amounts() == {"granted": 60, "documented": 75, "over_limit": 15}
    await limit.take(limit.move(session, "documented", 1, amount=30))
    assert await limit.amounts() == {"granted": 60, "available": 30, "documented": 30}


async def test_a_release_is_never_refused(database: Database, tenant: Tenant) -> None:
    """What a set held stays with the draw that remains, on its own day, though more was taken meanwhile."""
    limit = Limits(database, tenant, "minute")
    await limit.take(limit.move(UUID(int=1), "attended", 0, 30, key="set"))
    await limit.take(limit.move(UUID(int=2), "booked", 5, 30, key="set"))
    await limit.take(limit.move(UUID(int=1), None, key="set"))
    assert await limit.amounts() == {"booked": 30, "over_limit": 30}
    practice_id, booked = tenant.practice_id, limit.ref.account("booked")
    async with database.practice_transaction(tenant.actor, practice_id) as session:
        earlier = await balances(session, practice_id, [booked], on=DAY)
    assert earlier == {booked: 0}


async def test_a_date_corrected_into_the_window_revives(limit: Limits) -> None:
    """A session recorded a day too late exceeds; with its right date it takes what expired."""
    await limit.grant(1)
    await limit.take(Expire(limit=limit.ref, on=DAY))
    visit = new_id()
    assert (await limit.take(limit.move(visit, "documented", 1))).draws[0].over == 1
    assert (await limit.take(limit.move(visit, "documented", 0))).draws[0].over == 0
    assert await limit.amounts() == {"granted": 1, "documented": 1}
