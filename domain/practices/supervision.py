"""Who supervises whom, who was away, and whom a payer has enrolled to order treatment, by date."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import asdict
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.identifiers import npi_is_valid
from domain.practices.credential_models import OrderingEnrolment, ProviderAbsence, SupervisionAssignment
from domain.practices.credentials import LicenceEnd, refuse_reversed
from domain.practices.models import Payer, Provider
from domain.practices.settings import Named
from domain.views import lock_row, read_views, require_reference
from tenants.errors import Invalid
from tenants.ids import new_id


class NewAssignment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A supervisor for a clinician or technician; several may be assigned, the latest is asked first."""

    supervisee_id: UUID
    supervisor_id: UUID
    starts_on: date
    ends_on: date | None = None


class NewAbsence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days away; the reason is for the schedule (leave, conference), never about health."""

    provider_id: UUID
    starts_on: date
    ends_on: date
    reason: Annotated[str, Meta(min_length=1, max_length=100)] = "away"


class NewOrderingEnrolment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That a payer has an ordering or referring provider enrolled, between dates."""

    payer_id: UUID
    npi: str
    name: Named
    starts_on: date
    ends_on: date | None = None


class AssignmentView(Struct, frozen=True, kw_only=True):
    """Who supervises whom."""

    id: UUID
    supervisee_id: UUID
    supervisor_id: UUID
    starts_on: date
    ends_on: date | None


class AbsenceView(Struct, frozen=True, kw_only=True):
    """Who was away."""

    id: UUID
    provider_id: UUID
    starts_on: date
    ends_on: date
    reason: str


class OrderingEnrolmentView(Struct, frozen=True, kw_only=True):
    """Whom a payer has enrolled."""

    id: UUID
    payer_id: UUID
    npi: str
    name: str
    starts_on: date
    ends_on: date | None


async def assign_supervisor(
    session: AsyncSession, practice_id: UUID, given: NewAssignment, *, now: datetime
) -> UUID:
    """Record who supervises whom; raises Invalid for unknown people, oneself, or reversed dates."""
    await require_reference(session, Provider, practice_id, given.supervisee_id, "/supervisee_id")
    await require_reference(session, Provider, practice_id, given.supervisor_id, "/supervisor_id")
    if given.supervisee_id == given.supervisor_id:
        raise Invalid("nobody supervises themselves", pointer="/supervisor_id")
    refuse_reversed(given.starts_on, given.ends_on)
    row = SupervisionAssignment(practice_id=practice_id, id=new_id(), recorded_at=now, **asdict(given))
    session.add(row)
    await session.flush()
    return row.id


async def end_assignment(
    session: AsyncSession, practice_id: UUID, assignment_id: UUID, given: LicenceEnd
) -> None:
    """Set the last day of an assignment; raises NotFound, Invalid."""
    row = await lock_row(session, SupervisionAssignment, practice_id, assignment_id)
    refuse_reversed(row.starts_on, given.ends_on)
    row.ends_on = given.ends_on
    await session.flush()


async def record_absence(
    session: AsyncSession, practice_id: UUID, given: NewAbsence, *, now: datetime
) -> UUID:
    """Record days away; raises Invalid for an unknown provider or reversed dates."""
    await require_reference(session, Provider, practice_id, given.provider_id, "/provider_id")
    refuse_reversed(given.starts_on, given.ends_on)
    row = ProviderAbsence(practice_id=practice_id, id=new_id(), recorded_at=now, **asdict(given))
    session.add(row)
    await session.flush()
    return row.id


async def record_ordering_enrolment(
    session: AsyncSession, practice_id: UUID, given: NewOrderingEnrolment, *, now: datetime
) -> UUID:
    """Record an enrolment; raises Invalid for a false NPI, an unknown payer, or days already recorded."""
    if not npi_is_valid(given.npi):
        raise Invalid("the NPI fails its check digit", pointer="/npi")
    await require_reference(session, Payer, practice_id, given.payer_id, "/payer_id")
    refuse_reversed(given.starts_on, given.ends_on)
    row = OrderingEnrolment
    later = or_(row.ends_on.is_(None), row.ends_on >= given.starts_on)
    until = () if given.ends_on is None else (row.starts_on <= given.ends_on,)
    mine = (row.practice_id == practice_id, row.payer_id == given.payer_id, row.npi == given.npi)
    if (await session.execute(select(row.id).where(*mine, later, *until))).first() is not None:
        raise Invalid("the enrolment is recorded for these days already", pointer="/starts_on")
    made = OrderingEnrolment(practice_id=practice_id, id=new_id(), recorded_at=now, **asdict(given))
    session.add(made)
    await session.flush()
    return made.id


async def assignments(session: AsyncSession, practice_id: UUID) -> list[AssignmentView]:
    """Who supervises whom, by date."""
    row = SupervisionAssignment
    order = [row.starts_on, row.id]
    return await read_views(session, AssignmentView, row, row.practice_id == practice_id, order=order)


async def absences(session: AsyncSession, practice_id: UUID) -> list[AbsenceView]:
    """Who was away, by date."""
    row = ProviderAbsence
    order = [row.starts_on, row.id]
    return await read_views(session, AbsenceView, row, row.practice_id == practice_id, order=order)


async def ordering_enrolments(session: AsyncSession, practice_id: UUID) -> list[OrderingEnrolmentView]:
    """Whom payers have enrolled to order, by NPI and date."""
    row = OrderingEnrolment
    order = [row.npi, row.starts_on]
    return await read_views(session, OrderingEnrolmentView, row, row.practice_id == practice_id, order=order)
