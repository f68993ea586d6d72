"""What must be true of one practice's ledger, as queries that return what is not: (subject, detail)."""

# The sums of all accounts from transfers alone, beside what the accounts store.
_HELD = """
with sums as (
    select side.id, sum(side.debits)::bigint as debits, sum(side.credits)::bigint as credits from (
        select debit_account as id, amount as debits, 0 as credits from transfers where practice_id = $1
        union all
        select credit_account, 0, amount from transfers where practice_id = $1) side
    group by side.id),
held as (
    select a.*, coalesce(s.debits, 0) as moved_out, coalesce(s.credits, 0) as moved_in,
        concat_ws(' ', a.owner_kind, a.owner_id, a.kind, a.unit) as name
    from accounts a left join sums s on s.id = a.id where a.practice_id = $1)
"""

BALANCES = (
    _HELD
    + """
select name, format('stores %s and %s, transfers say %s and %s', debits, credits, moved_out, moved_in)
from held
where case when kept then debits <> moved_out or credits <> moved_in else debits <> 0 or credits <> 0 end
"""
)

TOTALS = (
    _HELD
    + """
select unit, format('credits exceed debits by %s', sum(moved_in - moved_out)) from held
group by unit having sum(moved_in) <> sum(moved_out)
    or sum(case when kept then credits - debits else moved_in - moved_out end) <> 0
"""
)

FLOORS = """
select concat_ws(' ', owner_kind, owner_id, kind, unit), format('%s is below %s', credits - debits, floor)
from accounts where practice_id = $1 and floor is not null and credits - debits < floor
"""

LIMITS = """
select concat_ws(' ', owner_kind, owner_id, unit),
    string_agg(concat(kind, ' ', credits - debits), ', ' order by kind)
from accounts where practice_id = $1 and owner_kind = any($2::text[])
group by owner_kind, owner_id, unit
having sum(credits - debits) <> 0 or bool_or(
    case when kind in ('granted', 'overridden', 'over_limit') then credits > debits else credits < debits end)
"""

LIMIT_JOURNALS = """
select concat_ws(' ', a.owner_kind, a.owner_id, a.kind), 'moved by a journal of kind ' || j.kind
from accounts a
join transfers t on t.practice_id = $1 and a.id in (t.debit_account, t.credit_account)
join journals j on j.practice_id = $1 and j.id = t.journal_id
where a.practice_id = $1 and a.owner_kind = any($2::text[]) and not starts_with(j.kind, 'limit.')
"""

# A countable stands at the furthest stage of its draws, with their greatest amount.
DRAWS = """
with counted as (
    select limit_kind, limit_id, unit, counted_key, max(amount) as amount, max(over) as over,
        min(over) as least, max(array_position($3::text[], stage)) as place
    from draws where practice_id = $1 group by limit_kind, limit_id, unit, counted_key),
drawn as (
    select limit_kind, limit_id, unit, ($3::text[])[place] as kind, sum(amount) as amount from counted
    group by 1, 2, 3, 4
    union all
    select limit_kind, limit_id, unit, 'over_limit', -sum(over) from counted group by 1, 2, 3),
kept as (
    select owner_kind, owner_id, unit, kind, credits - debits as amount from accounts
    where practice_id = $1 and owner_kind = any($2::text[]) and kind = any($3::text[] || array['over_limit']))
select concat_ws(' ', coalesce(k.owner_kind, d.limit_kind), coalesce(k.owner_id, d.limit_id),
        coalesce(k.kind, d.kind), coalesce(k.unit, d.unit)),
    format('holds %s, its draws %s', coalesce(k.amount, 0), coalesce(d.amount, 0))
from kept k full join drawn d
    on d.limit_kind = k.owner_kind and d.limit_id = k.owner_id and d.unit = k.unit and d.kind = k.kind
where coalesce(k.amount, 0) <> coalesce(d.amount, 0)
union all
select concat_ws(' ', limit_kind, limit_id, counted_key),
    format('over between %s and %s of %s', least, over, amount)
from counted where least <> over or over > amount
"""

# Open = charge − paid − adjusted, and nothing comes from or goes to anywhere else.
CLAIM_LINES = """
with line as (
    select id, owner_id, debits - credits as open from accounts
    where practice_id = $1 and owner_kind = 'claim_line'),
moved as (
    select l.owner_id, t.credit_account as other, t.amount from transfers t
    join line l on l.id = t.debit_account where t.practice_id = $1
    union all
    select l.owner_id, t.debit_account, -t.amount from transfers t
    join line l on l.id = t.credit_account where t.practice_id = $1),
named as (
    select m.owner_id, m.amount, case
        when o.owner_kind = 'claim_line' and o.owner_id = m.owner_id then 'own'
        when o.owner_kind = 'payment' or o.kind in ('cash', 'take_backs', 'suspense') then 'paid'
        when o.kind = 'revenue' then 'charged'
        when o.kind = 'contractual' or starts_with(o.kind, 'write_off:') then 'adjusted'
        else 'unknown' end as what
    from moved m join accounts o on o.practice_id = $1 and o.id = m.other),
flow as (
    select owner_id, coalesce(sum(amount) filter (where what in ('charged', 'paid', 'adjusted')), 0) as due,
        count(*) filter (where what = 'unknown') as unknown
    from named group by owner_id),
owed as (select owner_id, sum(open) as open from line group by owner_id)
select 'claim_line ' || o.owner_id,
    format('open %s, charged less paid and adjusted %s, unknown moves %s', o.open, f.due, f.unknown)
from owed o left join flow f on f.owner_id = o.owner_id
where o.open <> coalesce(f.due, 0) or f.unknown > 0
"""

RESPONSIBLE = """
select 'claim_line ' || owner_id, 'nobody is responsible for ' || kind from accounts
where practice_id = $1 and owner_kind = 'claim_line' and kind !~
    '^(insurer_[123]|patient_not_due|patient_due:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$'
"""

PAYMENTS = """
with captured as (
    select a.owner_id, sum(t.amount) as cents from transfers t
    join accounts a on a.practice_id = $1 and a.id = t.credit_account and a.kind = 'unapplied'
    join accounts o on o.practice_id = $1 and o.id = t.debit_account and o.owner_kind = 'practice'
    where t.practice_id = $1 and a.owner_kind = 'payment' and t.reverses is null group by a.owner_id),
refunded as (
    select a.owner_id, sum(t.amount) as cents from transfers t
    join accounts a on a.practice_id = $1 and a.id = t.debit_account and a.kind = 'refundable'
    join accounts o on o.practice_id = $1 and o.id = t.credit_account and o.owner_kind = 'practice'
    where t.practice_id = $1 and a.owner_kind = 'payment' and t.reverses is null
    and not exists (select 1 from transfers r where r.practice_id = $1 and r.reverses = t.id)
    group by a.owner_id)
select 'payment ' || r.owner_id, format('%s refunded of %s captured', r.cents, coalesce(c.cents, 0))
from refunded r left join captured c on c.owner_id = r.owner_id where r.cents > coalesce(c.cents, 0)
"""

# Each transfer of a reversed journal is turned round once, by the reversing journal, and nothing more.
REVERSALS = """
select 'transfer ' || coalesce(o.id, t.id),
    case when t.id is null then 'is not turned round' else 'does not turn its original round' end
from (select t.*, r.id as reversing from journals r
        join transfers t on t.practice_id = $1 and t.journal_id = r.reverses where r.practice_id = $1) o
full join (select t.*, j.reverses as reversed from transfers t
        join journals j on j.practice_id = $1 and j.id = t.journal_id
        where t.practice_id = $1 and (t.reverses is not null or j.reverses is not null)) t
    on t.reverses = o.id and t.journal_id = o.reversing
where o.id is null or t.id is null or t.debit_account <> o.credit_account
    or t.credit_account <> o.debit_account or t.amount <> o.amount or t.kind <> o.kind
union all
select 'transfer ' || reverses, 'is turned round more than once' from transfers
where practice_id = $1 and reverses is not null group by reverses having count(*) > 1
"""

ROUNDS = """
select j.kind || ' ' || j.source, count(*) || ' rounds are open' from journals j
where j.practice_id = $1 and j.reverses is null
and (not starts_with(j.kind, 'limit.') or j.kind = any(array['limit.grant', 'limit.override', 'limit.shrink',
    'limit.reanchor']))
and not exists (select 1 from journals r where r.practice_id = $1 and r.reverses = j.id)
group by j.kind, j.source having count(*) > 1
"""

SHAPES = """
select split_part(kind, ':', 1) || case when strpos(kind, ':') > 0 then ':' else '' end as head,
    owner_kind, unit, kept, floor, min(owner_id::text) as example
from accounts where practice_id = $1 group by 1, 2, 3, 4, 5
"""

ORPHANS = """
select distinct a.owner_kind || ' ' || a.owner_id, 'no row in {table}' from accounts a
where a.practice_id = $1 and a.owner_kind = $2
and not exists (select 1 from {table} o where o.practice_id = $1 and o.id = a.owner_id)
"""

PARTY_ORPHANS = """
select distinct a.owner_kind || ' ' || a.owner_id || ' ' || a.kind, 'no row in {table}' from accounts a
where a.practice_id = $1 and starts_with(a.kind, 'patient_due:')
and not exists (select 1 from {table} p where p.practice_id = $1 and a.kind = 'patient_due:' || p.id)
"""

FOREIGN_SUMS = """
select owner_kind || ' ' || owner_id, 'is not this practice' from accounts
where practice_id = $1 and owner_kind = 'practice' and owner_id <> $1
"""
