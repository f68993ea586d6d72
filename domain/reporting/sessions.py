"""Sessions as people look for them: the latest first, with who was treated and by whom."""

from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from domain.patients.models import Patient
from domain.practices.models import Provider
from domain.visits.models import Visit
from tenants.audit import note_patients


class SessionRow(Struct, frozen=True, kw_only=True):
    """A documented session in a list."""

    id: UUID
    patient_id: UUID
    patient_name: str
    provider_name: str
    discipline: str
    date_of_service: date
    status: str
    held_reason: str | None


async def session_rows(
    session: AsyncSession,
    practice_id: UUID,
    *,
    status: str | None,
    before: tuple[date, UUID] | None,
    limit: int,
    patient_id: UUID | None = None,
) -> list[SessionRow]:
    """Sessions, the latest first; `before` is the date and id of the last one seen."""
    treated = (Patient.practice_id == Visit.practice_id) & (Patient.id == Visit.patient_id)
    treats = (Provider.practice_id == Visit.practice_id) & (Provider.id == Visit.provider_id)
    names = (Patient.given_name, Patient.family_name, Provider.given_name, Provider.family_name)
    wanted = select(Visit, *names).join(Patient, treated).join(Provider, treats)
    wanted = wanted.where(Visit.practice_id == practice_id)
    if status is not None:
        wanted = wanted.where(Visit.status == status)
    if patient_id is not None:
        wanted = wanted.where(Visit.patient_id == patient_id)
    if before is not None:
        wanted = wanted.where(tuple_(Visit.date_of_service, Visit.id) < before)
    ordered = wanted.order_by(Visit.date_of_service.desc(), Visit.id.desc()).limit(limit)
    rows = [_row(*row) for row in await session.execute(ordered)]
    note_patients(session, *{row.patient_id for row in rows})
    return rows


def _row(visit: Visit, given: str, family: str, by_given: str, by_family: str) -> SessionRow:
    return SessionRow(
        id=visit.id,
        patient_id=visit.patient_id,
        patient_name=f"{given} {family}",
        provider_name=f"{by_given} {by_family}",
        discipline=visit.discipline,
        date_of_service=visit.date_of_service,
        status=visit.status,
        held_reason=visit.held_reason,
    )
