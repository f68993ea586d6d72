"""The yearly therapy threshold: what is accrued by patient, look-ups, and lines decided provisionally."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.organization import Created
from api.v1.routers import practice_routes
from domain.claims.threshold_views import (
    LineToRevisit,
    NewThresholdObservation,
    ThresholdTally,
    lines_to_revisit,
    observe_threshold,
    threshold_tallies,
)
from domain.practices.settings import practice_profile
from tenants.access import Actor, Permission
from tenants.clock import Clock, local_date

READ = {"permission": Permission.CLAIM_READ}
WRITE = {"permission": Permission.CLAIM_WRITE}


@get("/patients/{patient_id:uuid}", opt=READ)
async def read_tallies(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    patient_id: FromPath[UUID],
    year: FromQuery[int],
) -> list[ThresholdTally]:
    """Both buckets of a patient's year, by where each part is known from."""
    return await threshold_tallies(session, practice_id, patient_id, year)


@post("/patients/{patient_id:uuid}", opt=WRITE)
async def create_observation(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    patient_id: FromPath[UUID],
    data: JSONBody[NewThresholdObservation],
) -> Created:
    """Record what the payer's portal says is accrued."""
    now = clock.now()
    today = local_date(now, (await practice_profile(session, practice_id)).time_zone)
    made = await observe_threshold(session, practice_id, patient_id, data, by=actor.id, now=now, today=today)
    return Created(id=made)


@get("/provisional-lines", opt=READ)
async def list_provisional_lines(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], year: FromQuery[int]
) -> list[LineToRevisit]:
    """Lines of a year that were decided by another year's sum, for want of its own."""
    return await lines_to_revisit(session, practice_id, year)


ROUTER = practice_routes("/therapy-thresholds", read_tallies, create_observation, list_provisional_lines)
