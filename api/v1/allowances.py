"""Authorizations and benefit limits, and the entries behind every number of them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.routers import practice_routes
from domain.allowances import queries
from domain.allowances.authorizations import BlockChange, NewAuthorization
from domain.allowances.benefit_limits import NewBenefitLimit
from domain.allowances.queries import AuthorizationView, BlockBalance, ChoiceView
from domain.ledger.balances import EntryBehind
from domain.visits.authorizing import Granted, authorize, change_authorized, limit_benefit
from tenants.access import Actor, Permission
from tenants.clock import Clock

READ = {"permission": Permission.ALLOWANCE_READ}
WRITE = {"permission": Permission.ALLOWANCE_WRITE}
OVERRIDE = {"permission": Permission.ALLOWANCE_OVERRIDE}
Instant = Annotated[datetime, Meta(tz=True)]


@post("/", opt=WRITE)
async def create_authorization(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[NewAuthorization],
) -> Granted:
    """Record a payer's approval; one dated back takes up what was recorded in its window."""
    return await authorize(session, practice_id, data, by=actor.id, now=clock.now())


@get("/{authorization_id:uuid}", opt=READ)
async def read_authorization(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], authorization_id: FromPath[UUID]
) -> AuthorizationView:
    """One authorization with its blocks."""
    return await queries.authorization(session, practice_id, authorization_id)


@get("/{authorization_id:uuid}/balance", opt=READ)
async def read_balance(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    authorization_id: FromPath[UUID],
    as_of: FromQuery[Instant | None] = None,
) -> list[BlockBalance]:
    """Every stage of each block, now or as recorded up to an instant, with its entries' ids."""
    return await queries.authorization_balances(session, practice_id, authorization_id, as_of=as_of)


@post("/{authorization_id:uuid}/blocks/{block_id:uuid}/changes", opt=OVERRIDE)
async def change(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    authorization_id: FromPath[UUID],
    block_id: FromPath[UUID],
    data: JSONBody[BlockChange],
) -> list[BlockBalance]:
    """Give a block more room than the payer did, or take the payer's cut."""
    await queries.require_block(session, practice_id, authorization_id, block_id)
    await change_authorized(session, practice_id, block_id, data, by=actor.id, now=clock.now())
    return await queries.authorization_balances(session, practice_id, authorization_id)


ROUTER = practice_routes("/authorizations", create_authorization, read_authorization, read_balance, change)


@post("/", opt=WRITE)
async def create_benefit_limit(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[NewBenefitLimit],
) -> Granted:
    """Record what a plan pays for at most in a period."""
    return await limit_benefit(session, practice_id, data, by=actor.id, now=clock.now())


BENEFITS_ROUTER = practice_routes("/benefit-limits", create_benefit_limit)


@get("/{limit_kind:str}/{limit_id:uuid}/entries", opt=READ)
async def list_entries(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    limit_kind: FromPath[str],
    limit_id: FromPath[UUID],
    account: FromQuery[str] = "available",
    as_of: FromQuery[Instant | None] = None,
) -> list[EntryBehind]:
    """The transfers that add up to one number of a limit."""
    return await queries.limit_entries(session, practice_id, limit_kind, limit_id, account, as_of=as_of)


LIMITS_ROUTER = practice_routes("/limits", list_entries)


@get("/{subject_id:uuid}", opt=READ)
async def list_choices(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], subject_id: FromPath[UUID]
) -> list[ChoiceView]:
    """Where each line of an appointment or visit draws under each payer, or why nowhere."""
    return await queries.choices_of(session, practice_id, subject_id)


CHOICES_ROUTER = practice_routes("/limit-choices", list_choices)
