"""Counting again the sessions that a change of one concerns: those of its month and those beside it.

Each is counted in a transaction of its own, because what a session draws is posted once per transaction.
"""

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.monthly_units import month_end
from domain.ledger.entries import Stamp
from domain.practices.settings import practice_profile
from domain.visits.charging import services_of, stands_on_claim
from domain.visits.models import Visit
from domain.visits.monitoring import is_management, month_of
from domain.visits.processing import process
from domain.visits.shared_time import sessions_beside
from domain.visits.tasks import CountAgain
from tenants.outbox import enqueue


async def owe_counts(
    session: AsyncSession, practice_id: UUID, organization_id: UUID, visit_id: UUID, now: datetime
) -> None:
    """Owe the count of the patient's other sessions whose units hang on this one, and of its month's end."""
    visit = await session.get(Visit, (practice_id, visit_id))
    if visit is None:
        return
    mine = str(visit.patient_id)
    services = await services_of(session, visit)
    near = await sessions_beside(session, visit, services)
    beside = {UUID(one.visit) for one in near if one.patient == mine}
    is_of_month = any(is_management(one.code) for one in services)
    if is_of_month and visit.case_id is not None:
        beside |= {one.id for one, _ in await month_of(session, visit)}
        await _owe_month_end(session, visit, organization_id, now)
    for other in sorted(beside - {visit.id}):
        task = CountAgain(practice_id=practice_id, organization_id=organization_id, visit_id=other)
        await enqueue(session, task, available_at=now)


async def count_again(
    session: AsyncSession, practice_id: UUID, visit_id: UUID, *, by: UUID, now: datetime
) -> None:
    """Process a session again, unless it is void or on a claim."""
    locked = select(Visit).where(Visit.practice_id == practice_id, Visit.id == visit_id)
    visit = (await session.execute(locked.with_for_update(key_share=True))).scalar_one_or_none()
    if visit is None or visit.status == "void" or await stands_on_claim(session, visit):
        return
    profile = await practice_profile(session, practice_id)
    await process(session, Stamp(practice_id, by, now), visit, profile)


async def _owe_month_end(session: AsyncSession, visit: Visit, organization_id: UUID, now: datetime) -> None:
    profile = await practice_profile(session, visit.practice_id)
    last_on = month_end(visit.date_of_service)
    after = datetime.combine(last_on + timedelta(days=1), time(), ZoneInfo(profile.time_zone))
    if after <= now:
        return
    task = CountAgain(practice_id=visit.practice_id, organization_id=organization_id, visit_id=visit.id)
    await enqueue(session, task, available_at=after, period=f"{visit.id} after {last_on}")
