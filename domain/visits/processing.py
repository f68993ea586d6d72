"""One way from a recorded session to its charges and draws, walked whenever the session changes."""

from collections.abc import Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.findings import Finding
from domain.allowances.payers import PayersOn, payers_on
from domain.ledger.entries import Stamp
from domain.patients.models import Case
from domain.practices.settings import ProfileView
from domain.visits.charging import Charged, charge, services_of, tell_held, waiting_cents
from domain.visits.counting import SessionCount, one_after_the_other, session_count
from domain.visits.drawing import draw
from domain.visits.findings import agreed_units, found_about, questions_of
from domain.visits.methods import keep_conflict
from domain.visits.models import Visit
from domain.visits.plan_duties import link_plan
from domain.visits.questions import Answers, answers_of, keep_in_step
from domain.visits.shared_time import overlap_findings
from domain.visits.units import drawing_lines
from tenants.clock import local_date


async def process(session: AsyncSession, stamp: Stamp, visit: Visit, profile: ProfileView) -> None:
    """Link the plan of care, judge the note, count, charge or hold, draw, and tell whom it concerns.

    The caller holds the visit's lock. Raises Invalid for a unit choice that settles no tie.
    """
    payers, is_self_pay = await _payers(session, visit)
    await link_plan(session, visit)
    answers = await answers_of(session, visit)
    services = await services_of(session, visit)
    await one_after_the_other(session, visit, services)
    today = local_date(stamp.recorded_at, profile.time_zone)
    count = await session_count(session, visit, services, payers, today)
    found = await found_about(session, visit, services, payers, answers)
    found += overlap_findings(count.overlaps, visit, payers)
    await keep_conflict(session, visit, count, payers)
    charged = await _charge(session, visit, payers, count, found, answers, is_self_pay=is_self_pay)
    asked = questions_of(visit, found, charged.counted.queries)
    now = stamp.recorded_at
    await keep_in_step(session, visit, asked, time_zone=profile.time_zone, now=now)
    await tell_held(session, visit, profile.time_zone, now)
    await draw(session, stamp, visit, payers, drawing_lines(charged.counted.earned), profile)


async def _charge(
    session: AsyncSession,
    visit: Visit,
    payers: PayersOn | None,
    count: SessionCount,
    found: Sequence[Finding],
    answers: Answers,
    *,
    is_self_pay: bool,
) -> Charged:
    """Charge or hold, and keep on the visit what was found and what waits."""
    holding = [each.message for each in found if each.severity == "blocks"]
    agreed = agreed_units(answers)
    charged = await charge(
        session, visit, payers, count, is_self_pay=is_self_pay, asked=holding, agreed=agreed
    )
    visit.findings = msgspec.to_builtins(found)
    visit.waiting_cents = await waiting_cents(session, visit, charged)
    await session.flush()
    return charged


async def _payers(session: AsyncSession, visit: Visit) -> tuple[PayersOn | None, bool]:
    if visit.case_id is None:
        return None, False
    case = await session.get(Case, (visit.practice_id, visit.case_id))
    on = visit.date_of_service
    payers = await payers_on(session, visit.practice_id, visit.case_id, visit.discipline, on)
    return payers, case is not None and case.kind == "self_pay"
