"""What a plan of care obliges to: certificate, recertification, and progress reports by treatment day."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import NoRuleInForce, Resolved
from billing_rules.therapy.deadlines import (
    PLAN_OF_CARE_TERMS,
    PROGRESS_REPORT_TREATMENT_DAYS,
    PlanOfCareTerms,
)
from billing_rules.therapy.payer_rules import PLAN_OF_CARE, PlanOfCareRule, ask
from billing_rules.therapy.plans_of_care import (
    last_covered_on,
    progress_report_due,
    verbal_signature_due_on,
)
from domain.allowances.models import PlanOfCare
from domain.allowances.payers import PayersOn, payers_on
from domain.allowances.plans_of_care import plan_covering
from domain.practices.models import Provider
from domain.views import lock_row, require_reference
from domain.visits.models import Visit
from tenants.errors import Invalid, NotFound


class NewProgressReport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A progress report: on which day it was written, and by which clinician."""

    written_on: date
    provider_id: UUID


class PlanDuties(Struct, frozen=True, kw_only=True):
    """When what is due of a plan by its payer's rules; null where the payer asks for nothing."""

    id: UUID
    certified_on: date | None
    delay_reason: str | None
    verbal_order_on: date | None
    certification_due_on: date | None
    verbal_signature_due_on: date | None
    recertification_due_on: date | None
    treatment_days: int
    progress_reports: list[date]
    progress_report_due_by_day: int | None
    progress_report_overdue: bool


async def note_progress_report(
    session: AsyncSession, practice_id: UUID, plan_id: UUID, given: NewProgressReport
) -> None:
    """Record that progress was reported; raises NotFound, Invalid for a day before the plan."""
    plan = await lock_row(session, PlanOfCare, practice_id, plan_id)
    await require_reference(session, Provider, practice_id, given.provider_id, "/provider_id")
    if given.written_on < plan.starts_on:
        raise Invalid("it is written before the plan starts", pointer="/written_on")
    told = {"on": given.written_on.isoformat(), "by": str(given.provider_id)}
    if told not in plan.progress_reports:
        plan.progress_reports = [*plan.progress_reports, told]
    await session.flush()


async def link_plan(session: AsyncSession, visit: Visit) -> None:
    """Link a session to the plan of its discipline that covers its day, or to none."""
    visit.plan_of_care_id = None
    if visit.case_id is not None:
        on = visit.date_of_service
        plan = await plan_covering(session, visit.practice_id, visit.case_id, visit.discipline, on)
        visit.plan_of_care_id = plan.id if plan else None


async def treatment_days(session: AsyncSession, plan: PlanOfCare) -> tuple[date, ...]:
    """The days on which the plan's episode was treated, the evaluation included, each once."""
    wanted = (
        select(Visit.date_of_service)
        .where(
            Visit.practice_id == plan.practice_id,
            Visit.case_id == plan.case_id,
            Visit.discipline == plan.discipline,
            Visit.date_of_service.between(plan.starts_on, plan.ends_on),
            Visit.status != "void",
        )
        .distinct()
        .order_by(Visit.date_of_service)
    )
    return tuple((await session.execute(wanted)).scalars())


def reported_on(plan: PlanOfCare) -> tuple[date, ...]:
    """The days on which progress was reported, in order."""
    return tuple(sorted(date.fromisoformat(report["on"]) for report in plan.progress_reports))


async def plan_duties(session: AsyncSession, practice_id: UUID, plan_id: UUID) -> PlanDuties:
    """What is due of a plan, by the rules in force on its first day; raises NotFound."""
    plan = await session.get(PlanOfCare, (practice_id, plan_id))
    if plan is None:
        raise NotFound(f"no plan of care {plan_id}")
    payers = await payers_on(session, practice_id, plan.case_id, plan.discipline, plan.starts_on)
    days = await treatment_days(session, plan)
    terms = _asked(payers, PLAN_OF_CARE_TERMS)
    due_days = ask(payers.book, PLAN_OF_CARE, payers.asked).read(PlanOfCareRule).certification_due_days
    every = _asked(payers, PROGRESS_REPORT_TREATMENT_DAYS)
    report = progress_report_due(len(days), _days(plan, days), every.read(int)) if every else None
    return PlanDuties(
        id=plan.id,
        certified_on=plan.certified_on,
        delay_reason=plan.delay_reason,
        verbal_order_on=plan.verbal_order_on,
        certification_due_on=None if due_days is None else plan.starts_on + timedelta(days=due_days),
        verbal_signature_due_on=_verbal(plan, terms),
        recertification_due_on=_recertification(plan, terms),
        treatment_days=len(days),
        progress_reports=list(reported_on(plan)),
        progress_report_due_by_day=report.due_by_treatment_day if report else None,
        progress_report_overdue=report.overdue if report else False,
    )


def _asked(payers: PayersOn, rule: str) -> Resolved | None:
    try:
        return ask(payers.book, rule, payers.asked)
    except NoRuleInForce:
        return None


def _verbal(plan: PlanOfCare, terms: Resolved | None) -> date | None:
    if terms is None or plan.verbal_order_on is None:
        return None
    return verbal_signature_due_on(plan.verbal_order_on, terms.read(PlanOfCareTerms))


def _recertification(plan: PlanOfCare, terms: Resolved | None) -> date | None:
    """The last day that the plan covers: after it the next plan must be certified."""
    if terms is None:
        return None
    planned = (plan.ends_on - plan.starts_on).days + 1
    return last_covered_on(plan.starts_on, planned, terms.read(PlanOfCareTerms))


def _days(plan: PlanOfCare, days: Sequence[date]) -> list[int]:
    """The treatment days that reports close."""
    closed = {sum(day <= on for day in days) for on in reported_on(plan)}
    return sorted(closed - {0})
