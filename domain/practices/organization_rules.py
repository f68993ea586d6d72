"""A billing company's own dated rules, for all its practices; each practice works with a copy of them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import RuleBook
from domain.practices.models import OrganizationRule, RulePublication
from domain.practices.overrides import lock_rules, withdraw
from domain.practices.rule_terms import Key, NewRule, Withdrawal, accept_rule
from domain.practices.rules import known, rule_row
from domain.practices.shelf import shipped_rules
from tenants.access import Actor
from tenants.errors import NotFound
from tenants.ids import new_id
from tenants.models import Practice


class NewOrganizationRule(NewRule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dated rule of the billing company; `payer` is a key of the rule book, such as `medicare`."""

    payer: Key | None = None


class OrganizationRuleView(Struct, frozen=True, kw_only=True):
    """A company's rule, and how many of its active practices have got it, or got its withdrawal."""

    id: UUID
    rule: str
    payer_key: str | None
    plan: str | None
    state: str | None
    value: Any
    starts_on: date
    ends_on: date | None
    source: str
    source_link: str | None
    reason: str
    vectors: list[Any]
    author_id: UUID
    author_name: str
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: UUID | None
    withdrawn_reason: str | None
    published_to: int
    withdrawn_from: int
    practices: int


async def organization_book(session: AsyncSession, organization_id: UUID) -> RuleBook:
    """The shipped rules under the company's own: what a practice without rules of its own works with."""
    mine = select(OrganizationRule).where(
        OrganizationRule.organization_id == organization_id, known(OrganizationRule, None)
    )
    rows = [rule_row(rule, rule.payer_key) for rule in (await session.execute(mine)).scalars()]
    return shipped_rules().with_rows(rows)


async def add_organization_rule(
    session: AsyncSession, actor: Actor, given: NewOrganizationRule, now: datetime
) -> UUID:
    """Add a rule; raises Invalid for one that the company's book refuses. It is published afterwards."""
    await lock_rules(session, actor.organization_id)
    rule = company_candidate(actor, given, now)
    book = await organization_book(session, actor.organization_id)
    rule.vectors = accept_rule(rule_row(rule, rule.payer_key), given.vectors, book)
    session.add(rule)
    await session.flush()
    return rule.id


def company_candidate(actor: Actor, given: NewOrganizationRule, now: datetime) -> OrganizationRule:
    """The rule as it would be stored."""
    told = asdict(given)
    return OrganizationRule(
        organization_id=actor.organization_id,
        id=new_id(),
        payer_key=told.pop("payer"),
        author_id=actor.id,
        author_name=actor.name,
        recorded_at=now,
        **(told | {"vectors": []}),
    )


async def withdraw_organization_rule(
    session: AsyncSession, actor: Actor, rule_id: UUID, given: Withdrawal, now: datetime
) -> None:
    """Take a rule out of the company's book from now on; raises NotFound, RuleAlreadyWithdrawn."""
    await lock_rules(session, actor.organization_id)
    mine = select(OrganizationRule).where(
        OrganizationRule.organization_id == actor.organization_id, OrganizationRule.id == rule_id
    )
    rule = (await session.execute(mine.with_for_update())).scalar_one_or_none()
    if rule is None:
        raise NotFound(f"no rule {rule_id}")
    withdraw(rule, by=actor.id, reason=given.reason, now=now)
    await session.flush()


async def organization_rules(session: AsyncSession, organization_id: UUID) -> list[OrganizationRuleView]:
    """Every rule the company ever set, by rule and date, with how far each has come."""
    mine = select(OrganizationRule).where(OrganizationRule.organization_id == organization_id)
    ordered = mine.order_by(OrganizationRule.rule, OrganizationRule.starts_on, OrganizationRule.id)
    rules = list((await session.execute(ordered)).scalars())
    practices = len(await practices_served(session, organization_id))
    reached = await _reached(session, organization_id)
    return [_view(rule, *reached.get(rule.id, (0, 0)), practices) for rule in rules]


async def practices_served(session: AsyncSession, organization_id: UUID) -> Sequence[UUID]:
    """The active practices, which the company's rules are for."""
    active = (Practice.organization_id == organization_id, Practice.status == "active")
    return (await session.execute(select(Practice.id).where(*active).order_by(Practice.id))).scalars().all()


async def _reached(session: AsyncSession, organization_id: UUID) -> dict[UUID, tuple[int, int]]:
    """By rule: how many active practices have the row, and how many have its withdrawal too."""
    counted = (
        select(RulePublication.rule_id, func.count(), func.count(RulePublication.withdrawn_at))
        .join(
            Practice,
            (Practice.organization_id == RulePublication.organization_id)
            & (Practice.id == RulePublication.at_practice_id),
        )
        .where(RulePublication.organization_id == organization_id, Practice.status == "active")
        .group_by(RulePublication.rule_id)
    )
    return {rule_id: (has, gone) for rule_id, has, gone in await session.execute(counted)}


def _view(rule: OrganizationRule, has: int, gone: int, practices: int) -> OrganizationRuleView:
    names = [name for name in OrganizationRuleView.__struct_fields__ if hasattr(rule, name)]
    own = {name: getattr(rule, name) for name in names}
    return OrganizationRuleView(**own, published_to=has, withdrawn_from=gone, practices=practices)
