"""What rested on a coverage from a date on: bookings and sessions; claims and money add theirs (BC-02)."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.patients.coverages import CoverageChange, end_coverage
from domain.patients.models import Coverage
from domain.practices.settings import practice_profile
from domain.scheduling.models import Appointment
from domain.visits.models import Visit
from domain.work.items import open_item
from tenants.clock import local_date
from tenants.errors import NotFound


class RestedAppointment(Struct, frozen=True, kw_only=True):
    """A booking under the coverage's case."""

    id: UUID
    service_on: date
    status: str
    reservation: str


class RestedVisit(Struct, frozen=True, kw_only=True):
    """A session under the coverage's case."""

    id: UUID
    date_of_service: date
    status: str


class RestedOn(Struct, frozen=True, kw_only=True):
    """What rested on a coverage from a date on, by date."""

    coverage_id: UUID
    from_on: date
    appointments: list[RestedAppointment]
    visits: list[RestedVisit]


async def rested_on(session: AsyncSession, practice_id: UUID, coverage_id: UUID, from_on: date) -> RestedOn:
    """The bookings and sessions of the coverage's case from a date on; raises NotFound."""
    case = select(Coverage.case_id).where(Coverage.practice_id == practice_id, Coverage.id == coverage_id)
    case_id = (await session.execute(case)).scalar_one_or_none()
    if case_id is None:
        raise NotFound(f"no coverage {coverage_id}")
    booked = (
        select(Appointment.id, Appointment.service_on, Appointment.status, Appointment.reservation)
        .where(Appointment.practice_id == practice_id, Appointment.case_id == case_id)
        .where(Appointment.service_on >= from_on, Appointment.status == "booked")
        .order_by(Appointment.service_on, Appointment.id)
    )
    held = (
        select(Visit.id, Visit.date_of_service, Visit.status)
        .where(Visit.practice_id == practice_id, Visit.case_id == case_id)
        .where(Visit.date_of_service >= from_on, Visit.status != "void")
        .order_by(Visit.date_of_service, Visit.id)
    )
    return RestedOn(
        coverage_id=coverage_id,
        from_on=from_on,
        appointments=[RestedAppointment(**row._mapping) for row in await session.execute(booked)],
        visits=[RestedVisit(**row._mapping) for row in await session.execute(held)],
    )


async def retire_coverage(
    session: AsyncSession,
    practice_id: UUID,
    coverage_id: UUID,
    given: CoverageChange,
    *,
    by: UUID,
    now: datetime,
) -> RestedOn | None:
    """Set when a coverage ends, and make one work item of what rested on it after that day.

    Returns what rested on it, or None when no day lost its coverage. Raises NotFound, Invalid.
    """
    lost_from = await end_coverage(session, practice_id, coverage_id, given, by=by, now=now)
    if lost_from is None:
        return None
    rested = await rested_on(session, practice_id, coverage_id, lost_from)
    if rested.appointments or rested.visits:
        await _tell(session, practice_id, rested, now)
    return rested


async def _tell(session: AsyncSession, practice_id: UUID, rested: RestedOn, now: datetime) -> None:
    profile = await practice_profile(session, practice_id)
    await open_item(
        session,
        practice_id,
        kind="coverage_ended",
        subject_kind="coverage",
        subject_id=rested.coverage_id,
        reason=f"{len(rested.appointments)} bookings and {len(rested.visits)} sessions rested on it",
        next_action="Find the coverage that is in force and review each of them",
        due_on=local_date(now, profile.time_zone),
        now=now,
    )
