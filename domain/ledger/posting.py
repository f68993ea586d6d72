"""The one way to write the ledger: journals, transfers and balances in a few set-based statements.

Lock order, in every transaction of the product: subject row (the caller's) → limits (`draws`) → journals in
key order → accounts in id order. One `post()` per transaction; two would break the order.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.ledger import statements
from domain.ledger.entries import JournalEntry, Posted, PostedJournal, Reversal, Stamp
from domain.ledger.transfers import AccountIds, Line, move_amounts
from tenants import audit
from tenants.errors import Conflict, Invalid, NotFound
from tenants.ids import new_id


class PostedTwice(RuntimeError):
    """A transaction called `post()` a second time; combine its journals and reversals in one call."""


async def post(
    session: AsyncSession,
    stamp: Stamp,
    journals: Sequence[JournalEntry],
    reversals: Sequence[Reversal] = (),
) -> Posted:
    """Un-post `reversals`, then post those of `journals` whose round is not open yet.

    Raises GuardBroken, NotFound for an unknown journal, Conflict for the reversal of a reversal or of a
    limit's journal, Invalid for an account outside the chart, PostedTwice. After an error the transaction
    must end.
    """
    _take_the_only_turn(session)
    _refuse_unmovable(journals)
    driver = await statements.driver_of(session)
    reversing = await _write_reversing_journals(driver, stamp, reversals)
    new, written = await _write_journals(driver, stamp, journals)
    accounts = AccountIds()
    lines = await _reversing_lines(driver, stamp, reversals, reversing)
    lines.extend(_lines(written, accounts))
    await move_amounts(driver, stamp, lines, accounts)
    for journal_id in (*reversing.values(), *(j.id for j in new)):
        audit.note_change(session, "insert", "journals", journal_id)
    return Posted(
        new=tuple(new),
        repeated=frozenset({(j.kind, j.source) for j in journals} - {(j.kind, j.source) for j in new}),
        reversed=frozenset(reversing),
        already_reversed=frozenset({r.journal_id for r in reversals} - reversing.keys()),
    )


async def reverse(
    session: AsyncSession,
    stamp: Stamp,
    journal_ids: Iterable[UUID],
    reason: str,
    *,
    effective_on: date | None = None,
) -> Posted:
    """Un-post journals: each gets a reversing journal, its round closes, and the next post opens another."""
    return await post(session, stamp, (), [Reversal(i, reason, effective_on) for i in journal_ids])


def _take_the_only_turn(session: AsyncSession) -> None:
    if session.info.get("ledger_posted"):
        raise PostedTwice("one post() per transaction: hand all journals to one call")
    session.info["ledger_posted"] = True


def _refuse_unmovable(journals: Sequence[JournalEntry]) -> None:
    for journal in journals:
        if journal.kind.startswith("reverse."):
            raise Invalid("reversing journals come from reversals")
        if journal.again and not journal.kind.startswith("limit."):
            raise Invalid("only what a limit's lock guards is posted again and again")
        for entry in journal.entries:
            if type(entry.amount) is not int or entry.amount <= 0:
                raise Invalid(f"{journal.kind}: an amount is a whole number above zero")
            if entry.debit.unit != entry.credit.unit:
                raise Invalid(f"{journal.kind}: {entry.debit.unit} cannot become {entry.credit.unit}")


async def _write_reversing_journals(
    driver: Any, stamp: Stamp, reversals: Sequence[Reversal]
) -> dict[UUID, UUID]:
    """Write what is not reversed yet; the answer maps each original to its reversing journal."""
    if not reversals:
        return {}
    wanted = {r.journal_id: r.reason for r in reversals}
    found = await driver.fetch(statements.ORIGINALS, stamp.practice_id, list(wanted))
    if len(found) < len(wanted):
        missing = set(wanted) - {row["id"] for row in found}
        raise NotFound(f"no journal {min(missing)}")
    for row in found:
        if row["reverses"] is not None or row["kind"].startswith("limit."):
            raise Conflict(f"a journal of kind {row['kind']} is not reversed")
    rows = await driver.fetch(
        statements.REVERSING_JOURNALS,
        stamp.practice_id,
        [new_id() for _ in wanted],
        list(wanted),
        list(wanted.values()),
        stamp.recorded_at,
        stamp.actor_id,
    )
    return {row["reverses"]: row["id"] for row in rows}


async def _write_journals(
    driver: Any, stamp: Stamp, journals: Sequence[JournalEntry]
) -> tuple[list[PostedJournal], list[tuple[UUID, JournalEntry]]]:
    """Write the journals whose round is not open, each in the next one; a statement for all that are new."""
    by_id = {new_id(): journal for journal in journals}
    later = dict(zip(by_id, _later(journals), strict=True))
    first = [i for i, journal in by_id.items() if not journal.again]
    rows = await _insert(driver, stamp, statements.FIRST_ROUNDS, by_id, first) if first else []
    done = {row["id"] for row in rows}
    rest = [i for i in by_id if i not in done]
    if rest:
        more = [by_id[i].again for i in rest], [later[i] for i in rest]
        rows += await _insert(driver, stamp, statements.NEXT_ROUNDS, by_id, rest, *more)
    written = [(row["id"], by_id[row["id"]]) for row in rows]
    if sum(j.again for _, j in written) < sum(j.again for j in journals):
        raise Conflict("somebody else posted the same round of an event that only its lock may post")
    return [PostedJournal(*row) for row in rows], written


async def _insert(
    driver: Any, stamp: Stamp, statement: str, by_id: dict[UUID, JournalEntry], ids: list[UUID], *more: Any
) -> list[Any]:
    some = [by_id[i] for i in ids]
    columns = [j.kind for j in some], [j.source for j in some], [j.reason for j in some]
    values = stamp.practice_id, ids, *columns, *more, stamp.recorded_at, stamp.actor_id
    found: list[Any] = await driver.fetch(statement, *values)
    return found


def _later(journals: Sequence[JournalEntry]) -> list[int]:
    """Which of several rounds of one key within this post each journal is; only `again` may have several."""
    seen: dict[tuple[str, str], int] = {}
    places = []
    for journal in journals:
        key = (journal.kind, journal.source)
        place = seen.get(key, 0)
        if place and not journal.again:
            raise Invalid(f"{journal.kind} {journal.source} stands twice in one post")
        places.append(place)
        seen[key] = place + 1
    return places


async def _reversing_lines(
    driver: Any, stamp: Stamp, reversals: Sequence[Reversal], reversing: dict[UUID, UUID]
) -> list[Line]:
    if not reversing:
        return []
    on = {r.journal_id: r.effective_on for r in reversals}
    rows = await driver.fetch(statements.TRANSFERS_OF, stamp.practice_id, list(reversing))
    return [
        Line(
            reversing[row["journal_id"]],
            row["unit"],
            row["credit_account"],
            row["debit_account"],
            row["amount"],
            row["kind"],
            on[row["journal_id"]] or row["effective_on"],
            row["id"],
        )
        for row in rows
    ]


def _lines(written: Iterable[tuple[UUID, JournalEntry]], ids: AccountIds) -> list[Line]:
    return [
        Line(journal_id, e.debit.unit, ids[e.debit], ids[e.credit], e.amount, e.kind, e.effective_on, None)
        for journal_id, journal in written
        for e in journal.entries
    ]
