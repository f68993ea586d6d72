"""Posting on a real server: once per round, turned round exactly, guarded, and never a second time."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from domain.ledger.balances import MonthSum, balances_of, entries_behind, practice_months
from domain.ledger.entries import AccountRef, Entry, JournalEntry, Reversal
from domain.ledger.limits import Grant, LimitRef
from domain.ledger.posting import PostedTwice, post, reverse
from domain.ledger.statements import driver_of
from domain.ledger.transfers import GuardBroken
from tenants.database import Database
from tenants.errors import Conflict, Invalid, NotFound
from tenants.ids import new_id
from tests.conftest import Cluster, Tenant
from tests.domain.ledger.practice_books import DAY, Books, day, journal, line, payment


@pytest.fixture
def books(database: Database, tenant: Tenant) -> Books:
    """An empty ledger."""
    return Books(database, tenant)


def remittance_line(books: Books, line_id: UUID, source: str) -> JournalEntry:
    """Eighty paid, fifteen contractual, five for the patient."""
    owed = line(line_id)
    moves = (
        ("pay", books.own("cash"), 80),
        ("adjust", books.own("contractual"), 15),
        ("responsibility", line(line_id, "patient_not_due"), 5),
    )
    return JournalEntry("remittance_line", source, [Entry(to, owed, n, kind, DAY) for kind, to, n in moves])


async def charged(books: Books, cents: int = 100) -> UUID:
    """A claim line with a charge."""
    line_id = new_id()
    await books.post(journal("charge", line(line_id), books.own("revenue"), cents))
    return line_id


async def test_an_event_posts_once_whoever_repeats_it(books: Books) -> None:
    """The second post of a source is a no-op that says so."""
    line_id = await charged(books)
    answer = remittance_line(books, line_id, "era:1")
    first = await books.post(answer)
    second = await books.post(answer)
    assert [(j.kind, j.source, j.round) for j in first.new] == [("remittance_line", "era:1", 1)]
    assert (second.new, second.repeated) == ((), frozenset({("remittance_line", "era:1")}))
    assert await books.owed(line_id) == {"insurer_1": 0, "patient_not_due": 5}
    assert await books.verify() == []


async def test_only_what_is_new_of_a_batch_is_posted(books: Books) -> None:
    """A remittance of which one line was posted before posts the rest."""
    lines = [await charged(books) for _ in range(3)]
    answers = [remittance_line(books, n, f"era:{i}") for i, n in enumerate(lines)]
    await books.post(answers[1])
    posted = await books.post(*answers)
    assert {j.source for j in posted.new} == {"era:0", "era:2"}
    assert await books.balances(books.own("cash")) == [240]


async def test_unposting_turns_round_exactly_and_opens_the_next_round(books: Books) -> None:
    """A reversal is linked, repeats harmlessly, and the same event again posts identical entries."""
    line_id = await charged(books)
    answer = remittance_line(books, line_id, "era:1")
    first = (await books.post(answer)).new[0]
    undone = await books.post(reversals=[Reversal(first.id, "posted to the wrong batch")])
    assert undone.reversed == frozenset({first.id})
    assert await books.owed(line_id) == {"insurer_1": 100, "patient_not_due": 0}
    again = await books.post(reversals=[Reversal(first.id, "twice")])
    assert (again.reversed, again.already_reversed) == (frozenset(), frozenset({first.id}))
    second = (await books.post(answer)).new[0]
    assert second.round == 2
    assert await books.owed(line_id) == {"insurer_1": 0, "patient_not_due": 5}
    assert await entries(books, first.id) == await entries(books, second.id)
    assert await books.verify() == []


async def entries(books: Books, journal_id: UUID) -> set[tuple[object, ...]]:
    """A journal's transfers without their ids."""
    async with books.database.practice_transaction(books.tenant.actor, books.practice_id) as session:
        rows = await (await driver_of(session)).fetch(
            "select unit, debit_account, credit_account, amount, kind, effective_on from transfers "
            "where practice_id = $1 and journal_id = $2",
            books.practice_id,
            journal_id,
        )
    return {tuple(row) for row in rows}


async def test_a_correction_is_one_call(books: Books) -> None:
    """Un-posting and posting the corrected answer happen together; the correction may have its own date."""
    line_id = await charged(books)
    first = (await books.post(remittance_line(books, line_id, "era:1"))).new[0]
    corrected = journal("remittance_line", books.own("cash"), line(line_id), 90, "era:1")
    undo = Reversal(first.id, "payer corrected", day(40))
    posted = await books.post(corrected, reversals=[undo])
    assert posted.new[0].round == 2
    assert await books.owed(line_id) == {"insurer_1": 10, "patient_not_due": 0}
    assert await books.balances(books.own("cash"), on=day(39)) == [170]
    assert await books.balances(books.own("cash"), on=day(40)) == [90]
    assert await books.verify() == []


async def test_what_cannot_be_turned_round(books: Books) -> None:
    """An unknown journal, a reversal, a limit's journal: each is refused with its own kind of error."""
    limit = LimitRef("referral", new_id(), "visit")
    used = await books.use(Grant(limit=limit, amount=1, on=DAY, source="v1"))
    first = (await books.post(journal("capture", books.own("cash"), payment(new_id()), 5))).new[0]
    async with books.database.practice_transaction(books.tenant.actor, books.practice_id) as session:
        await reverse(session, books.stamp(), [first.id], "mistaken")
        found = await entries_behind(session, books.practice_id, books.own("cash"))
    for journal_id, error in (
        (new_id(), NotFound),
        (found[-1].journal_id, Conflict),
        (used.posted.new[0].id, Conflict),
    ):
        with pytest.raises(error):
            await books.post(reversals=[Reversal(journal_id, "why not")])


async def test_one_post_in_a_transaction(books: Books) -> None:
    """A second one would break the lock order."""
    async with books.database.practice_transaction(books.tenant.actor, books.practice_id) as session:
        await post(session, books.stamp(), [])
        with pytest.raises(PostedTwice):
            await post(session, books.stamp(), [])


async def test_a_guard_names_its_account_and_undoes_everything(books: Books) -> None:
    """More than a payment holds cannot be applied, and nothing of the call stays."""
    line_id, paid = await charged(books), payment(new_id())
    due = line(line_id, f"patient_due:{new_id()}")
    await books.post(journal("capture", books.own("cash"), paid, 50))
    with pytest.raises(GuardBroken, match="not enough in unapplied of payment") as broken:
        await books.post(journal("apply", paid, due, 51), journal("fee", books.own("cash"), line(line_id), 1))
    assert broken.value.accounts == (paid,)
    assert await books.balances(paid, due, line(line_id)) == [50, 0, 100]


async def test_what_is_not_a_transfer_is_refused(books: Books) -> None:
    """Fractions, nothing, negatives, mixed units, unknown accounts, one event twice, a ledger's own kinds."""
    cash, owed = books.own("cash"), line(new_id())
    visits = AccountRef("referral", new_id(), "available", "visit")
    refused = [
        [journal("pay", cash, owed, 1.5)],  # type: ignore[arg-type]
        [journal("pay", cash, owed, 0)],
        [journal("pay", cash, owed, -5)],
        [journal("pay", cash, visits, 5)],
        [journal("pay", cash, line(new_id(), "insurer_9"), 5)],
        [journal("pay", cash, line(new_id(), "patient_due:"), 5)],
        [journal("pay", cash, owed, 5, "same"), journal("pay", cash, owed, 5, "same")],
        [journal("reverse.pay", cash, owed, 5)],
    ]
    for journals in refused:
        with pytest.raises(Invalid):
            await books.post(*journals)
    assert await books.balances(cash) == [0]


async def test_balances_by_recording_and_by_effect(books: Books) -> None:
    """`as_of` goes by when it was recorded, `on` by its own date; months add up the practice's sums."""
    before = books.database.clock.now()
    line_id = await charged(books)
    books.database.clock.advance(timedelta(days=1))  # type: ignore[attr-defined]
    entry = Entry(books.own("cash"), line(line_id), 30, "pay", day(45))
    await books.post(JournalEntry("pay", "era:9", [entry], "by cheque"))
    assert await books.balances(line(line_id), as_of=before) == [100]
    assert await books.balances(line(line_id), on=day(44)) == [100]
    assert await books.balances(line(line_id)) == [70]
    async with books.database.practice_transaction(books.tenant.actor, books.practice_id) as session:
        behind = await entries_behind(session, books.practice_id, line(line_id))
        months = await practice_months(session, books.practice_id, DAY, day(60))
        owed = await balances_of(session, books.practice_id, "claim_line", [line_id])
    assert [(e.kind, e.amount, e.other.kind) for e in behind] == [
        ("charge", 100, "revenue"),
        ("pay", -30, "cash"),
    ]
    assert behind[1].reason == "by cheque"
    assert months == [
        MonthSum(kind="revenue", month=DAY.replace(day=1), cents=100),
        MonthSum(kind="cash", month=day(45).replace(day=1), cents=30),
    ]
    assert owed == {line_id: {line(line_id): 70}}


@pytest.mark.req("MON-01")
async def test_the_database_refuses_what_does_not_balance(books: Books) -> None:
    """One side missing, one account twice, no amount, an amount in two units: each fails in SQL itself."""
    limit = LimitRef("referral", new_id(), "visit")
    await books.use(Grant(limit=limit, amount=1, on=DAY, source="v1"))
    journal_id = (await books.post(journal("capture", books.own("cash"), payment(new_id()), 5))).new[0].id
    cash, visits = books.own("cash").id, limit.account("available").id
    granted = limit.account("granted").id
    for unit, debit, credit, amount, state in (
        ("usd", cash, None, 5, "23502"),
        ("usd", cash, cash, 5, "23514"),
        ("visit", visits, granted, 0, "23514"),
        ("visit", visits, granted, -1, "23514"),
        ("usd", cash, visits, 5, "23503"),
        ("visit", cash, visits, 5, "23503"),
    ):
        await refused(books, state, INSERT, new_id(), journal_id, unit, debit, credit, amount)


INSERT = """
insert into transfers (practice_id, id, journal_id, unit, debit_account, credit_account, amount, kind,
    effective_on, recorded_at, actor_id)
values ($1, $2, $3, $4, $5, $6, $7, 'planted', '2026-03-02', '2026-03-02', $1)
"""


async def refused(books: Books, state: str, statement: str, *values: object) -> None:
    """The statement, through the practice door, fails with this SQLSTATE."""
    with pytest.raises(asyncpg.PostgresError) as error:
        async with books.database.practice_transaction(books.tenant.actor, books.practice_id) as session:
            await (await driver_of(session)).execute(statement, books.practice_id, *values)
    assert error.value.sqlstate == state


@pytest.mark.req("MON-02")
@pytest.mark.parametrize("table", ["journals", "transfers"])
async def test_what_is_recorded_stays(books: Books, table: str) -> None:
    """UPDATE, DELETE and TRUNCATE are refused to the runtime role; a correction is a linked reversal."""
    first = (await books.post(journal("capture", books.own("cash"), payment(new_id()), 5))).new[0]
    await refused(books, "42501", f"update {table} set kind = 'other' where practice_id = $1")
    await refused(books, "42501", f"delete from {table} where practice_id = $1")
    await refused(books, "42501", "update accounts set floor = -1 where practice_id = $1")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with books.database.practice_transaction(books.tenant.actor, books.practice_id) as session:
            await (await driver_of(session)).execute(f"truncate {table}")
    await books.post(reversals=[Reversal(first.id, "mistaken")])
    async with books.database.practice_transaction(books.tenant.actor, books.practice_id) as session:
        behind = await entries_behind(session, books.practice_id, books.own("cash"))
    assert [(e.amount, e.reverses) for e in behind] == [(5, None), (-5, behind[0].transfer_id)]


async def test_the_guard_stands_in_the_database(books: Books, cluster: Cluster, shared_database: str) -> None:
    """Even the superuser cannot bring a payment below zero."""
    paid = payment(new_id())
    await books.post(journal("capture", books.own("cash"), paid, 5))
    connection = await asyncpg.connect(cluster.superuser_dsn(shared_database))
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute("update accounts set debits = 6 where id = $1", paid.id)
    await connection.close()
