"""Ending a coverage backwards: what was booked and seen on the days that it lost becomes one work item."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.patients.coverages import CoverageChange, end_coverage
from domain.patients.models import Coverage
from domain.practices.settings import practice_profile
from domain.scheduling.models import Appointment
from domain.visits.models import Visit
from domain.work.items import open_item
from tenants.clock import local_date


async def retire_coverage(
    session: AsyncSession,
    practice_id: UUID,
    coverage_id: UUID,
    given: CoverageChange,
    *,
    by: UUID,
    now: datetime,
) -> date | None:
    """Set when a coverage ends, and make one work item of what was booked and seen after that day.

    Returns the first day that lost its coverage, if any. Raises NotFound, Invalid.
    """
    lost_from = await end_coverage(session, practice_id, coverage_id, given, by=by, now=now)
    if lost_from is None:
        return None
    await _tell(session, await session.get_one(Coverage, (practice_id, coverage_id)), lost_from, now)
    return lost_from


async def _tell(session: AsyncSession, coverage: Coverage, lost_from: date, now: datetime) -> None:
    bookings, sessions = await _rested(session, coverage, lost_from)
    if not bookings and not sessions:
        return
    profile = await practice_profile(session, coverage.practice_id)
    await open_item(
        session,
        coverage.practice_id,
        kind="coverage_ended",
        subject_kind="coverage",
        subject_id=coverage.id,
        reason=f"{bookings} bookings and {sessions} sessions rested on it",
        next_action="Find the coverage that is in force and review each of them",
        due_on=local_date(now, profile.time_zone),
        now=now,
    )


async def _rested(session: AsyncSession, coverage: Coverage, from_on: date) -> tuple[int, int]:
    """How many bookings and sessions of the coverage's case there are from a date on."""
    booked = select(func.count()).where(
        Appointment.practice_id == coverage.practice_id,
        Appointment.case_id == coverage.case_id,
        Appointment.service_on >= from_on,
        Appointment.status == "booked",
    )
    seen = select(func.count()).where(
        Visit.practice_id == coverage.practice_id,
        Visit.case_id == coverage.case_id,
        Visit.date_of_service >= from_on,
        Visit.status != "void",
    )
    return (await session.execute(booked)).scalar_one(), (await session.execute(seen)).scalar_one()
