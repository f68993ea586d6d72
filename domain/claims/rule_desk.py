"""Which rules change, and for which practices: the desk's list over all of them (TH-04)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import or_, select

from billing_rules.rule_book import NoRuleInForce, RuleBook, RuleRow
from domain.claims.models import Claim
from domain.claims.rule_changes import OPEN
from domain.practices.models import Payer, PayerRule
from domain.practices.rule_views import RowView, Standing, row_view, standing_of
from domain.practices.rules import rule_row, without_rows
from domain.practices.shelf import shipped_rules
from tenants.snapshot import Snapshot

MOST_CHANGES = 500


class ChangedPractice(Struct, frozen=True, kw_only=True):
    """One practice that a row is for: the row that it beats there, and open claims of its payer and days."""

    practice_id: UUID
    beats: RowView | None
    open_claims: int


class DeskChange(Struct, frozen=True, kw_only=True):
    """A dated row with who set it, from which source, proven by what; a company's row counts once for all."""

    id: UUID
    level: str
    standing: Standing
    rule: str
    payer: str | None
    plan: str | None
    state: str | None
    value: Any
    starts_on: date
    ends_on: date | None
    source: str
    source_link: str | None
    reason: str
    author_name: str
    vectors: list[Any]
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdrawn_reason: str | None
    practices: list[ChangedPractice]


class _Held(Struct, frozen=True):
    """A stored row of a practice with its payer's key."""

    rule: PayerRule
    key: str | None


async def rule_changes(snapshot: Snapshot, *, since: date, today: date) -> list[DeskChange]:
    """Rows that start, or were set or withdrawn, since a day; the latest start first."""
    recent = or_(
        PayerRule.starts_on >= since, PayerRule.recorded_at >= since, PayerRule.withdrawn_at >= since
    )
    page = await _held(snapshot, recent, limit=MOST_CHANGES)
    practices = {held.rule.practice_id for held in page}
    books = _books(await _held(snapshot, PayerRule.practice_id.in_(practices)))
    claims = await _open_claims(snapshot, practices)
    changed: dict[UUID, list[_Held]] = defaultdict(list)
    for held in page:
        changed[held.rule.id].append(held)
    return [_change(rows, books, claims, today) for rows in changed.values()]


async def _held(snapshot: Snapshot, where: Any, limit: int | None = None) -> list[_Held]:
    wanted = (
        select(PayerRule.practice_id, PayerRule, Payer.rule_key)
        .outerjoin(Payer, (Payer.practice_id == PayerRule.practice_id) & (Payer.id == PayerRule.payer_id))
        .where(where)
        .order_by(PayerRule.starts_on.desc(), PayerRule.id, PayerRule.practice_id)
        .limit(limit)
    )
    return [_Held(rule, rule.payer_key or key) for _, rule, key in await snapshot.rows(wanted)]


def _books(rows: Iterable[_Held]) -> dict[UUID, RuleBook]:
    """The book of each practice as it is now."""
    own: dict[UUID, list[RuleRow]] = defaultdict(list)
    for held in rows:
        if held.rule.withdrawn_at is None:
            own[held.rule.practice_id].append(rule_row(held.rule, held.key))
    return {practice_id: shipped_rules().with_rows(mine) for practice_id, mine in own.items()}


_Claims = dict[UUID, list[tuple[str, date, date]]]


async def _open_claims(snapshot: Snapshot, practices: Iterable[UUID]) -> _Claims:
    """Payer's key and days of the open claims of each practice."""
    wanted = (
        select(Claim.practice_id, Payer.rule_key, Claim.first_on, Claim.last_on)
        .join(Payer, (Payer.practice_id == Claim.practice_id) & (Payer.id == Claim.payer_id))
        .where(Claim.practice_id.in_(practices), Claim.status.in_(OPEN))
    )
    found: _Claims = defaultdict(list)
    for practice_id, key, first_on, last_on in await snapshot.rows(wanted):
        found[practice_id].append((key, first_on, last_on))
    return found


def _change(rows: list[_Held], books: dict[UUID, RuleBook], claims: _Claims, today: date) -> DeskChange:
    first = rows[0]
    names = [name for name in DeskChange.__struct_fields__ if hasattr(first.rule, name)]
    return DeskChange(
        **{name: getattr(first.rule, name) for name in names},
        payer=first.key,
        standing=standing_of(first.rule, today),
        practices=[_practice(held, books, claims) for held in rows],
    )


def _practice(held: _Held, books: dict[UUID, RuleBook], claims: _Claims) -> ChangedPractice:
    rule = held.rule
    book = books.get(rule.practice_id, shipped_rules())
    touched = [
        key
        for key, first_on, last_on in claims.get(rule.practice_id, ())
        if held.key in (None, key) and last_on >= rule.starts_on and first_on <= (rule.ends_on or first_on)
    ]
    return ChangedPractice(practice_id=rule.practice_id, beats=_beaten(held, book), open_claims=len(touched))


def _beaten(held: _Held, book: RuleBook) -> RowView | None:
    """What would answer the row's own question on its first day without it."""
    rule = held.rule
    try:
        resolved = without_rows(book, {str(rule.id)}).resolve(
            rule.rule, payer=held.key, plan=rule.plan, state=rule.state, on=rule.starts_on
        )
    except NoRuleInForce:
        return None
    return row_view(resolved.row)
