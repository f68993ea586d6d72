"""Use of limits: every step on any number of limits in one call, under the locks of the limits.

The limits are locked first, in id order, so that two takers of the last visit meet there and nowhere else.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.ledger import limit_rows, statements
from domain.ledger.entries import JournalEntry, Reversal, Stamp
from domain.ledger.limit_book import LimitBook, step_key
from domain.ledger.limit_rows import DrawRow
from domain.ledger.limits import DrawMove, DrawResult, Expire, LimitRef, Step, Used
from domain.ledger.posting import post
from tenants import audit
from tenants.ids import new_id

POSTED_STEPS = """
select j.kind, j.source from unnest($2::text[], $3::text[]) as s(kind, source)
join journals j on j.practice_id = $1 and j.kind = s.kind and j.source = s.source
"""


async def lock_limits(
    session: AsyncSession, practice_id: UUID, limits: Iterable[LimitRef]
) -> dict[LimitRef, int]:
    """Lock all limits that this transaction will use and say what each has left.

    For whoever counts something under the lock (caps, periods) before `use_limits`; name all limits at once.
    """
    return await limit_rows.lock(await statements.driver_of(session), practice_id, set(limits))


async def use_limits(
    session: AsyncSession,
    stamp: Stamp,
    steps: Sequence[Step],
    *,
    also: Sequence[JournalEntry] = (),
    reversals: Sequence[Reversal] = (),
) -> Used:
    """Take the steps in order and post them, with `also` and `reversals`, in the transaction's one post.

    Raises NothingLeft for a booking that does not fit, before anything is written: the caller may go on with
    other steps on the same limits. Raises Invalid for an amount that cannot be, and what `post()` raises.
    """
    driver = await statements.driver_of(session)
    left = await limit_rows.lock(driver, stamp.practice_id, {step.limit for step in steps}) if steps else {}
    repeated = await _posted_before(driver, stamp.practice_id, steps)
    books = await limit_rows.load(driver, stamp.practice_id, left, steps) if steps else {}
    before = limit_rows.rows_of(books.values())
    for step in steps:
        if step not in repeated:
            books[step.limit].apply(step, new_id())
    after = limit_rows.rows_of(books.values())
    await _write_draws(session, driver, stamp.practice_id, before, after)
    journals = [journal for book in books.values() for journal in book.journals]
    posted = await post(session, stamp, [*journals, *also], reversals)
    return Used(
        posted=posted,
        draws=_results(steps, books, before),
        affected=_affected(steps, before, after),
        available={limit: book.available for limit, book in books.items()},
        repeated=tuple(repeated),
    )


async def _posted_before(driver: Any, practice_id: UUID, steps: Sequence[Step]) -> list[Step]:
    """The steps whose source was posted earlier; under the limit's lock nobody can post it meanwhile."""
    keyed = {step_key(s): s for s in steps if not isinstance(s, DrawMove | Expire)}
    if not keyed:
        return []
    kinds, sources = zip(*keyed, strict=True)
    rows = await driver.fetch(POSTED_STEPS, practice_id, kinds, sources)
    return [keyed[row["kind"], row["source"]] for row in rows]


async def _write_draws(
    session: AsyncSession,
    driver: Any,
    practice_id: UUID,
    before: dict[UUID, DrawRow],
    after: dict[UUID, DrawRow],
) -> None:
    gone = sorted(before.keys() - after.keys())
    changed = [row for key, row in after.items() if before.get(key) != row]
    await limit_rows.write(driver, practice_id, gone, changed)
    for draw_id in gone:
        audit.note_change(session, "delete", "draws", draw_id)
    for row in changed:
        audit.note_change(session, "update" if row.id in before else "insert", "draws", row.id)


def _results(
    steps: Sequence[Step], books: dict[LimitRef, LimitBook], before: dict[UUID, DrawRow]
) -> tuple[DrawResult, ...]:
    over_before = {(r.limit, r.counted_key, r.subject_id): r.over for r in before.values()}
    results = []
    for move in (s for s in steps if isinstance(s, DrawMove)):
        counted = books[move.limit].counted[move.counted_key]
        key = (move.limit, move.counted_key, move.subject_id)
        over = counted.over if move.stage else 0
        results.append(DrawResult(*key, move.stage, over, over_before.get(key, 0)))
    return tuple(results)


def _affected(
    steps: Sequence[Step], before: dict[UUID, DrawRow], after: dict[UUID, DrawRow]
) -> tuple[DrawResult, ...]:
    moved = {(s.limit, s.counted_key, s.subject_id) for s in steps if isinstance(s, DrawMove)}
    return tuple(
        DrawResult(row.limit, row.counted_key, row.subject_id, row.stage, row.over, before[key].over)
        for key, row in after.items()
        if key in before
        and row.over != before[key].over
        and (row.limit, row.counted_key, row.subject_id) not in moved
    )
