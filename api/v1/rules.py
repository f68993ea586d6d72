"""Dated rules: a practice's own and its company's, which row wins over which, and what a change would do."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncSession

from api.publishing import PUBLISHING
from api.v1.organization import Created
from api.v1.routers import organization_routes, practice_routes
from domain.practices import queries
from domain.practices.organization_rules import (
    NewOrganizationRule,
    OrganizationRuleView,
    add_organization_rule,
    organization_rules,
    withdraw_organization_rule,
)
from domain.practices.overrides import NewPayerRule, add_payer_rule, withdraw_payer_rule
from domain.practices.queries import PayerRuleView
from domain.practices.rule_terms import Withdrawal
from domain.practices.rule_views import (
    ResolvedView,
    RuleQuestion,
    RuleView,
    Standing,
    resolve_rule,
    rules_of,
)
from tenants.access import Actor, Permission
from tenants.clock import Clock

READ = {"permission": Permission.PRACTICE_READ}
MANAGE = {"permission": Permission.RULES_MANAGE}
COMPANY_READ = {"permission": Permission.ORGANIZATION_READ}
Instant = Annotated[datetime, Meta(tz=True)]


@get("/rules", opt=READ)
async def list_rules(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    standing: FromQuery[Standing | None] = None,
    on: FromQuery[date | None] = None,
) -> list[RuleView]:
    """Every rule ever set for the practice, its company's too, with its standing today or on a day."""
    return await rules_of(session, practice_id, on or clock.now().date(), standing=standing)


@get("/payer-rules", opt=READ)
async def list_payer_rules(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID]
) -> list[PayerRuleView]:
    """The practice's own dated rules that were not withdrawn."""
    return await queries.payer_rules_of(session, practice_id)


@post(["/rules", "/payer-rules"], opt=MANAGE)
async def create_rule(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[NewPayerRule],
) -> Created:
    """Add a dated rule, with its source, reason and vectors; it is refused whole or holds at once."""
    made = await add_payer_rule(
        session, practice_id, data, author_id=actor.id, author_name=actor.name, now=clock.now()
    )
    return Created(id=made)


@post("/rules/{rule_id:uuid}/withdraw", opt=MANAGE, status_code=204)
async def withdraw_rule(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    rule_id: FromPath[UUID],
    data: JSONBody[Withdrawal],
) -> None:
    """Take a rule out of the book, by name and reason; the row stays for whoever asks what held before."""
    await withdraw_payer_rule(session, practice_id, rule_id, data, by=actor.id, now=clock.now())


@get("/rules/resolve", opt=READ)
async def resolve(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    rule: FromQuery[str],
    on: FromQuery[date],
    payer_id: FromQuery[UUID | None] = None,
    plan: FromQuery[str | None] = None,
    in_state: Annotated[str | None, QueryParameter(name="state")] = None,
    known_at: FromQuery[Instant | None] = None,
) -> ResolvedView:
    """Which row answers for a payer, plan, state and date of service, and every row that it beat.

    The state is the practice's own where none is named; `known_at` asks the book as it was known then.
    """
    asked = RuleQuestion(
        rule=rule, payer_id=payer_id, plan=plan, state=in_state, on=on, known_at=known_at
    )
    return await resolve_rule(session, practice_id, asked)


ROUTER = practice_routes("", list_rules, list_payer_rules, create_rule, withdraw_rule, resolve)


@get("/rules", opt=COMPANY_READ)
async def list_company_rules(
    session: NamedDependency[AsyncSession], actor: NamedDependency[Actor]
) -> list[OrganizationRuleView]:
    """Every rule the company ever set, with how many of its practices have got it."""
    return await organization_rules(session, actor.organization_id)


@post("/rules", opt=MANAGE, dependencies=PUBLISHING)
async def create_company_rule(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    data: JSONBody[NewOrganizationRule],
) -> Created:
    """Add a dated rule for all practices; it is refused whole, or in every practice's book at once."""
    return Created(id=await add_organization_rule(session, actor, data, clock.now()))


@post("/rules/{rule_id:uuid}/withdraw", opt=MANAGE, status_code=204, dependencies=PUBLISHING)
async def withdraw_company_rule(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    rule_id: FromPath[UUID],
    data: JSONBody[Withdrawal],
) -> None:
    """Take a rule out of every practice's book, by name and reason."""
    await withdraw_organization_rule(session, actor, rule_id, data, clock.now())


@post("/rules/publish", opt=MANAGE, status_code=204, dependencies=PUBLISHING)
async def publish(session: NamedDependency[AsyncSession]) -> None:
    """Bring every practice that lacks a rule, or a withdrawal, up to date; repeating does nothing."""


COMPANY_ROUTER = organization_routes(
    "", list_company_rules, create_company_rule, withdraw_company_rule, publish
)
