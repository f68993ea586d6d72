"""Patients and who owes their balance."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.organization import Created
from api.v1.routers import practice_routes
from domain.patients import queries
from domain.patients.parties import NewShares, ShareView, set_shares, shares_on
from domain.patients.queries import CaseView, PatientView
from domain.patients.registration import NewPatient, register_patient
from domain.practices.settings import practice_profile
from tenants.access import Permission
from tenants.clock import Clock, local_date

READ = {"permission": Permission.PATIENT_READ}
WRITE = {"permission": Permission.PATIENT_WRITE}
Page = Annotated[int, Meta(ge=1, le=200)]


@get("/", opt=READ)
async def list_patients(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    name: FromQuery[str] = "",
    external_id: FromQuery[str | None] = None,
    limit: FromQuery[Page] = 50,
) -> list[PatientView]:
    """Patients whose family name begins so, or who have this id in their source."""
    return await queries.patients(session, practice_id, name=name, source_id=external_id, limit=limit)


@post("/", opt=WRITE)
async def create_patient(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[NewPatient],
) -> Created:
    """Register a patient, once per source id."""
    now = clock.now()
    today = local_date(now, (await practice_profile(session, practice_id)).time_zone)
    return Created(id=await register_patient(session, practice_id, data, now=now, today=today))


@get("/{patient_id:uuid}", opt=READ)
async def read_patient(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], patient_id: FromPath[UUID]
) -> PatientView:
    """One patient."""
    return await queries.patient(session, practice_id, patient_id)


@get("/{patient_id:uuid}/cases", opt=READ)
async def list_cases(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], patient_id: FromPath[UUID]
) -> list[CaseView]:
    """The patient's cases, the latest first."""
    await queries.patient(session, practice_id, patient_id)
    return await queries.cases_of(session, practice_id, patient_id)


@get("/{patient_id:uuid}/shares", opt=READ)
async def read_shares(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    patient_id: FromPath[UUID],
    on: FromQuery[date],
) -> list[ShareView]:
    """Who owes the patient's balance on a date; for staff only."""
    await queries.patient(session, practice_id, patient_id)
    return await shares_on(session, practice_id, patient_id, on)


@put("/{patient_id:uuid}/shares", opt=WRITE)
async def write_shares(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    patient_id: FromPath[UUID],
    data: JSONBody[NewShares],
) -> list[ShareView]:
    """Set who owes the patient's balance from a date on; the parts sum to 10,000 basis points."""
    await set_shares(session, practice_id, patient_id, data)
    return await shares_on(session, practice_id, patient_id, data.starts_on)


ROUTER = practice_routes(
    "/patients",
    list_patients,
    create_patient,
    read_patient,
    list_cases,
    read_shares,
    write_shares,
)
