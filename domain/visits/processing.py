"""One way from a recorded session to its charges and draws, walked whenever the session changes."""

from sqlalchemy.ext.asyncio import AsyncSession

from domain.allowances.payers import PayersOn, payers_on
from domain.allowances.plans_of_care import plan_covering
from domain.ledger.entries import Stamp
from domain.patients.models import Case
from domain.practices.settings import ProfileView
from domain.visits.charging import charge, services_of, tell_held
from domain.visits.drawing import draw
from domain.visits.evidence import total_queries
from domain.visits.models import Visit
from domain.visits.units import drawing_lines


async def process(session: AsyncSession, stamp: Stamp, visit: Visit, profile: ProfileView) -> None:
    """Link the plan of care, count, charge or hold, draw, and tell whom it concerns.

    The caller holds the visit's lock. Raises Invalid for a unit choice that settles no tie.
    """
    payers, is_self_pay = await _payers(session, visit)
    await _link_plan(session, visit)
    asked = tuple(total_queries(visit, await services_of(session, visit)))
    charged = await charge(session, visit, payers, is_self_pay=is_self_pay, asked=asked)
    await tell_held(session, visit, profile.time_zone, stamp.recorded_at)
    await draw(session, stamp, visit, payers, drawing_lines(charged.counted.earned), profile)


async def _payers(session: AsyncSession, visit: Visit) -> tuple[PayersOn | None, bool]:
    if visit.case_id is None:
        return None, False
    case = await session.get(Case, (visit.practice_id, visit.case_id))
    on = visit.date_of_service
    payers = await payers_on(session, visit.practice_id, visit.case_id, visit.discipline, on)
    return payers, case is not None and case.kind == "self_pay"


async def _link_plan(session: AsyncSession, visit: Visit) -> None:
    visit.plan_of_care_id = None
    if visit.case_id is not None:
        on = visit.date_of_service
        plan = await plan_covering(session, visit.practice_id, visit.case_id, visit.discipline, on)
        visit.plan_of_care_id = plan.id if plan else None
