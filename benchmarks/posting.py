"""How long posting a remittance takes against a bare INSERT … SELECT unnest of the same rows."""

import asyncio
import secrets
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.place import measured_database
from domain.ledger.entries import AccountRef, Entry, JournalEntry, Stamp
from domain.ledger.posting import post
from domain.ledger.statements import driver_of
from migrations import runner
from tenants.access import Actor, Role, Scope
from tenants.clock import SystemClock
from tenants.database import Database
from tenants.ids import new_id
from tenants.models import Organization, Practice

LINES = 5
RUNS = 3
ON = date(2026, 3, 2)

BARE_JOURNALS = """
insert into journals (practice_id, id, kind, source, round, recorded_at, actor_id)
select $1, j.id, j.kind, j.source, 1, $5, $6
from unnest($2::uuid[], $3::text[], $4::text[]) as j(id, kind, source)
"""
BARE_TRANSFERS = """
insert into transfers (practice_id, id, journal_id, unit, debit_account, credit_account, amount, kind,
    effective_on, recorded_at, actor_id)
select $1, t.*, $10, $11 from unnest($2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::bigint[],
    $8::text[], $9::date[]) as t
"""


def posting_ratio(claims: int) -> float:
    """Wall time of `post()` for one remittance of `claims` × 5 lines × 3 transfers over the bare insert's."""
    with measured_database(durable=False) as address:
        return asyncio.run(_median_ratio(runner.sqlalchemy_url(address), claims))


async def _median_ratio(url: str, claims: int) -> float:
    """The median over alternating runs, so that a noisy neighbour hits both sides."""
    database = Database(url, clock=SystemClock(), pepper=secrets.token_bytes(32), pool_size=1)
    try:
        actor = await _tenant(database)
        await _run(database, actor, max(1, claims // 100))
        ratios = [await _run(database, actor, claims) for _ in range(RUNS)]
    finally:
        await database.close()
    return statistics.median(ratios)


async def _run(database: Database, actor: Actor, claims: int) -> float:
    (practice_id,) = actor.practice_ids
    stamp = Stamp(practice_id, actor.id, datetime.now(UTC))
    lines = [new_id() for _ in range(claims * LINES)]
    charges = [_charge(practice_id, line_id) for line_id in lines]
    answers = [_answer(practice_id, line_id) for line_id in lines]

    async def ours(session: AsyncSession) -> None:
        await post(session, stamp, answers)

    async def charge(session: AsyncSession) -> None:
        await post(session, stamp, charges)

    async def bare(session: AsyncSession) -> None:
        driver = await driver_of(session)
        await driver.execute(BARE_JOURNALS, practice_id, *journals, stamp.recorded_at, actor.id)
        await driver.execute(BARE_TRANSFERS, practice_id, *transfers, stamp.recorded_at, actor.id)

    await _seconds(database, actor, charge)
    posted = await _seconds(database, actor, ours)
    journals, transfers = _rows(answers)
    return posted / await _seconds(database, actor, bare)


async def _seconds(
    database: Database, actor: Actor, work: Callable[[AsyncSession], Awaitable[None]]
) -> float:
    """The wall time of one transaction through the practice door, commit included."""
    (practice_id,) = actor.practice_ids
    started = time.perf_counter()
    async with database.practice_transaction(actor, practice_id) as session:
        await work(session)
    return time.perf_counter() - started


def _charge(practice_id: UUID, line_id: UUID) -> JournalEntry:
    owed, revenue = (
        AccountRef("claim_line", line_id, "insurer_1"),
        AccountRef("practice", practice_id, "revenue"),
    )
    return JournalEntry("charge", str(line_id), [Entry(owed, revenue, 10_000, "charge", ON)])


def _answer(practice_id: UUID, line_id: UUID) -> JournalEntry:
    owed = AccountRef("claim_line", line_id, "insurer_1")
    cash = AccountRef("practice", practice_id, "cash")
    contractual = AccountRef("practice", practice_id, "contractual")
    patient = AccountRef("claim_line", line_id, "patient_not_due")
    moves = ((cash, 7_000, "pay"), (contractual, 1_000, "adjust"), (patient, 2_000, "responsibility"))
    return JournalEntry("remittance_line", str(line_id), [Entry(to, owed, n, k, ON) for to, n, k in moves])


def _rows(answers: list[JournalEntry]) -> tuple[list[list[Any]], list[list[Any]]]:
    """The columns that `post()` wrote for the answers, under ids of their own, ready to insert."""
    journals, transfers = [], []
    for answer in answers:
        journal_id = new_id()
        journals.append((journal_id, "bare", answer.source))
        for e in answer.entries:
            transfers.append(
                (new_id(), journal_id, "usd", e.debit.id, e.credit.id, e.amount, e.kind, e.effective_on)
            )
    return [list(c) for c in zip(*journals, strict=True)], [list(c) for c in zip(*transfers, strict=True)]


async def _tenant(database: Database) -> Actor:
    organization_id, practice_id, now = new_id(), new_id(), datetime.now(UTC)
    actor = Actor(
        kind="member",
        id=new_id(),
        organization_id=organization_id,
        name="Benchmark",
        scopes=(Scope(role=Role.OWNER, practice_id=None),),
        practice_ids=frozenset({practice_id}),
        action="benchmark",
        request_id="benchmark",
    )
    async with database.organization_transaction(actor) as session:
        common = {"organization_id": organization_id, "created_at": now}
        session.add(Organization(slug=organization_id.hex, name="Benchmark", **common))
        await session.flush()
        session.add(Practice(id=practice_id, name="Benchmark", status="active", **common))
    return actor


if __name__ == "__main__":
    print(f"posting: {posting_ratio(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000):.2f} × bare insert")
