"""Remittances: what payers answered, posted and un-posted."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.routers import practice_routes
from domain.remittances import queries
from domain.remittances.posting import post_remittance
from domain.remittances.queries import RemittanceStatus, RemittanceSummary, RemittanceView
from domain.remittances.unposting import unpost_remittance
from tenants.access import Actor, Permission
from tenants.clock import Clock

READ = {"permission": Permission.REMITTANCE_READ}
POST = {"permission": Permission.REMITTANCE_POST, "idempotency": "required"}
Page = Annotated[int, Meta(ge=1, le=200)]


class Unposting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a posted remittance is taken back."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]


@get("/", opt=READ)
async def list_remittances(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    status: FromQuery[RemittanceStatus | None] = None,
    after: FromQuery[UUID | None] = None,
    limit: FromQuery[Page] = 50,
) -> list[RemittanceSummary]:
    """Remittances, the newest payment first; `after` is the last id of the page before."""
    return await queries.list_remittances(session, practice_id, status=status, after=after, limit=limit)


@get("/{remittance_id:uuid}", opt=READ)
async def read_remittance(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], remittance_id: FromPath[UUID]
) -> RemittanceView:
    """One remittance with its claims, lines and adjustments."""
    return await queries.read_remittance(session, practice_id, remittance_id)


@post("/{remittance_id:uuid}/post", opt=POST, status_code=200)
async def post_one(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    remittance_id: FromPath[UUID],
) -> RemittanceView:
    """Post a remittance; one that is posted stays as it is."""
    await post_remittance(session, actor, practice_id, remittance_id, clock.now())
    await session.flush()
    return await queries.read_remittance(session, practice_id, remittance_id)


@post("/{remittance_id:uuid}/unpost", opt=POST, status_code=200)
async def unpost_one(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    remittance_id: FromPath[UUID],
    data: JSONBody[Unposting],
) -> RemittanceView:
    """Take a posted remittance back, exactly."""
    await unpost_remittance(session, actor, practice_id, remittance_id, data.reason, clock.now())
    await session.flush()
    return await queries.read_remittance(session, practice_id, remittance_id)


ROUTER = practice_routes("/remittances", list_remittances, read_remittance, post_one, unpost_one)
