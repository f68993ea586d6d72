"""The discipline packs: what a discipline may bill on a date, how its time counts, and its modifiers."""

from datetime import date
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.routers import practice_routes
from billing_rules.therapy.discipline_packs import DisciplineRules
from domain.practices.disciplines import DisciplineRow, discipline_list, rules_of_discipline
from tenants.access import Permission

READ = {"permission": Permission.PRACTICE_READ}


@get("/", opt=READ)
async def list_disciplines() -> list[DisciplineRow]:
    """The disciplines that have a pack."""
    return discipline_list()


@get("/{discipline:str}/rules", opt=READ)
async def read_rules(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    discipline: FromPath[str],
    on: FromQuery[date],
    payer_id: FromQuery[UUID | None] = None,
) -> DisciplineRules:
    """The pack of a discipline on a date of service, for one payer or for everybody."""
    return await rules_of_discipline(session, practice_id, discipline, on=on, payer_id=payer_id)


ROUTER = practice_routes("/disciplines", list_disciplines, read_rules)
