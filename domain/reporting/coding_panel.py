"""The coding panel (CD-12): timed units, plan of care, limits, and what the payer asks of the note."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.documentation.checklists import Checklists, is_answered, lay_over
from billing_rules.therapy.documentation.policies import DOCUMENTATION_CHECKLIST
from billing_rules.therapy.payer_rules import ask
from domain.allowances.models import PlanOfCare
from domain.allowances.remaining import LimitLeft, limits_left
from domain.ledger.statements import driver_of
from domain.reporting.clocks import zone_of
from domain.reporting.session_story import Drawn, drawn_by
from domain.visits.charging import services_of
from domain.visits.documentation import note_facts
from domain.visits.models import Visit
from domain.visits.plan_duties import PlanDuties, plan_duties
from domain.visits.queries import ChargeView, charges_of
from domain.visits.query_views import QueryView, queries_of
from domain.visits.questions import answers_of
from domain.visits.shared_time import payers_of
from domain.visits.unit_panel import UnitPanel, unit_panel
from tenants.clock import local_date


class PlanSupport(Struct, frozen=True, kw_only=True):
    """The plan of care that the session links to, and what is due of it."""

    id: UUID
    discipline: str
    starts_on: date
    ends_on: date
    certified_by: str | None
    duties: PlanDuties


class AskedOfNote(Struct, frozen=True, kw_only=True):
    """One thing that the payer's checklist asks of the note; `severity` says what its absence does."""

    checklist: str
    item: str
    question: str
    severity: str
    answered: bool
    source: str


class CodingPanel(Struct, frozen=True, kw_only=True):
    """All four sides of a session's coding beside each other; `findings` are what intake had to say.

    Without an attestation nothing is known of the items that the record itself does not answer.
    """

    units: UnitPanel
    charges: list[ChargeView]
    plan: PlanSupport | None
    drawn: list[Drawn]
    limits: list[LimitLeft]
    attestation_received: bool
    asked: list[AskedOfNote]
    findings: list[Any]
    queries: list[QueryView]


async def coding_panel(
    session: AsyncSession, practice_id: UUID, visit_id: UUID, now: datetime
) -> CodingPanel:
    """The coding panel of one session; raises NotFound."""
    today = local_date(now, await zone_of(session, practice_id))
    units = await unit_panel(session, practice_id, visit_id, today)
    visit = await session.get_one(Visit, (practice_id, visit_id))
    return CodingPanel(
        units=units,
        charges=await charges_of(session, practice_id, [visit_id]),
        plan=await _plan(session, visit),
        drawn=await drawn_by(session, practice_id, visit_id),
        limits=await _limits(session, visit, now),
        attestation_received=visit.documentation is not None,
        asked=await asked_of_note(session, visit),
        findings=visit.findings,
        queries=await queries_of(session, practice_id, now=now, visit_id=visit_id),
    )


async def _plan(session: AsyncSession, visit: Visit) -> PlanSupport | None:
    if visit.plan_of_care_id is None:
        return None
    plan = await session.get_one(PlanOfCare, (visit.practice_id, visit.plan_of_care_id))
    return PlanSupport(
        id=plan.id,
        discipline=plan.discipline,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        certified_by=plan.certified_by,
        duties=await plan_duties(session, visit.practice_id, plan.id),
    )


async def _limits(session: AsyncSession, visit: Visit, now: datetime) -> list[LimitLeft]:
    """The limits of the session's case that are in force on its date and may count its discipline."""
    if visit.case_id is None:
        return []
    found = await limits_left(await driver_of(session), visit.practice_id, [visit.case_id], now)
    return [limit for case in found for limit in case.limits if _concerns(limit, visit)]


def _concerns(limit: LimitLeft, visit: Visit) -> bool:
    covers = limit.starts_on <= visit.date_of_service <= limit.ends_on
    return covers and (limit.disciplines is None or visit.discipline in limit.disciplines)


async def asked_of_note(session: AsyncSession, visit: Visit) -> list[AskedOfNote]:
    """Every item of the checklists that apply to a session, and whether its record answers it."""
    payers = await payers_of(session, visit)
    rows = ask(payers.book, DOCUMENTATION_CHECKLIST, payers.asked).considered
    note = note_facts(visit, await services_of(session, visit), await answers_of(session, visit))
    return [
        AskedOfNote(
            checklist=checklist.title,
            item=item.id,
            question=item.question,
            severity=item.severity,
            answered=is_answered(item, note),
            source=item.source,
        )
        for checklist in lay_over(_read(rows), visit.date_of_service)
        if checklist.applies(note)
        for item in checklist.items
    ]


def _read(rows: Sequence[Any]) -> list[Checklists]:
    return [msgspec.convert(row.value, Checklists) for row in rows]
