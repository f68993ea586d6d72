"""Booking, moving, cancelling and missing appointments; a source's record arrives any number of times."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.code_table import Discipline
from billing_rules.therapy.payer_rules import no_show_releases
from domain.allowances.drawing import note_stage
from domain.allowances.locking import draws_of
from domain.allowances.payers import payers_on
from domain.ledger.draws import use_limits
from domain.ledger.entries import Stamp
from domain.ledger.limits import DrawMove, LimitRef
from domain.patients.models import Case
from domain.practices.models import Location, Provider
from domain.practices.settings import ProfileView, practice_profile
from domain.scheduling.models import Appointment
from domain.scheduling.planning import accept_codes
from domain.scheduling.reservations import give_back, reserve
from domain.scheduling.versions import Arrival, compare
from domain.views import lock_row, require_reference
from tenants.audit import note_change, note_patients
from tenants.clock import local_date
from tenants.errors import Conflict, Invalid
from tenants.ids import new_id

Instant = Annotated[datetime, Meta(tz=True)]
Source = Annotated[str, Meta(min_length=1, max_length=100)]
CONTENT = (
    "case_id",
    "provider_id",
    "location_id",
    "discipline",
    "starts_at",
    "ends_at",
    "planned_codes",
)


class AppointmentNotBooked(Conflict):
    """The appointment was cancelled, missed or attended; only a booked one can be changed."""

    code = "appointment_not_booked"


class SourceVersionReused(Conflict):
    """The same source id and version arrived with other content."""

    code = "source_version_reused"


class NewAppointment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A planned session; the source's id and version are its keys, and a newer version moves it."""

    case_id: UUID
    provider_id: UUID
    location_id: UUID
    discipline: Discipline
    starts_at: Instant
    ends_at: Instant
    planned_codes: Annotated[list[str], Meta(min_length=1)]
    source_system: Source
    source_id: Source
    source_version: Source = "1"


async def book(
    session: AsyncSession, practice_id: UUID, given: NewAppointment, *, by: UUID, now: datetime
) -> UUID:
    """Book an appointment, once per source id, and reserve what it will draw; returns its id.

    Raises NothingLeft or CapReached where the schedule is kept here, SourceVersionReused,
    AppointmentNotBooked for a change of one that is over, Invalid naming a field.
    """
    profile = await practice_profile(session, practice_id)
    patient_id = await _accept(session, practice_id, given, profile)
    values = _values(given, profile, patient_id, now)
    appointment, is_new = await _insert_or_lock(session, practice_id, values)
    note_patients(session, patient_id)
    if not is_new and not _takes(appointment, given):
        return appointment.id
    for name, value in values.items():
        setattr(appointment, name, value)
    await session.flush()
    await reserve(session, Stamp(practice_id, by, now), appointment, profile)
    return appointment.id


async def cancel(
    session: AsyncSession, practice_id: UUID, appointment_id: UUID, *, reason: str, by: UUID, now: datetime
) -> None:
    """Cancel a booked appointment and give back what it reserved; raises AppointmentNotBooked, NotFound."""
    appointment = await _lock_booked(session, practice_id, appointment_id)
    appointment.status, appointment.reservation = "cancelled", "none"
    appointment.reservation_reason = f"cancelled: {reason}"
    await session.flush()
    profile = await practice_profile(session, practice_id)
    await give_back(session, Stamp(practice_id, by, now), appointment, profile)


async def note_no_show(
    session: AsyncSession, practice_id: UUID, appointment_id: UUID, *, by: UUID, now: datetime
) -> None:
    """Note that nobody came; whether it gives the room back is the payer's and practice's rule row.

    Raises AppointmentNotBooked, NotFound.
    """
    appointment = await _lock_booked(session, practice_id, appointment_id)
    on = appointment.service_on
    payers = await payers_on(session, practice_id, appointment.case_id, appointment.discipline, on)
    appointment.status = "no_show"
    stamp = Stamp(practice_id, by, now)
    if no_show_releases(payers.book, payers.asked):
        appointment.reservation, appointment.reservation_reason = "none", "no-show, given back"
        await session.flush()
        profile = await practice_profile(session, practice_id)
        await give_back(session, stamp, appointment, profile)
        return
    appointment.reservation_reason = "no-show, which this payer counts"
    await session.flush()
    drawn = await draws_of(session, practice_id, [appointment.id])
    await use_limits(session, stamp, [moved(draw, "attended") for draw in drawn])
    await note_stage(session, practice_id, [appointment.id], "attended")


def moved(draw: Any, stage: str) -> DrawMove:
    """The move of a draw to another stage, as it stands otherwise."""
    return DrawMove(
        limit=LimitRef(draw.limit_kind, draw.limit_id, draw.unit),
        counted_key=draw.counted_key,
        subject_id=draw.subject_id,
        stage=stage,
        drawn_on=draw.drawn_on,
        amount=draw.amount,
    )


async def _accept(
    session: AsyncSession, practice_id: UUID, given: NewAppointment, profile: ProfileView
) -> UUID:
    """Refuse what cannot be booked; returns the patient of the case.

    A code past its end date is refused where the schedule is kept here; elsewhere it is planned already.
    """
    if given.ends_at <= given.starts_at:
        raise Invalid("it ends before it starts", pointer="/ends_at")
    on = [local_date(given.starts_at, profile.time_zone)] if profile.schedule_mode == "kept" else []
    accept_codes(given.planned_codes, "/planned_codes", *on)
    await require_reference(session, Provider, practice_id, given.provider_id, "/provider_id")
    await require_reference(session, Location, practice_id, given.location_id, "/location_id")
    case = await session.get(Case, (practice_id, given.case_id))
    if case is None:
        raise Invalid("/case_id names no case of this practice", pointer="/case_id")
    if case.closed_on is not None and given.starts_at.date() > case.closed_on:
        raise Invalid("the case is closed", pointer="/case_id")
    return case.patient_id


def _values(given: NewAppointment, profile: ProfileView, patient_id: UUID, now: datetime) -> dict[str, Any]:
    return {
        **{name: getattr(given, name) for name in CONTENT},
        "patient_id": patient_id,
        "service_on": local_date(given.starts_at, profile.time_zone),
        "source_system": given.source_system,
        "source_id": given.source_id,
        "source_version": given.source_version,
        "recorded_at": now,
    }


async def _insert_or_lock(
    session: AsyncSession, practice_id: UUID, values: dict[str, Any]
) -> tuple[Appointment, bool]:
    """Write the appointment, or lock the one of the same source id, whoever wrote it meanwhile."""
    fresh = {"practice_id": practice_id, "id": new_id(), "status": "booked", "reservation": "none"}
    written = insert(Appointment).values({**values, **fresh, "reservation_reason": "not decided yet"})
    made = await session.execute(written.on_conflict_do_nothing().returning(Appointment.id))
    made_id = made.scalar_one_or_none()
    if made_id is not None:
        note_change(session, "insert", "appointments", made_id)
    same = (
        Appointment.practice_id == practice_id,
        Appointment.source_system == values["source_system"],
        Appointment.source_id == values["source_id"],
    )
    found = select(Appointment).where(*same).with_for_update(key_share=True)
    return (await session.execute(found)).scalar_one(), made_id is not None


def _takes(appointment: Appointment, given: NewAppointment) -> bool:
    """Whether an arriving record changes the known one; raises SourceVersionReused, AppointmentNotBooked."""
    arrival = compare(given.source_version, appointment.source_version)
    is_same = all(getattr(appointment, name) == getattr(given, name) for name in CONTENT)
    if arrival is Arrival.SAME and not is_same:
        raise SourceVersionReused("this version has other content", pointer="/source_version")
    if arrival is not Arrival.NEWER:
        return False
    if appointment.status != "booked":
        raise AppointmentNotBooked(f"appointment {appointment.id} is {appointment.status}")
    return True


async def _lock_booked(session: AsyncSession, practice_id: UUID, appointment_id: UUID) -> Appointment:
    appointment = await lock_row(session, Appointment, practice_id, appointment_id)
    if appointment.status != "booked":
        raise AppointmentNotBooked(f"appointment {appointment_id} is {appointment.status}")
    return appointment
