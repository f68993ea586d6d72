"""Measures of a practice; each opens into the rows it was counted from."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.routers import practice_routes
from domain.reporting.unit_leakage import UnitLeakage, unit_leakage
from tenants.access import Permission
from tenants.clock import Clock


@get("/unit-leakage", opt={"permission": Permission.CLAIM_READ})
async def read_unit_leakage(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    first_on: Annotated[date, QueryParameter(name="from")],
    last_on: Annotated[date, QueryParameter(name="to")],
) -> UnitLeakage:
    """Units supportable by minutes and payer less units billed, by method, provider and visit."""
    return await unit_leakage(session, practice_id, first_on, last_on, clock.now().date())


ROUTER = practice_routes("/measures", read_unit_leakage)
