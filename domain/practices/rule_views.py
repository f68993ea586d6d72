"""A practice's rules as people read them: every row with its standing, and which row wins, over which."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import NoRuleInForce, Resolved, RuleBook, RuleRow
from billing_rules.therapy.payer_rules import SHAPES, Asked, ask
from domain.practices.models import Payer, PayerRule, PracticeProfile
from domain.practices.rules import rule_book_for
from domain.views import require_reference
from tenants.errors import Invalid, NotFound

Standing = Literal["in_force", "future", "ended", "withdrawn"]


class RuleView(Struct, frozen=True, kw_only=True):
    """One row of the practice's book that is not the product's own; `payer` is the key in the rule book."""

    id: UUID
    level: str
    standing: Standing
    rule: str
    payer_id: UUID | None
    payer: str | None
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


class RowView(Struct, frozen=True, kw_only=True):
    """A row of the book, shipped ones too; `version` is the file's, or the id of a row that somebody set."""

    level: str
    rule: str
    payer: str | None
    plan: str | None
    state: str | None
    value: Any
    starts_on: date
    ends_on: date | None
    source: str
    author: str
    reason: str
    version: str
    checked_on: date
    in_words: str


class ResolvedView(Struct, frozen=True, kw_only=True):
    """Which row answers, and every row in force that it beat, the nearest to winning first."""

    rule: str
    on: date
    payer: str | None
    plan: str | None
    state: str | None
    value: Any
    is_assumption: bool
    winner: RowView
    beaten: list[RowView]
    book_version: str


class RuleQuestion(Struct, frozen=True, kw_only=True):
    """Who asks: a payer of the practice, a plan, a state (the practice's own where none is named), a day."""

    rule: str
    payer_id: UUID | None
    plan: str | None
    state: str | None
    on: date
    known_at: datetime | None


async def rules_of(
    session: AsyncSession, practice_id: UUID, on: date, *, standing: Standing | None = None
) -> list[RuleView]:
    """Every rule ever set for the practice, by rule and date, with its standing on a day."""
    mine = (
        select(PayerRule, Payer.rule_key)
        .outerjoin(Payer, (Payer.practice_id == PayerRule.practice_id) & (Payer.id == PayerRule.payer_id))
        .where(PayerRule.practice_id == practice_id)
        .order_by(PayerRule.rule, PayerRule.starts_on, PayerRule.id)
    )
    views = [_view(rule, rule.payer_key or key, on) for rule, key in await session.execute(mine)]
    return [view for view in views if standing in (None, view.standing)]


def standing_of(rule: PayerRule, on: date) -> Standing:
    """Where a rule stands on a day of service."""
    if rule.withdrawn_at is not None:
        return "withdrawn"
    if on < rule.starts_on:
        return "future"
    return "ended" if rule.ends_on is not None and rule.ends_on < on else "in_force"


def _view(rule: PayerRule, key: str | None, on: date) -> RuleView:
    names = [name for name in RuleView.__struct_fields__ if hasattr(rule, name)]
    return RuleView(
        **{name: getattr(rule, name) for name in names}, payer=key, standing=standing_of(rule, on)
    )


async def resolve_rule(session: AsyncSession, practice_id: UUID, asked: RuleQuestion) -> ResolvedView:
    """The winning row for whoever asks; raises Invalid for an unknown rule, NotFound for none in force."""
    if asked.rule not in SHAPES:
        raise Invalid("no such rule is asked for", pointer="/rule")
    await require_reference(session, Payer, practice_id, asked.payer_id, "/payer_id")
    key = select(Payer.rule_key).where(Payer.practice_id == practice_id, Payer.id == asked.payer_id)
    question = Asked(
        payer=(await session.execute(key)).scalar_one_or_none(),
        plan=asked.plan,
        state=asked.state or await own_state(session, practice_id),
        on=asked.on,
    )
    book = await rule_book_for(session, practice_id, known_at=asked.known_at)
    try:
        resolved = ask(book, asked.rule, question)
    except NoRuleInForce as unanswered:
        raise NotFound(str(unanswered)) from unanswered
    return _resolved(book, asked.rule, question, resolved)


async def own_state(session: AsyncSession, practice_id: UUID) -> str | None:
    """The state that the practice's claims are judged in."""
    mine = select(PracticeProfile.state).where(PracticeProfile.practice_id == practice_id)
    return (await session.execute(mine)).scalar_one_or_none()


def _resolved(book: RuleBook, rule: str, asked: Asked, resolved: Resolved) -> ResolvedView:
    return ResolvedView(
        rule=rule,
        on=asked.on,
        payer=asked.payer,
        plan=asked.plan,
        state=asked.state,
        value=resolved.value,
        is_assumption=resolved.is_assumption,
        winner=row_view(resolved.row),
        beaten=[row_view(row) for row in resolved.considered[1:]],
        book_version=book.version,
    )


def row_view(row: RuleRow) -> RowView:
    """A row of the book for people."""
    names = [name for name in RowView.__struct_fields__ if hasattr(row, name)]
    return RowView(**{name: getattr(row, name) for name in names}, in_words=str(row))
