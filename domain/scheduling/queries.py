"""Appointments as the schedule and the API read them."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from domain.scheduling.models import Appointment
from domain.views import read_view, read_views
from tenants.audit import note_patients

MOST_APPOINTMENTS = 500


class AppointmentView(Struct, frozen=True, kw_only=True):
    """A planned session and whether it holds its room; `unreserved` is shown red."""

    id: UUID
    case_id: UUID
    patient_id: UUID
    provider_id: UUID
    location_id: UUID
    discipline: str
    starts_at: datetime
    ends_at: datetime
    service_on: date
    planned_codes: list[str]
    status: str
    reservation: str
    reservation_reason: str
    source_system: str
    source_id: str
    source_version: str


async def appointment(session: AsyncSession, practice_id: UUID, appointment_id: UUID) -> AppointmentView:
    """One appointment; raises NotFound."""
    found = await read_view(session, AppointmentView, Appointment, practice_id, appointment_id)
    note_patients(session, found.patient_id)
    return found


async def appointments(
    session: AsyncSession,
    practice_id: UUID,
    *,
    first: date,
    last: date,
    case_id: UUID | None = None,
    provider_id: UUID | None = None,
    source_id: str | None = None,
) -> list[AppointmentView]:
    """The schedule within dates (inclusive), in its order; at most MOST_APPOINTMENTS."""
    where = [Appointment.practice_id == practice_id, Appointment.service_on.between(first, last)]
    if case_id is not None:
        where.append(Appointment.case_id == case_id)
    if provider_id is not None:
        where.append(Appointment.provider_id == provider_id)
    if source_id is not None:
        where.append(Appointment.source_id == source_id)
    order = [Appointment.service_on, Appointment.starts_at, Appointment.id]
    found = await read_views(
        session, AppointmentView, Appointment, *where, order=order, limit=MOST_APPOINTMENTS
    )
    note_patients(session, *(row.patient_id for row in found))
    return found
