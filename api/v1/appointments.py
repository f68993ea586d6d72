"""Appointments: booking reserves, cancelling gives back, a mirrored schedule is told in time."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.routers import practice_routes
from domain.scheduling import queries
from domain.scheduling.booking import NewAppointment, book, cancel, note_no_show
from domain.scheduling.queries import AppointmentView
from domain.scheduling.series import NewSeries, SeriesDate, preview_series
from tenants.access import Actor, Permission
from tenants.clock import Clock

READ = {"permission": Permission.SCHEDULE_READ}
WRITE = {"permission": Permission.SCHEDULE_WRITE}


class Cancellation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why an appointment will not take place."""

    reason: Annotated[str, Meta(min_length=1, max_length=200)]


@get("/", opt=READ)
async def list_appointments(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    first: FromQuery[date],
    last: FromQuery[date],
    case_id: FromQuery[UUID | None] = None,
    provider_id: FromQuery[UUID | None] = None,
    external_id: FromQuery[str | None] = None,
) -> list[AppointmentView]:
    """The schedule within dates, in its order."""
    return await queries.appointments(
        session,
        practice_id,
        first=first,
        last=last,
        case_id=case_id,
        provider_id=provider_id,
        source_id=external_id,
    )


@post("/", opt=WRITE)
async def create_appointment(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[NewAppointment],
) -> AppointmentView:
    """Book, once per source id; a newer version moves the appointment."""
    made = await book(session, practice_id, data, by=actor.id, now=clock.now())
    return await queries.appointment(session, practice_id, made)


@post("/series/preview", opt=READ, status_code=200)
async def preview(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], data: JSONBody[NewSeries]
) -> list[SeriesDate]:
    """What booking these dates would answer; nothing is written."""
    return await preview_series(session, practice_id, data)


@get("/{appointment_id:uuid}", opt=READ)
async def read_appointment(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], appointment_id: FromPath[UUID]
) -> AppointmentView:
    """One appointment with its reservation."""
    return await queries.appointment(session, practice_id, appointment_id)


@post("/{appointment_id:uuid}/cancel", opt=WRITE, status_code=200)
async def cancel_appointment(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    appointment_id: FromPath[UUID],
    data: JSONBody[Cancellation],
) -> AppointmentView:
    """Cancel, and give back what was reserved."""
    await cancel(session, practice_id, appointment_id, reason=data.reason, by=actor.id, now=clock.now())
    return await queries.appointment(session, practice_id, appointment_id)


@post("/{appointment_id:uuid}/no-show", opt=WRITE, status_code=200)
async def no_show(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    appointment_id: FromPath[UUID],
) -> AppointmentView:
    """Note that nobody came; the payer's and practice's rule row says whether that counts."""
    await note_no_show(session, practice_id, appointment_id, by=actor.id, now=clock.now())
    return await queries.appointment(session, practice_id, appointment_id)


ROUTER = practice_routes(
    "/appointments",
    list_appointments,
    create_appointment,
    preview,
    read_appointment,
    cancel_appointment,
    no_show,
)
