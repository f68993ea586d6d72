"""The checker finds what somebody with the database's own keys did to a ledger."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from domain.ledger.entries import Reversal
from domain.ledger.invariants import PARTY, verify
from domain.ledger.limits import DrawMove, Grant, LimitRef
from domain.ledger.statements import driver_of
from migrations.runner import sqlalchemy_url
from tenants.database import Database
from tenants.ids import new_id
from tests.conftest import Cluster, Tenant
from tests.domain.ledger.practice_books import DAY, Books, journal, line, payment

HARM = {
    "balance": "update accounts set debits = debits + 1 where practice_id = $1 and kind = 'insurer_1'",
    "totals": "update accounts set credits = credits + 1 where practice_id = $1 and kind = 'insurer_1'",
    "limit": "update accounts set credits = credits + 1 where practice_id = $1 and kind = 'booked'",
    "draws": "update draws set over = 1 where practice_id = $1",
    "chart": "update accounts set floor = -100 where practice_id = $1 and kind = 'unapplied'",
    "claim_line": "update accounts set debits = debits + 1 where practice_id = $1 and kind = 'insurer_1'",
    "responsible": "update accounts set kind = 'nobody' where practice_id = $1 and kind = 'insurer_1'",
    "reversal": "delete from transfers where practice_id = $1 and reverses is not null",
    "round": "update journals j set source = 'same', round = (select count(*) from journals o "
    "where o.practice_id = $1 and o.id <= j.id) where practice_id = $1 and kind = 'charge'",
    "practice": "update accounts set owner_id = id where practice_id = $1 and kind = 'cash'",
    "payment": "update transfers set amount = amount + 100 where practice_id = $1 and kind = 'refund'",
    "limit_journal": "update journals set kind = 'booking' where practice_id = $1 and kind = 'limit.book'",
    "floor": "alter table accounts drop constraint ck_accounts_floor; update accounts set debits = 9999 "
    "where kind = 'unapplied'",
}


@pytest_asyncio.fixture
async def books(database: Database, tenant: Tenant) -> AsyncIterator[Books]:
    """A ledger in which a bit of everything happened."""
    books = Books(database, tenant)
    limit = LimitRef("authorization_block", new_id(), "visit")
    visit = new_id()
    await books.use(
        Grant(limit=limit, amount=2, on=DAY, source="v1"),
        DrawMove(limit=limit, counted_key="day", subject_id=visit, stage="booked", drawn_on=DAY),
    )
    owed, paid = line(new_id()), new_id()
    for kind, debit, credit in (
        ("charge", owed, books.own("revenue")),
        ("charge", line(new_id()), books.own("revenue")),
        ("capture", books.own("cash"), payment(paid)),
        ("set_aside", payment(paid), payment(paid, "refundable")),
        ("refund", payment(paid, "refundable"), books.own("refunds")),
    ):
        await books.post(journal(kind, debit, credit, 40))
    mistake = (await books.post(journal("pay", books.own("cash"), owed, 40))).new[0]
    await books.post(reversals=[Reversal(mistake.id, "mistaken")])
    assert await books.verify() == []
    yield books


@pytest.mark.req("MON-03")
@pytest.mark.parametrize("check", sorted(HARM))
async def test_the_checker_finds_what_was_planted(
    books: Books, cluster: Cluster, shared_database: str, check: str
) -> None:
    """Each harm is found under its own name, with an id, in a transaction that is then rolled back."""
    async with superuser(cluster.superuser_dsn(shared_database)) as session:
        driver = await driver_of(session)
        for statement in HARM[check].split(";"):
            await driver.execute(statement, *([books.practice_id] if "$1" in statement else []))
        broken = await verify(session, books.practice_id, owners={})
    assert check in {b.check for b in broken}


@asynccontextmanager
async def superuser(dsn: str) -> AsyncIterator[AsyncSession]:
    """A transaction of the superuser that leaves nothing behind."""
    settings = {"server_settings": {"lock_timeout": "5s"}}
    engine = create_async_engine(sqlalchemy_url(dsn), poolclass=NullPool, connect_args=settings)
    async with AsyncSession(engine) as session:
        await session.execute(text("select 1"))
        yield session
        await session.rollback()
    await engine.dispose()


async def test_owners_without_a_row_are_orphans(books: Books) -> None:
    """An account of an owner that its capability does not know is named; so is a party nobody knows."""
    due = line(new_id(), f"patient_due:{new_id()}")
    await books.post(journal("due", due, line(due.owner_id, "patient_not_due"), 5))
    async with books.database.practice_transaction(books.tenant.actor, books.practice_id) as session:
        owners = {"claim_line": "outbox", PARTY: "outbox"}
        broken = await verify(session, books.practice_id, owners=owners)
    assert {b.check for b in broken} == {"orphan"}
    assert len([b for b in broken if "patient_due" in b.subject]) == 1
