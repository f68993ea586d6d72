"""Coverages on their two time axes, and what rested on one that ended."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.organization import Created
from api.v1.routers import practice_routes
from domain.patient_billing.retro_coverage import tell_retro_coverage
from domain.patients.coverages import (
    Belief,
    CoverageChange,
    CoverageView,
    NewCoverage,
    add_coverage,
    beliefs,
    coverage_by_id,
)
from domain.reporting.reliance import Reliance, relied_on
from domain.visits.rested import retire_coverage
from tenants.access import Actor, Permission
from tenants.clock import Clock
from tenants.errors import NotFound

READ = {"permission": Permission.PATIENT_READ}
WRITE = {"permission": Permission.PATIENT_WRITE}
Instant = Annotated[datetime, Meta(tz=True)]


class CoverageEnded(Struct, frozen=True, kw_only=True):
    """A coverage as it is believed now, and the first day that lost it: from there ask what relied on it."""

    coverage: CoverageView
    lost_from: date | None


@post("/", opt=WRITE)
async def create_coverage(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[NewCoverage],
) -> Created:
    """Add a coverage to a case; Medicaid that reaches back opens work to re-bill and refund."""
    now = clock.now()
    made = await add_coverage(session, practice_id, data, by=actor.id, now=now)
    await tell_retro_coverage(session, practice_id, made, now)
    return Created(id=made)


@get("/{coverage_id:uuid}", opt=READ)
async def read_coverage(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    coverage_id: FromPath[UUID],
    known_at: FromQuery[Instant | None] = None,
) -> CoverageView:
    """A coverage as it is believed now, or as it was believed at an instant."""
    found = await coverage_by_id(session, practice_id, coverage_id, known_at=known_at)
    if found is None:
        raise NotFound(f"no coverage {coverage_id}")
    return found


@get("/{coverage_id:uuid}/beliefs", opt=READ)
async def list_beliefs(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], coverage_id: FromPath[UUID]
) -> list[Belief]:
    """Everything that was ever believed about the coverage's period."""
    return await beliefs(session, practice_id, coverage_id)


@post("/{coverage_id:uuid}/end", opt=WRITE, status_code=200)
async def end(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    coverage_id: FromPath[UUID],
    data: JSONBody[CoverageChange],
) -> CoverageEnded:
    """Set when a coverage ends, backwards too; what was booked and seen on the days that it lost is work."""
    lost_from = await retire_coverage(session, practice_id, coverage_id, data, by=actor.id, now=clock.now())
    found = await coverage_by_id(session, practice_id, coverage_id)
    assert found is not None, "it was just changed"
    return CoverageEnded(coverage=found, lost_from=lost_from)


@get("/{coverage_id:uuid}/reliance", opt={"permission": Permission.LEDGER_READ})
async def read_reliance(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    coverage_id: FromPath[UUID],
    from_on: FromQuery[date],
) -> list[Reliance]:
    """Everything from that date of service on that was booked, seen, sent and paid under the coverage."""
    return await relied_on(session, practice_id, coverage_id, from_on)


ROUTER = practice_routes("/coverages", create_coverage, read_coverage, list_beliefs, end, read_reliance)
