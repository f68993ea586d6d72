"""What is left of every limit of a case, in one statement: the most frequent read of the product."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from billing_rules.rule_book import Resolved, RuleBook
from billing_rules.therapy.payer_rules import AUTHORIZATION_LEAD_DAYS, Asked, ask
from domain.allowances.epsdt import cap_is_lifted
from domain.allowances.forecast import Forecast, Pace, forecast
from domain.allowances.plans_of_care import PlanView
from domain.allowances.quantities import SIZE, words
from domain.practices.shelf import rules_with, shipped_rules

# One row for each limit of the cases, or one with a null limit for a case without any. $3 is now.
LIMITS = """
with today as materialized (
    select ($3::timestamptz at time zone coalesce(
        (select time_zone from practice_profiles where practice_id = $1), 'UTC'))::date as on_day),
lead_rules as materialized (
    select jsonb_agg(jsonb_build_object('rule', r.rule, 'value', r.value,
        'payer', coalesce(r.payer_key, p.rule_key),
        'plan', r.plan, 'state', r.state, 'starts_on', r.starts_on, 'ends_on', r.ends_on,
        'source', r.source, 'version', r.id, 'checked_on', r.recorded_at::date, 'level', r.level,
        'author', r.author_id, 'reason', r.reason))::text as rows
    from payer_rules r
    left join payers p on p.practice_id = r.practice_id and p.id = r.payer_id
    where r.practice_id = $1 and r.rule in ('authorization_lead_days', 'visit_cap')
        and r.withdrawn_at is null)
select k.id as case_id, k.patient_id, h.birth_on, t.on_day, lead.rows as lead_rules, pc.plans,
    l.*, c.*, s.*, u.*
from cases k
join patients h on h.practice_id = k.practice_id and h.id = k.patient_id
cross join today t
cross join lead_rules lead
left join lateral (
    select jsonb_agg(jsonb_build_object('id', id, 'case_id', case_id, 'discipline', discipline,
        'provider_id', provider_id, 'starts_on', starts_on, 'ends_on', ends_on,
        'certified_on', certified_on, 'certified_by', certified_by, 'order_signed_on', order_signed_on,
        'sent_to_orderer_on', sent_to_orderer_on) order by discipline, starts_on)::text as plans
    from plans_of_care where practice_id = $1 and case_id = k.id
) pc on true
left join lateral (
    select 'authorization_block' as limit_kind, b.id as limit_id, a.coverage_id, a.id as authorization_id,
        a.number, b.kind as shown_as, b.ledger_unit as unit, b.starts_on, b.ends_on, b.codes,
        case when b.discipline is null then null else array[b.discipline] end as disciplines,
        b.provider_id, b.location_id, true as hard, 'authorization ' || a.number as source
    from authorizations a
    join authorization_blocks b on b.practice_id = a.practice_id and b.authorization_id = a.id
    where a.practice_id = $1 and a.case_id = k.id
    union all
    select 'benefit_limit', b.id, b.coverage_id, null, null,
        case b.ledger_unit when 'visit' then 'visits' when 'minute' then 'units' else 'days' end,
        b.ledger_unit, b.starts_on, b.ends_on, null, b.disciplines, null, null, b.hard, b.source
    from coverages v
    join benefit_limits b on b.practice_id = v.practice_id and b.coverage_id = v.id
    where v.practice_id = $1 and v.case_id = k.id
) l on true
left join lateral (
    select v.ordinal, v.plan, p.name as payer_name, p.rule_key
    from coverages v join payers p on p.practice_id = v.practice_id and p.id = v.payer_id
    where v.practice_id = $1 and v.id = l.coverage_id
) c on true
left join lateral (
    select
        coalesce(sum(debits - credits) filter (where kind = 'granted'), 0)::bigint as granted,
        coalesce(sum(debits - credits) filter (where kind = 'overridden'), 0)::bigint as overridden,
        coalesce(sum(credits - debits) filter (where kind = 'available'), 0)::bigint as available,
        coalesce(sum(credits - debits) filter (where kind = 'booked'), 0)::bigint as booked,
        coalesce(sum(credits - debits) filter (where kind = 'attended'), 0)::bigint as attended,
        coalesce(sum(credits - debits) filter (where kind = 'documented'), 0)::bigint as documented,
        coalesce(sum(credits - debits) filter (where kind = 'billed'), 0)::bigint as billed,
        coalesce(sum(credits - debits) filter (where kind = 'adjudicated'), 0)::bigint as adjudicated,
        coalesce(sum(credits - debits) filter (where kind = 'expired'), 0)::bigint as expired,
        coalesce(sum(debits - credits) filter (where kind = 'over_limit'), 0)::bigint as over_limit
    from accounts
    where practice_id = $1 and owner_kind = l.limit_kind and owner_id = l.limit_id
) s on true
left join lateral (
    select
        count(distinct once) filter (where used and drawn_on > t.on_day - 28) as recent_sessions,
        coalesce(sum(amount) filter (where used and drawn_on > t.on_day - 28), 0)::bigint as recent_amount,
        count(distinct once) filter (where not used and drawn_on <= t.on_day + 28) as booked_sessions,
        coalesce(sum(amount) filter (where not used and drawn_on <= t.on_day + 28), 0)::bigint
            as booked_amount,
        max(drawn_on) filter (where not used) as last_booked_on,
        max(drawn_on) filter (where used) as last_used_on
    from (
        select max(amount) as amount, max(drawn_on) as drawn_on, bool_or(stage <> 'booked') as used,
            case when unit = 'minute' then max(drawn_on)::text else counted_key end as once
        from draws
        where practice_id = $1 and limit_kind = l.limit_kind and limit_id = l.limit_id
        group by counted_key, unit) d
) u on true
where k.practice_id = $1 and k.id = any($2::uuid[])
order by k.id, l.starts_on, l.limit_id
"""


class LimitLeft(Struct, frozen=True, kw_only=True):
    """One limit as it stands: amounts in its `unit` (visits, minutes, days), and in words as it was given."""

    limit_kind: str
    limit_id: UUID
    coverage_id: UUID
    ordinal: int
    payer_name: str
    authorization_id: UUID | None
    number: str | None
    shown_as: str
    unit: str
    starts_on: date
    ends_on: date
    codes: list[str] | None
    disciplines: list[str] | None
    provider_id: UUID | None
    location_id: UUID | None
    hard: bool
    source: str
    granted: int
    overridden: int
    available: int
    booked: int
    attended: int
    documented: int
    billed: int
    adjudicated: int
    expired: int
    over_limit: int
    used: int
    in_words: str
    sessions_left: int
    run_out_on: date | None
    last_safe_on: date
    lead_days: int
    lead_rule: str


class CaseLimits(Struct, frozen=True, kw_only=True):
    """The limits and plans of care of one case, on the practice's own date."""

    case_id: UUID
    patient_id: UUID
    on_day: date
    limits: tuple[LimitLeft, ...]
    plans_of_care: tuple[PlanView, ...]


_COMPUTED = (
    "hard",
    "used",
    "in_words",
    "sessions_left",
    "run_out_on",
    "last_safe_on",
    "lead_days",
    "lead_rule",
)
_AS_READ = tuple(name for name in LimitLeft.__struct_fields__ if name not in _COMPUTED)
_PACE = Pace.__struct_fields__


async def limits_left(
    driver: Any, practice_id: UUID, case_ids: Sequence[UUID], now: datetime
) -> list[CaseLimits]:
    """The limits of the cases, by case; a case that the practice does not have is not in the answer.

    `driver` is an asyncpg connection inside a practice door.
    """
    rows = await driver.fetch(LIMITS, practice_id, list(case_ids), now)
    by_case: dict[UUID, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_case.setdefault(row["case_id"], []).append(row)
    return [_case(rows) for rows in by_case.values()]


def _case(rows: Sequence[Mapping[str, Any]]) -> CaseLimits:
    first = rows[0]
    book = _book(first["lead_rules"])
    plans = first["plans"]
    return CaseLimits(
        case_id=first["case_id"],
        patient_id=first["patient_id"],
        on_day=first["on_day"],
        limits=tuple(_limits(rows, book)),
        plans_of_care=msgspec.json.decode(plans, type=tuple[PlanView, ...]) if plans else (),
    )


def _book(rows: str | None) -> RuleBook:
    if rows is None:
        return shipped_rules()
    return rules_with(rows.encode())


class _Lead(Struct, frozen=True):
    """How long before its end a payer is asked for more, and by which row."""

    asked: Asked
    days: int
    rule: str


def _limits(rows: Sequence[Mapping[str, Any]], book: RuleBook) -> Iterator[LimitLeft]:
    """Each payer and plan of the case is asked about once."""
    leads: dict[tuple[str, str | None], _Lead] = {}
    for row in rows:
        if row["limit_id"] is not None:
            whom = (row["rule_key"], row["plan"])
            if whom not in leads:
                leads[whom] = _lead(book, Asked(payer=whom[0], plan=whom[1], on=row["on_day"]))
            yield _limit(row, book, leads[whom])


def _lead(book: RuleBook, asked: Asked) -> _Lead:
    resolved: Resolved = ask(book, AUTHORIZATION_LEAD_DAYS, asked)
    return _Lead(asked, resolved.read(int), str(resolved.row))


def _limit(row: Mapping[str, Any], book: RuleBook, lead: _Lead) -> LimitLeft:
    projected = _forecast(row, lead.days)
    return LimitLeft(
        **{name: row[name] for name in _AS_READ},
        hard=row["hard"] and not _is_lifted(row, book, lead.asked),
        used=row["attended"] + row["documented"] + row["billed"] + row["adjudicated"],
        in_words=f"{words(row['available'], row['shown_as'])} left",
        sessions_left=projected.sessions_left,
        run_out_on=projected.run_out_on,
        last_safe_on=projected.last_safe_on,
        lead_days=lead.days,
        lead_rule=lead.rule,
    )


def _is_lifted(row: Mapping[str, Any], book: RuleBook, asked: Asked) -> bool:
    """Whether a cap of the plan holds nobody of this age; an approval is no cap."""
    return row["limit_kind"] == "benefit_limit" and cap_is_lifted(book, asked, row["birth_on"])


def _forecast(row: Mapping[str, Any], lead_days: int) -> Forecast:
    return forecast(
        row["available"],
        SIZE[row["shown_as"]] if row["unit"] == "minute" else 1,
        Pace(**{name: row[name] for name in _PACE}),
        ends_on=row["ends_on"],
        lead_days=lead_days,
        today=row["on_day"],
    )
