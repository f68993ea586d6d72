"""Visits and their charges as screens, claims and the API read them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from domain.views import read_view, read_views
from domain.visits.models import ChargeLine, Visit, VisitService
from tenants.audit import note_patients

MOST_VISITS = 500


class VisitRow(Struct, frozen=True, kw_only=True):
    """A documented session without its procedures."""

    id: UUID
    case_id: UUID | None
    patient_id: UUID
    provider_id: UUID
    location_id: UUID
    appointment_id: UUID | None
    plan_of_care_id: UUID | None
    discipline: str
    date_of_service: date
    starts_at: datetime
    ends_at: datetime
    status: str
    held_reason: str | None
    signed_at: datetime | None
    signed_by: str | None
    source_system: str
    source_id: str
    source_version: str
    telehealth: str
    patient_at_home: bool
    patient_state: str | None
    supervisor_id: UUID | None
    cosigned_at: datetime | None
    cosigned_by: str | None
    benefit: str | None
    total_timed_minutes: int | None
    total_minutes: int | None
    signatures: list[Any]
    coding: dict[str, Any]
    documentation: dict[str, Any] | None
    findings: list[Any]
    method_conflict: dict[str, Any] | None
    waiting_cents: Cents | None


class ServiceView(Struct, frozen=True, kw_only=True):
    """One procedure as the note states it."""

    ordinal: int
    code: str
    minutes: int | None
    units_in_note: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    assistant_id: UUID | None
    assistant_minutes: int
    joint_minutes: int
    patients_at_once: int
    body_site: str | None
    separate_encounter: bool
    notice: str
    decision_making: str | None
    days_with_data: int | None
    modifiers_in_note: list[str]


class ChargeView(Struct, frozen=True, kw_only=True):
    """One charge, and how its minutes became units."""

    id: UUID
    visit_id: UUID
    ordinal: int
    code: str
    modifiers: list[str]
    units: int
    minutes: int | None
    charge_cents: Cents
    method: str
    explanation: dict[str, Any]
    status: str


class VisitView(VisitRow, frozen=True, kw_only=True):
    """A documented session with what the note says and what is charged."""

    services: list[ServiceView]
    charges: list[ChargeView]


async def visit(session: AsyncSession, practice_id: UUID, visit_id: UUID) -> VisitView:
    """One visit; raises NotFound."""
    row = await read_view(session, VisitRow, Visit, practice_id, visit_id)
    note_patients(session, row.patient_id)
    mine = (VisitService.practice_id == practice_id, VisitService.visit_id == visit_id)
    services = await read_views(session, ServiceView, VisitService, *mine, order=[VisitService.ordinal])
    return VisitView(
        **asdict(row), services=services, charges=await charges_of(session, practice_id, [visit_id])
    )


async def visits(
    session: AsyncSession,
    practice_id: UUID,
    *,
    first: date,
    last: date,
    case_id: UUID | None = None,
    status: str | None = None,
    source_id: str | None = None,
) -> list[VisitRow]:
    """The sessions within dates (inclusive), in their order; at most MOST_VISITS."""
    where = [Visit.practice_id == practice_id, Visit.date_of_service.between(first, last)]
    if case_id is not None:
        where.append(Visit.case_id == case_id)
    if status is not None:
        where.append(Visit.status == status)
    if source_id is not None:
        where.append(Visit.source_id == source_id)
    order = [Visit.date_of_service, Visit.starts_at, Visit.id]
    found = await read_views(session, VisitRow, Visit, *where, order=order, limit=MOST_VISITS)
    note_patients(session, *(row.patient_id for row in found))
    return found


async def charges_of(session: AsyncSession, practice_id: UUID, visit_ids: Iterable[UUID]) -> list[ChargeView]:
    """The charge lines of visits, in the order of each visit."""
    mine = (ChargeLine.practice_id == practice_id, ChargeLine.visit_id.in_(list(visit_ids)))
    order = [ChargeLine.visit_id, ChargeLine.ordinal]
    return await read_views(session, ChargeView, ChargeLine, *mine, order=order)
