"""The practice's own dated rules, and the rule book they make together with the shipped ones."""

from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import (
    OverlappingRules,
    RuleBook,
    RuleRow,
    RuleValueRefused,
    load_shipped,
)
from billing_rules.therapy.payer_rules import SHAPES, accept_row
from domain.practices.models import Payer, PayerRule
from domain.views import require_reference
from tenants.errors import Invalid
from tenants.ids import new_id


class NewPayerRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dated rule of the practice; whatever is left out means any. Dates of service are inclusive."""

    rule: str
    payer_id: UUID | None = None
    plan: str | None = None
    state: str | None = None
    value: str | int | bool | dict[str, Any]
    starts_on: date
    ends_on: date | None = None
    source: str
    reason: str


async def add_payer_rule(
    session: AsyncSession, practice_id: UUID, given: NewPayerRule, *, author_id: UUID, now: datetime
) -> UUID:
    """Add a rule; raises Invalid for one that is not known, not readable, or shares its days with another."""
    await require_reference(session, Payer, practice_id, given.payer_id, "/payer_id")
    rule = PayerRule(
        practice_id=practice_id, id=new_id(), author_id=author_id, recorded_at=now, **asdict(given)
    )
    _refuse_unreadable(rule)
    session.add(rule)
    await session.flush()
    try:
        await rule_book_for(session, practice_id)
    except OverlappingRules as taken:
        raise Invalid("another rule is in force on these days", pointer="/starts_on") from taken
    return rule.id


def _refuse_unreadable(rule: PayerRule) -> None:
    if rule.rule not in SHAPES:
        raise Invalid("no such rule is asked for", pointer="/rule")
    if rule.ends_on is not None and rule.ends_on < rule.starts_on:
        raise Invalid("it ends before it starts", pointer="/ends_on")
    try:
        accept_row(_row(rule, None))
    except RuleValueRefused as unreadable:
        raise Invalid("the value is not what this rule needs", pointer="/value") from unreadable


async def rule_book_for(session: AsyncSession, practice_id: UUID) -> RuleBook:
    """The shipped rules under the practice's own; payers go by their `rule_key`."""
    own = (
        select(PayerRule, Payer.rule_key)
        .outerjoin(Payer, (Payer.practice_id == PayerRule.practice_id) & (Payer.id == PayerRule.payer_id))
        .where(PayerRule.practice_id == practice_id)
    )
    rows = [_row(rule, key) for rule, key in await session.execute(own)]
    return shipped_rules().with_rows(rows) if rows else shipped_rules()


@cache
def shipped_rules() -> RuleBook:
    """The rules that come with the product, read once."""
    return load_shipped()


def _row(rule: PayerRule, rule_key: str | None) -> RuleRow:
    return RuleRow(
        rule=rule.rule,
        value=rule.value,
        payer=rule_key,
        plan=rule.plan,
        state=rule.state,
        starts_on=rule.starts_on,
        ends_on=rule.ends_on,
        source=rule.source,
        version=str(rule.id),
        checked_on=rule.recorded_at.date(),
        level="practice",
        author=str(rule.author_id),
        reason=rule.reason,
    )
