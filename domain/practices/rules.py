"""The rule book of a practice: the shipped rules under its company's and its own, as known at an instant."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import RuleBook, RuleRow
from domain.practices.models import OrganizationRule, Payer, PayerRule
from domain.practices.shelf import rules_with, shipped_rules


async def rule_book_for(
    session: AsyncSession,
    practice_id: UUID,
    *,
    known_at: datetime | None = None,
    packs: Sequence[str] | None = None,
) -> RuleBook:
    """The book of the practice, now or as its own rows were known at an instant; payers go by `rule_key`.

    `packs` are the checksums of the only packs to judge by; raises LookupError for one no longer held.
    """
    own = await _rows(session, practice_id, known(PayerRule, known_at))
    shipped = shipped_rules()
    if packs is not None:
        return RuleBook((*shipped.rows, *own), shelf=shipped.shelf.only(packs))
    return rules_with(msgspec.json.encode(own)) if own else shipped


def known(table: type[PayerRule | OrganizationRule], at: datetime | None) -> ColumnElement[bool]:
    """The rows in the book at an instant, or now: recorded by then, and not withdrawn by then."""
    if at is None:
        return table.withdrawn_at.is_(None)
    return (table.recorded_at <= at) & or_(table.withdrawn_at.is_(None), table.withdrawn_at > at)


async def _rows(session: AsyncSession, practice_id: UUID, *where: ColumnElement[bool]) -> list[RuleRow]:
    own = (
        select(PayerRule, Payer.rule_key)
        .outerjoin(Payer, (Payer.practice_id == PayerRule.practice_id) & (Payer.id == PayerRule.payer_id))
        .where(PayerRule.practice_id == practice_id, *where)
        .order_by(PayerRule.id)
    )
    return [rule_row(rule, rule.payer_key or key) for rule, key in await session.execute(own)]


def rule_row(rule: PayerRule | OrganizationRule, rule_key: str | None) -> RuleRow:
    """A stored rule as a row of the book; its version is its id, and its source carries the link."""
    linked = f"{rule.source} ({rule.source_link})" if rule.source_link else rule.source
    told: dict[str, Any] = {
        name: getattr(rule, name)
        for name in ("rule", "value", "plan", "state", "starts_on", "ends_on", "reason")
    }
    return RuleRow(
        **told,
        payer=rule_key,
        source=linked,
        version=str(rule.id),
        checked_on=rule.recorded_at.date(),
        level="practice" if isinstance(rule, PayerRule) and rule.level == "practice" else "organization",
        author=rule.author_name or str(rule.author_id),
    )


def without_rows(book: RuleBook, versions: Collection[str]) -> RuleBook:
    """The book as it would be without rows of these versions."""
    return RuleBook((row for row in book.rows if row.version not in versions), shelf=book.shelf)
