"""What rested on a coverage, for when it turns out to have ended."""

from datetime import date
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.routers import practice_routes
from domain.reporting.reliance import Reliance, relied_on
from tenants.access import Permission


@get("/{coverage_id:uuid}/reliance", opt={"permission": Permission.LEDGER_READ})
async def read_reliance(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    coverage_id: FromPath[UUID],
    from_on: FromQuery[date],
) -> list[Reliance]:
    """Everything from that date of service on that was booked, seen, sent and paid under the coverage."""
    return await relied_on(session, practice_id, coverage_id, from_on)


ROUTER = practice_routes("/coverages", read_reliance)
