"""The set-based statements of a post; arrays in, one round trip each, for one booking or a whole remittance.

They end in ON CONFLICT or RETURNING, because a distributed database turns a plain INSERT … SELECT into COPY,
which row-level security refuses.
"""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

OPEN_ACCOUNTS = """
insert into accounts (practice_id, id, unit, owner_kind, owner_id, kind, kept, floor)
select $1, a.id, a.unit, a.owner_kind, a.owner_id, a.kind, a.kept, a.floor
from unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::bool[], $8::bigint[])
    as a(id, unit, owner_kind, owner_id, kind, kept, floor)
where not exists (select 1 from accounts o where o.practice_id = $1 and o.id = a.id)
order by a.id
on conflict do nothing
"""

REVERSING_JOURNALS = """
insert into journals (practice_id, id, kind, source, round, reverses, reason, recorded_at, actor_id)
select $1, r.id, 'reverse.' || o.kind, o.source, o.round, o.id, r.reason, $5, $6
from unnest($2::uuid[], $3::uuid[], $4::text[]) as r(id, original, reason)
join journals o on o.practice_id = $1 and o.id = r.original
order by o.kind, o.source, o.round
on conflict do nothing
returning id, reverses
"""

# Most events are new: they get their first round without a look at the others.
FIRST_ROUNDS = """
insert into journals (practice_id, id, kind, source, round, reason, recorded_at, actor_id)
select $1, j.id, j.kind, j.source, 1, j.reason, $6, $7
from unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) as j(id, kind, source, reason)
order by j.kind, j.source
on conflict do nothing
returning id, kind, source, round
"""

# A round is open until a reversing journal names it; the next one stands after the last closed one.
NEXT_ROUNDS = """
insert into journals (practice_id, id, kind, source, round, reason, recorded_at, actor_id)
select $1, j.id, j.kind, j.source,
    1 + j.later + coalesce((
        select max(p.round) from journals p
        where p.practice_id = $1 and p.kind = j.kind and p.source = j.source
        and (j.again or exists (
            select 1 from journals r where r.practice_id = $1 and r.reverses = p.id))), 0),
    j.reason, $8, $9
from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::bool[], $7::bigint[])
    as j(id, kind, source, reason, again, later)
order by j.kind, j.source, j.later
on conflict do nothing
returning id, kind, source, round
"""

ORIGINALS = "select id, kind, reverses from journals where practice_id = $1 and id = any($2::uuid[])"

TRANSFERS_OF = """
select id, journal_id, unit, debit_account, credit_account, amount, kind, effective_on
from transfers where practice_id = $1 and journal_id = any($2::uuid[])
"""

LOCK_ACCOUNTS = """
with locked as (
    select id, owner_kind, owner_id, kind, unit, floor, credits - debits as balance
    from accounts where practice_id = $1 and id = any($2::uuid[]) and kept
    order by id for no key update)
select id, owner_kind, owner_id, kind, unit, balance - floor as room from locked where floor is not null
"""

INSERT_TRANSFERS = """
insert into transfers (practice_id, id, journal_id, unit, debit_account, credit_account, amount, kind,
    effective_on, recorded_at, actor_id, reverses)
select $1, t.id, t.journal_id, t.unit, t.debit_account, t.credit_account, t.amount, t.kind,
    t.effective_on, $11, $12, t.reverses
from unnest($2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::bigint[], $8::text[],
    $9::date[], $10::uuid[])
    as t(id, journal_id, unit, debit_account, credit_account, amount, kind, effective_on, reverses)
returning true
"""

ADD_TO_ACCOUNTS = """
update accounts a set debits = a.debits + m.debits, credits = a.credits + m.credits
from unnest($2::uuid[], $3::bigint[], $4::bigint[]) as m(id, debits, credits)
where a.practice_id = $1 and a.id = m.id and a.kept
"""


async def driver_of(session: AsyncSession) -> Any:
    """The asyncpg connection under the session's transaction, for arrays without a detour."""
    connection = await session.connection()
    return (await connection.get_raw_connection()).driver_connection
