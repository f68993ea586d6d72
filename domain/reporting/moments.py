"""One thing that happened, as a story tells it: when, by whom, what, and the money it moved."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from domain.ledger.statements import driver_of

# The audit event of the transaction that wrote a row names who did it; it was recorded within the minute.
WHO = """
select w.id, e.actor_id, e.actor_kind
from unnest($2::text[], $3::text[], $4::timestamptz[]) as w(in_table, id, at)
cross join lateral (
    select actor_id, actor_kind from audit_events
    where practice_id = $1 and at >= w.at - interval '1 minute' and at < w.at + interval '1 minute'
    and (changes @> jsonb_build_array(jsonb_build_array('insert', w.in_table, w.id))
        or changes @> jsonb_build_array(jsonb_build_array('update', w.in_table, w.id))
        or changes @> jsonb_build_array(jsonb_build_array('upsert', w.in_table, w.id)))
    order by abs(extract(epoch from at - w.at)) limit 1) e
"""


class MoneyRow(Struct, frozen=True, kw_only=True):
    """One posting of a story: which line, from where to where, how much."""

    line: str
    words: str
    cents: Cents


class Moment(Struct, frozen=True, kw_only=True):
    """One entry of a story.

    `chapter` says which part of the work it belongs to, `tone` is good, bad, warn, info or idle. `who` is an
    actor's id, or a name that somebody signed with; where it is None, whoever wrote the row `written` (table
    and id) acted, or the product itself. `opens` is the kind of page that shows more, with its id. `row_id`
    was made when it was written and orders what happened in one instant.
    """

    at: datetime
    row_id: UUID
    chapter: str
    title: str
    detail: str
    tone: str
    who: UUID | str | None
    rows: tuple[MoneyRow, ...]
    opens: tuple[str, UUID] | None
    written: tuple[str, UUID] | None


def happened(
    at: datetime,
    row_id: UUID,
    *,
    chapter: str,
    title: str,
    detail: str = "",
    tone: str = "idle",
    who: UUID | str | None = None,
    rows: tuple[MoneyRow, ...] = (),
    opens: tuple[str, UUID] | None = None,
    written: tuple[str, UUID] | None = None,
) -> Moment:
    """A moment, saying only what there is to say of it."""
    return Moment(
        at=at,
        row_id=row_id,
        chapter=chapter,
        title=title,
        detail=detail,
        tone=tone,
        who=who,
        rows=rows,
        opens=opens,
        written=written,
    )


async def in_order(session: AsyncSession, practice_id: UUID, moments: Iterable[Moment]) -> list[Moment]:
    """The moments in the order of time, each with who acted."""
    ordered = sorted(moments, key=lambda moment: (moment.at, moment.row_id))
    unknown = [m for m in ordered if m.who is None and m.written is not None]
    writers = await _writers(session, practice_id, unknown)
    return [
        replace(m, who=writers.get(str(m.written[1]))) if m.who is None and m.written else m for m in ordered
    ]


async def _writers(session: AsyncSession, practice_id: UUID, moments: Sequence[Moment]) -> dict[str, UUID]:
    if not moments:
        return {}
    driver = await driver_of(session)
    keys = [(m.written[0], str(m.written[1]), m.at) for m in moments if m.written]
    rows = await driver.fetch(WHO, practice_id, *map(list, zip(*keys, strict=True)))
    return {row["id"]: row["actor_id"] for row in rows if row["actor_kind"] != "system"}
