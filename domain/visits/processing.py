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
from domain.visits.intake import Paid
from domain.visits.methods import keep_conflict
from domain.visits.models import Visit, VisitService
from domain.visits.plan_duties import link_plan
from domain.visits.questions import Answers, answers_in, keep_in_step, questions_about
from domain.visits.shared_time import overlap_findings
from domain.visits.units import drawing_lines
from tenants.clock import local_date


async def process(
    session: AsyncSession,
    stamp: Stamp,
    visit: Visit,
    profile: ProfileView,
    *,
    paid: Paid | None = None,
    is_new: bool = False,
) -> None:
    """Link the plan of care, judge the note, count, charge or hold, draw, and tell whom it concerns.

    The caller holds the visit's lock, and says who pays where it knows; no work is open about a new visit.
    Raises Invalid for a unit choice that settles no tie.
    """
    paid = paid or await _paid(session, visit)
    payers = paid.payers if paid else None
    told = await questions_about(session, visit)
    answers = answers_in(told)
    services = await services_of(session, visit)
    with session.no_autoflush:
        await link_plan(session, visit)
        count, found = await _judge(session, stamp, visit, payers, services, answers, profile)
    charged = await _charge(session, visit, paid, services, count, found, answers)
    asked = questions_of(visit, found, charged.counted.queries)
    now, zone = stamp.recorded_at, profile.time_zone
    await keep_in_step(session, visit, asked, time_zone=zone, now=now, told=told)
    if not is_new or visit.status == "held":
        await tell_held(session, visit, zone, now)
    lines = drawing_lines(charged.counted.earned)
    await draw(session, stamp, visit, payers, lines, profile, is_new=is_new)


async def _judge(
    session: AsyncSession,
    stamp: Stamp,
    visit: Visit,
    payers: PayersOn | None,
    services: Sequence[VisitService],
    answers: Answers,
    profile: ProfileView,
) -> tuple[SessionCount, list[Finding]]:
    """What counts in the session, and what is found about its note and its times."""
    await one_after_the_other(session, visit, services)
    today = local_date(stamp.recorded_at, profile.time_zone)
    count = await session_count(session, visit, services, payers, today)
    found = await found_about(session, visit, services, payers, answers)
    found += overlap_findings(count.overlaps, visit, payers)
    await keep_conflict(session, visit, count, payers)
    return count, found


async def _charge(
    session: AsyncSession,
    visit: Visit,
    paid: Paid | None,
    services: Sequence[VisitService],
    count: SessionCount,
    found: Sequence[Finding],
    answers: Answers,
) -> Charged:
    """Charge or hold, and keep on the visit what was found and what waits."""
    holding = [each.message for each in found if each.severity == "blocks"]
    agreed = agreed_units(answers)
    charged = await charge(session, visit, paid, services, count, asked=holding, agreed=agreed)
    visit.findings = msgspec.to_builtins(found)
    visit.waiting_cents = await waiting_cents(session, visit, charged)
    await session.flush()
    return charged


async def _paid(session: AsyncSession, visit: Visit) -> Paid | None:
    if visit.case_id is None:
        return None
    case = await session.get(Case, (visit.practice_id, visit.case_id))
    on = visit.date_of_service
    payers = await payers_on(session, visit.practice_id, visit.case_id, visit.discipline, on)
    return Paid(payers, is_self_pay=case is not None and case.kind == "self_pay")
