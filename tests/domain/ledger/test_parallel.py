"""Many at once on a real server: the last visits, one payment's refunds, and no deadlock."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from uuid import UUID

import pytest
import pytest_asyncio

from domain.ledger.draws import use_limits
from domain.ledger.entries import Entry, JournalEntry, Reversal
from domain.ledger.limits import DrawMove, Grant, LimitRef, NothingLeft
from domain.ledger.transfers import GuardBroken
from tenants.clock import MovedClock
from tenants.database import Database
from tenants.ids import new_id
from tests.conftest import PEPPER, Cluster, make_tenant
from tests.domain.ledger.practice_books import DAY, Books, journal, line, payment

COMMITS = 3_000 if os.environ.get("PROOF") == "full" else 320


@pytest_asyncio.fixture
async def books(cluster: Cluster, shared_database: str, clock: MovedClock) -> AsyncIterator[Books]:
    """A ledger with sixteen connections."""
    doors = Database(cluster.login_url(shared_database), clock=clock, pepper=PEPPER, pool_size=16)
    yield Books(doors, await make_tenant(doors))
    await doors.close()


async def attempt(work: Awaitable[object]) -> bool:
    """Whether it was done rather than refused."""
    try:
        await work
    except (NothingLeft, GuardBroken):
        return False
    return True


def booking(limit: LimitRef, subject: UUID | None = None, on: date = DAY) -> DrawMove:
    """One visit for a new appointment, or for this one."""
    subject = subject or new_id()
    return DrawMove(limit=limit, counted_key=str(subject), subject_id=subject, stage="booked", drawn_on=on)


@pytest.mark.req("MON-13")
async def test_forty_takers_of_the_last_ten_visits(books: Books) -> None:
    """Exactly ten succeed; what is cancelled and billed again is returned once."""
    limit = LimitRef("authorization_block", new_id(), "visit")
    await books.use(Grant(limit=limit, amount=10, on=DAY, source="v1"))
    moves = [booking(limit) for _ in range(40)]
    done = await asyncio.gather(*(attempt(books.use(move)) for move in moves))
    assert sum(done) == 10
    taken = moves[done.index(True)]
    released = DrawMove(
        limit=limit,
        counted_key=taken.counted_key,
        subject_id=taken.subject_id,
        stage=None,
        drawn_on=DAY,
    )
    used = await asyncio.gather(*(books.use(released) for _ in range(5)))
    assert sum(len(u.posted.new) for u in used) == 1
    standing = await books.standing(limit)
    assert (standing.available, standing.booked) == (1, 9)
    assert await books.verify() == []


@pytest.mark.req("MON-13")
async def test_ten_refunds_never_exceed_the_capture(books: Books) -> None:
    """Ten parallel refunds of thirty from a hundred: three are set aside and paid."""
    paid = new_id()
    await books.post(journal("capture", books.own("cash"), payment(paid), 100))

    async def refund() -> None:
        await books.post(journal("set_aside", payment(paid), payment(paid, "refundable"), 30))
        await books.post(journal("refund", payment(paid, "refundable"), books.own("refunds"), 30))

    done = await asyncio.gather(*(attempt(refund()) for _ in range(10)))
    assert sum(done) == 3
    held = await books.balances(payment(paid), payment(paid, "refundable"), books.own("refunds"))
    assert held == [10, 0, 90]
    assert await books.verify() == []


async def test_one_event_from_many_hands_posts_once(books: Books) -> None:
    """Sixteen workers with the same remittance line: one posts, the others learn that it was."""
    entry = journal("pay", books.own("cash"), line(new_id()), 80, "era:1")
    posted = await asyncio.gather(*(books.post(entry) for _ in range(16)))
    assert sum(len(p.new) for p in posted) == 1
    undone = await asyncio.gather(
        *(books.post(entry, reversals=[Reversal(p.new[0].id, "twice")]) for p in posted * 8 if p.new)
    )
    assert sum(len(p.reversed) for p in undone) == 1
    assert await books.balances(books.own("cash")) == [80]
    assert await books.verify() == []


async def test_mixed_work_on_the_same_accounts_never_deadlocks(books: Books) -> None:
    """Sixteen workers post, un-post and draw over few accounts in any order: none is a victim."""
    limits = [LimitRef("authorization_block", new_id(), "visit") for _ in range(4)]
    await books.use(*(Grant(limit=n, amount=1_000_000, on=DAY, source="v1") for n in limits))
    lines = [new_id() for _ in range(6)]
    subjects = [new_id() for _ in range(8)]
    work = _work(books, limits, lines, subjects)

    async def worker(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(COMMITS // 16):
            await chance.choice(work)(chance)

    await asyncio.gather(*(worker(seed) for seed in range(16)))
    assert await books.verify() == []


def _work(
    books: Books, limits: list[LimitRef], lines: list[UUID], subjects: list[UUID]
) -> list[Callable[[random.Random], Awaitable[None]]]:
    undoable: list[UUID] = []

    def pays(chance: random.Random) -> JournalEntry:
        some = chance.sample(lines, 3)
        entries = [Entry(books.own("cash"), line(n), 5, "pay", DAY) for n in some]
        entries += [Entry(line(n), books.own("revenue"), 7, "charge", DAY) for n in reversed(some)]
        return JournalEntry("batch", f"batch:{chance.randrange(60)}", entries)

    async def pay(chance: random.Random) -> None:
        posted = await books.post(pays(chance))
        undoable.extend(j.id for j in posted.new)

    async def undo(chance: random.Random) -> None:
        some = chance.sample(undoable, min(3, len(undoable)))
        posted = await books.post(pays(chance), reversals=[Reversal(n, "any") for n in some])
        undoable.extend(j.id for j in posted.new)

    async def draw(chance: random.Random) -> None:
        moves = [booking(n, chance.choice(subjects)) for n in chance.sample(limits, 3)]
        async with books.database.practice_transaction(books.tenant.actor, books.practice_id) as session:
            await use_limits(session, books.stamp(), moves, also=[pays(chance)])

    async def release(chance: random.Random) -> None:
        subject = chance.choice(subjects)
        moves = [
            DrawMove(limit=n, counted_key=str(subject), subject_id=subject, stage=None, drawn_on=DAY)
            for n in chance.sample(limits, 2)
        ]
        await books.use(*moves)

    return [pay, undo, draw, release]
