"""Codes of every system by date of service: valid or not, their description with its source, children."""

from datetime import date
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.routers import practice_routes
from billing_rules.therapy.code_lookup import CodeAnswer, CodeSystem
from domain.practices.codes import code_on_day
from tenants.access import Permission
from tenants.clock import Clock


@get("/{system:str}/{code:str}", opt={"permission": Permission.PRACTICE_READ})
async def read_code(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    system: FromPath[CodeSystem],
    code: FromPath[str],
    on: FromQuery[date | None] = None,
) -> CodeAnswer:
    """What is known of a code on a date of service, or today."""
    return await code_on_day(session, practice_id, system, code, on or clock.now().date())


ROUTER = practice_routes("/codes", read_code)
