"""Limits and their draws in the database: lock, load into books, write what changed."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct

from domain.ledger import statements
from domain.ledger.counted import Counted, Drawn
from domain.ledger.limit_book import LimitBook
from domain.ledger.limits import DrawMove, LimitRef, Reanchor, Shrink, Step
from domain.ledger.transfers import open_accounts

BALANCES = (
    "select id, credits - debits as balance from accounts where practice_id = $1 and id = any($2::uuid[])"
)

EXPIRED_ON = """
select credit_account as id, max(effective_on) as expired_on from transfers
where practice_id = $1 and credit_account = any($2::uuid[]) group by credit_account
"""

DRAWS = """
select limit_kind, limit_id, unit, counted_key, subject_id, id, amount, stage, drawn_on, over
from draws where practice_id = $1 and limit_id = any($2::uuid[])
and (counted_key = any($3::text[]) or over > 0 or limit_id = any($4::uuid[]))
"""

DELETE_DRAWS = "delete from draws where practice_id = $1 and id = any($2::uuid[])"

WRITE_DRAWS = """
insert into draws (practice_id, id, limit_kind, limit_id, unit, counted_key, subject_id, amount, stage,
    drawn_on, over)
select $1, d.* from unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::uuid[],
    $8::bigint[], $9::text[], $10::date[], $11::bigint[]) as d
on conflict (practice_id, id) do update
set amount = excluded.amount, stage = excluded.stage, drawn_on = excluded.drawn_on, over = excluded.over
"""


class DrawRow(Struct, frozen=True):
    """A row of draws."""

    limit: LimitRef
    counted_key: str
    subject_id: UUID
    id: UUID
    amount: int
    stage: str
    drawn_on: Any
    over: int


async def lock(driver: Any, practice_id: UUID, limits: Iterable[LimitRef]) -> dict[LimitRef, int]:
    """Lock the limits in the order of their accounts' ids and say what each has available."""
    accounts = {limit.account("available"): limit for limit in limits}
    ids = {account: account.id for account in accounts}
    await open_accounts(driver, practice_id, ids)
    rows = await driver.fetch(statements.LOCK_ACCOUNTS, practice_id, list(ids.values()))
    room = {row["id"]: row["room"] for row in rows}
    return {limit: room[ids[account]] for account, limit in accounts.items()}


async def load(
    driver: Any, practice_id: UUID, available: dict[LimitRef, int], steps: Sequence[Step]
) -> dict[LimitRef, LimitBook]:
    """The books of locked limits, with the draws that the steps can touch."""
    books = {limit: LimitBook(limit, left) for limit, left in available.items()}
    ids = {
        book.ref.account(kind).id: (book, kind) for book in books.values() for kind in ("granted", "expired")
    }
    for row in await driver.fetch(BALANCES, practice_id, list(ids)):
        book, kind = ids[row["id"]]
        setattr(book, kind, abs(row["balance"]))
    expired = {b.ref.account("expired").id: b for b in books.values() if b.expired}
    if expired:
        for row in await driver.fetch(EXPIRED_ON, practice_id, list(expired)):
            expired[row["id"]].expired_on = row["expired_on"]
    for drawn in await _draws(driver, practice_id, books, steps):
        counted = books[drawn.limit].counted.setdefault(drawn.counted_key, Counted(drawn.counted_key))
        counted.draws[drawn.subject_id] = Drawn(drawn.id, drawn.amount, drawn.stage, drawn.drawn_on)
        counted.over = drawn.over
    return books


async def _draws(
    driver: Any, practice_id: UUID, books: dict[LimitRef, LimitBook], steps: Sequence[Step]
) -> list[DrawRow]:
    keys = sorted({s.counted_key for s in steps if isinstance(s, DrawMove)})
    cut = sorted({s.limit.id for s in steps if isinstance(s, Shrink | Reanchor)})
    found = await driver.fetch(DRAWS, practice_id, [ref.id for ref in books], keys, cut)
    rows = (DrawRow(LimitRef(*row[:3]), *row[3:]) for row in found)
    return [row for row in rows if row.limit in books]


def rows_of(books: Iterable[LimitBook]) -> dict[UUID, DrawRow]:
    """The draws of the books as rows, by their ids."""
    return {
        d.id: DrawRow(book.ref, counted.key, subject, d.id, d.amount, d.stage, d.drawn_on, counted.over)
        for book in books
        for counted in book.counted.values()
        for subject, d in counted.draws.items()
    }


async def write(driver: Any, practice_id: UUID, gone: Sequence[UUID], rows: Sequence[DrawRow]) -> None:
    """Delete the draws that left and write those that are new or changed."""
    if gone:
        await driver.execute(DELETE_DRAWS, practice_id, gone)
    if rows:
        await driver.execute(
            WRITE_DRAWS,
            practice_id,
            [r.id for r in rows],
            [r.limit.kind for r in rows],
            [r.limit.id for r in rows],
            [r.limit.unit for r in rows],
            [r.counted_key for r in rows],
            [r.subject_id for r in rows],
            [r.amount for r in rows],
            [r.stage for r in rows],
            [r.drawn_on for r in rows],
            [r.over for r in rows],
        )
