"""A therapist's own patients: what is approved, used, booked and left, without any money (CORE-10)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from domain.allowances.binding import binding_limit
from domain.allowances.remaining import CaseLimits, LimitLeft, limits_left
from domain.ledger.statements import driver_of
from domain.practices.settings import practice_profile
from tenants.audit import note_patients
from tenants.clock import local_date

CARE_DAYS = 90

# Own are the open cases with a session of the therapist in the last 90 days, or one booked.
OWN_CASES = """
select k.id as case_id, k.title, p.id as patient_id, p.given_name, p.family_name,
    min(s.next_on) as next_session_on,
    coalesce(array_agg(distinct s.discipline), '{}') as disciplines
from (
    select case_id, discipline, service_on as next_on from appointments
    where practice_id = $1 and provider_id = any($2::uuid[]) and status = 'booked' and service_on >= $3
    union all
    select case_id, discipline, null from visits
    where practice_id = $1 and provider_id = any($2::uuid[]) and status <> 'void'
        and case_id is not null and date_of_service >= $4
) s
join cases k on k.practice_id = $1 and k.id = s.case_id
join patients p on p.practice_id = $1 and p.id = k.patient_id
where k.closed_on is null or k.closed_on >= $3
group by k.id, k.title, p.id, p.given_name, p.family_name
order by p.family_name, p.given_name, k.id
"""


class AllowanceLine(Struct, frozen=True, kw_only=True):
    """One limit in the therapist's words: amounts in `counted_in` (visits, minutes or days)."""

    limit_id: UUID
    limit_kind: str
    counted_in: str
    codes: list[str] | None
    approved: int
    used: int
    booked: int
    left: int
    left_in_words: str
    ends_on: date
    run_out_on: date | None


class CaseloadLine(Struct, frozen=True, kw_only=True):
    """One own patient's case; `sessions_left` is by the limit that binds, None when none is in force."""

    case_id: UUID
    patient_id: UUID
    patient_name: str
    title: str
    disciplines: list[str]
    next_session_on: date | None
    sessions_left: int | None
    why: str | None
    run_out_on: date | None
    ask_for_more_by: date | None
    plan_of_care_ends_on: date | None
    allowances: list[AllowanceLine]


async def my_patients(
    session: AsyncSession,
    practice_id: UUID,
    provider_ids: Iterable[UUID],
    *,
    now: datetime,
) -> list[CaseloadLine]:
    """The therapist's own cases by name, in three statements whatever their number."""
    today = local_date(now, (await practice_profile(session, practice_id)).time_zone)
    driver = await driver_of(session)
    since = today - timedelta(days=CARE_DAYS)
    own = await driver.fetch(OWN_CASES, practice_id, list(provider_ids), today, since)
    left = await limits_left(driver, practice_id, [row["case_id"] for row in own], now)
    by_case = {case.case_id: case for case in left}
    note_patients(session, *(row["patient_id"] for row in own))
    return [_line(row, by_case[row["case_id"]]) for row in own]


def _line(row: Any, case: CaseLimits) -> CaseloadLine:
    binding = binding_limit(case.limits, case.on_day)
    plans = [p.ends_on for p in case.plans_of_care if p.discipline in row["disciplines"]]
    current = [ends_on for ends_on in plans if ends_on >= case.on_day]
    return CaseloadLine(
        case_id=row["case_id"],
        patient_id=row["patient_id"],
        patient_name=f"{row['given_name']} {row['family_name']}",
        title=row["title"],
        disciplines=sorted(row["disciplines"]),
        next_session_on=row["next_session_on"],
        sessions_left=binding.sessions_left if binding else None,
        why=binding.reason if binding else None,
        run_out_on=binding.run_out_on if binding else None,
        ask_for_more_by=binding.last_safe_on if binding else None,
        plan_of_care_ends_on=min(current) if current else max(plans, default=None),
        allowances=[_allowance(limit) for limit in case.limits if limit.ends_on >= case.on_day],
    )


def _allowance(limit: LimitLeft) -> AllowanceLine:
    return AllowanceLine(
        limit_id=limit.limit_id,
        limit_kind=limit.limit_kind,
        counted_in=limit.unit,
        codes=limit.codes,
        approved=limit.granted + limit.overridden,
        used=limit.used,
        booked=limit.booked,
        left=limit.available,
        left_in_words=limit.in_words,
        ends_on=limit.ends_on,
        run_out_on=limit.run_out_on,
    )
