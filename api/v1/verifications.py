"""Verified visits as aggregators bring them, and supervision that took place."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.organization import Created
from api.v1.routers import practice_routes
from domain.visits import verification
from domain.visits.verification import (
    Imported,
    NewSupervision,
    NewVerification,
    SupervisionView,
    VerificationView,
)
from tenants.access import Permission
from tenants.clock import Clock

READ = {"permission": Permission.VISIT_READ}
WRITE = {"permission": Permission.VISIT_WRITE}


class VerificationBatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Records of an aggregator; all of them are taken or none."""

    records: Annotated[list[NewVerification], Meta(min_length=1, max_length=500)]


@get("/visit-verifications", opt=READ)
async def list_verifications(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    first: FromQuery[date],
    last: FromQuery[date],
) -> list[VerificationView]:
    """The verified visits of some dates as they stand."""
    return await verification.verifications(session, practice_id, first=first, last=last)


@post("/visit-verifications", opt=WRITE)
async def import_verifications(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[VerificationBatch],
) -> Imported:
    """Take a batch of verified visits; a repeat changes nothing, a correction supersedes."""
    return await verification.import_verifications(session, practice_id, data.records, now=clock.now())


@get("/supervision-records", opt=READ)
async def list_supervision(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    patient_id: FromQuery[UUID],
    first: FromQuery[date],
    last: FromQuery[date],
) -> list[SupervisionView]:
    """The recorded supervision of a patient's treatment within dates."""
    return await verification.supervision_of(session, practice_id, patient_id, first=first, last=last)


@post("/supervision-records", opt=WRITE)
async def create_supervision(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[NewSupervision],
) -> Created:
    """Record minutes in which a supervisor took part in a technician's treatment."""
    return Created(id=await verification.record_supervision(session, practice_id, data, now=clock.now()))


ROUTER = practice_routes("", list_verifications, import_verifications, list_supervision, create_supervision)
