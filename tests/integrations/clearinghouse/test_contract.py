"""What every driver of the clearinghouse port must do; a driver joins by an entry in DRIVERS."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import pytest

from domain.claims.ports import Clearinghouse, ClearinghouseUnavailable
from integrations.clearinghouse.simulator import SimulatedClearinghouse
from integrations.payer_simulator import PayerBook, PayerSimulator
from tests.integrations.payer_simulator.practice import MONDAY, claim, file_text, health_plan


class Surroundings(Protocol):
    """A driver with what a test needs around it: time that passes, an outage, a second mailbox."""

    driver: Clearinghouse
    neighbour: Clearinghouse

    def wait(self, days: int) -> None:
        """Let time pass at the other side."""
        ...

    def break_down(self) -> None:
        """Make the connection fail until it is mended."""
        ...

    def mend(self) -> None:
        """End the outage."""
        ...


class Simulated:
    """The simulator and its moved clock."""

    def __init__(self) -> None:
        self.now = MONDAY
        payer = PayerSimulator(PayerBook(payers=(health_plan(),)), None, self._time)
        self.driver = SimulatedClearinghouse(payer, "HARBORBILL", self._time)
        self.neighbour = SimulatedClearinghouse(payer, "OTHERBILL", self._time)

    def _time(self) -> datetime:
        return self.now

    def wait(self, days: int) -> None:
        """Let time pass at the other side."""
        self.now += timedelta(days=days)

    def break_down(self) -> None:
        """Make the connection fail until it is mended."""
        self.driver.is_down = True

    def mend(self) -> None:
        """End the outage."""
        self.driver.is_down = False


DRIVERS: list[Callable[[], Surroundings]] = [Simulated]


@pytest.fixture(params=DRIVERS, ids=lambda driver: driver.__name__)
def around(request: pytest.FixtureRequest) -> Surroundings:
    """Each driver in its surroundings."""
    built: Surroundings = request.param()
    return built


async def test_a_file_is_answered(around: Surroundings) -> None:
    assert await around.driver.collect() == []
    await around.driver.send("one.x12", file_text(claim()))
    around.wait(20)
    found = await around.driver.collect()
    assert len(found) >= 2
    assert all(one.content.startswith(b"ISA*") for one in found)
    assert len({one.name for one in found}) == len(found)


async def test_sending_a_file_again_changes_nothing(around: Surroundings) -> None:
    text = file_text(claim())
    for _ in range(3):
        await around.driver.send("one.x12", text)
    around.wait(20)
    once = await around.driver.collect()
    around.wait(1)
    await around.driver.send("one.x12", text)
    around.wait(20)
    assert await around.driver.collect() == once


async def test_files_wait_until_they_are_confirmed(around: Surroundings) -> None:
    await around.driver.send("one.x12", file_text(claim()))
    around.wait(20)
    first = await around.driver.collect()
    assert await around.driver.collect() == first
    await around.driver.confirm([first[0].name])
    assert await around.driver.collect() == first[1:]
    await around.driver.confirm([one.name for one in first])
    assert await around.driver.collect() == []


async def test_confirming_what_is_not_there_is_no_error(around: Surroundings) -> None:
    await around.driver.confirm(["never-seen.835"])
    await around.driver.confirm([])


async def test_the_oldest_file_comes_first(around: Surroundings) -> None:
    await around.driver.send("one.x12", file_text(claim()))
    around.wait(1)
    earlier = await around.driver.collect()
    around.wait(20)
    later = await around.driver.collect()
    assert later[: len(earlier)] == earlier


async def test_mailboxes_do_not_see_each_other(around: Surroundings) -> None:
    await around.driver.send("one.x12", file_text(claim()))
    await around.neighbour.send("one.x12", file_text(claim(member_id="W002"), sender="OTHERBILL"))
    around.wait(20)
    mine, theirs = await around.driver.collect(), await around.neighbour.collect()
    assert mine
    assert theirs
    assert not {one.name for one in mine} & {one.name for one in theirs}
    await around.neighbour.confirm([one.name for one in mine])
    assert await around.driver.collect() == mine


async def test_an_outage_is_said_and_nothing_is_lost(around: Surroundings) -> None:
    text = file_text(claim())
    around.break_down()
    with pytest.raises(ClearinghouseUnavailable):
        await around.driver.send("one.x12", text)
    with pytest.raises(ClearinghouseUnavailable):
        await around.driver.collect()
    with pytest.raises(ClearinghouseUnavailable):
        await around.driver.confirm([])
    around.mend()
    await around.driver.send("one.x12", text)
    around.wait(20)
    assert await around.driver.collect()
