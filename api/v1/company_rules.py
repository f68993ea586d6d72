"""A billing company's dated rules for all its practices, and the desk's list of what changes for whom."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.permissions import within
from api.publishing import PUBLISHING
from api.services import Services
from api.v1.organization import Created
from api.v1.routers import desk_routes, organization_routes
from domain.claims.company_changes import preview_company_change
from domain.claims.rule_changes import ChangePreview, Some
from domain.claims.rule_desk import DeskChange, rule_changes
from domain.practices.organization_rules import (
    NewOrganizationRule,
    OrganizationRuleView,
    add_organization_rule,
    organization_rules,
    withdraw_organization_rule,
)
from domain.practices.rule_terms import Withdrawal
from tenants.access import Actor, Permission
from tenants.clock import Clock
from tenants.snapshot import Snapshot

READ = {"permission": Permission.ORGANIZATION_READ}
MANAGE = {"permission": Permission.RULES_MANAGE}
# A preview writes nothing, so a repeat answers as the first did; it opens the doors of many, one by one.
PREVIEW = {"permission": Permission.ORGANIZATION_READ, "idempotency": "by content"}
DESK = {"permission": Permission.CLAIM_READ, "across": True}
DAYS_SHOWN = timedelta(days=90)


class CompanyChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A company's rule to come, if any, and rules to go; for the practices named, or for all."""

    candidate: NewOrganizationRule | None = None
    withdraws: Annotated[tuple[UUID, ...], Meta(max_length=20)] = ()
    practice_ids: Annotated[tuple[UUID, ...], Meta(max_length=1000)] | None = None
    limit: Some = 50


@get("/rules", opt=READ)
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


@post("/rules/preview", opt=PREVIEW, status_code=200)
async def preview_for_company(
    services: NamedDependency[Services], actor: NamedDependency[Actor], data: JSONBody[CompanyChange]
) -> list[ChangePreview]:
    """The open claims of each practice that a company's rule would touch; nothing is written."""
    reach = within(actor, Permission.CLAIM_READ)
    return await preview_company_change(
        services.database,
        reach,
        data.candidate,
        data.withdraws,
        services.now(),
        practice_ids=data.practice_ids,
        limit=data.limit,
    )


ROUTER = organization_routes(
    "", list_company_rules, create_company_rule, withdraw_company_rule, publish, preview_for_company
)


@get("/rule-changes", opt=DESK)
async def list_changes(
    snapshot: NamedDependency[Snapshot],
    clock: NamedDependency[Clock],
    since: FromQuery[date | None] = None,
) -> list[DeskChange]:
    """Which rules change for which practices, those to come included; by default of the last 90 days."""
    today = clock.now().date()
    return await rule_changes(snapshot, since=since or today - DAYS_SHOWN, today=today)


DESK_ROUTER = desk_routes("", list_changes)
