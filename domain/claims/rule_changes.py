"""What a change of rules would do to open claims, seen before it is made and without writing anything."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.findings import Finding
from billing_rules.money import Cents
from billing_rules.rule_book import NoRuleInForce, Resolved, RuleBook, RuleRow
from billing_rules.rule_vectors import RuleVector
from billing_rules.therapy.claim_checks import scrub
from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.payer_rules import ask
from domain.claims.facts import claim_facts
from domain.claims.models import Claim
from domain.practices.models import Payer
from domain.practices.rule_terms import accept_rule
from domain.practices.rule_views import RowView, row_view
from domain.practices.rules import without_rows
from tenants.audit import note_patients
from tenants.errors import NotFound

OPEN = ("held", "ready", "queued", "rejected")
MOST_CLAIMS = 500
Some = Annotated[int, Meta(ge=1, le=MOST_CLAIMS)]


class RuleChange(Struct, frozen=True, kw_only=True):
    """A row to come with its vectors, if any, and the ids of rows that would go."""

    row: RuleRow | None
    vectors: tuple[RuleVector, ...]
    withdraws: tuple[UUID, ...]


class WinnerChange(Struct, frozen=True, kw_only=True):
    """The row that answers a rule for a claim on a date of service, before and after; null for none."""

    rule: str
    on: date
    before: RowView | None
    after: RowView | None


class FindingShown(Struct, frozen=True, kw_only=True):
    """A finding as people compare it."""

    rule: str
    severity: str
    subject: str
    message: str
    row: str | None


class ClaimChange(Struct, frozen=True, kw_only=True):
    """An open claim that the change would touch, with what the checks say before and after it."""

    claim_id: UUID
    control_number: str
    status: str
    payer_name: str
    first_on: date
    last_on: date
    billed_cents: Cents
    winners: list[WinnerChange]
    before: list[FindingShown]
    after: list[FindingShown]
    holds_before: bool
    holds_after: bool


class ChangePreview(Struct, frozen=True, kw_only=True):
    """What would change in one practice; `next_after` continues where more claims are open."""

    practice_id: UUID
    book_before: str
    book_after: str
    open_claims: int
    looked_at: int
    next_after: UUID | None
    claims: list[ClaimChange]


async def preview_change(
    session: AsyncSession,
    practice_id: UUID,
    book: RuleBook,
    change: RuleChange,
    now: datetime,
    *,
    after: UUID | None = None,
    limit: int = 200,
) -> ChangePreview:
    """Judge open claims, a page of them, by the book and by the changed one; nothing is written."""
    changed = joined(book, change)
    rows = _rows(book, change)
    where = _touchable(practice_id, rows)
    page = await _page(session, where, after, limit + 1)
    found = [
        told
        for claim, name in page[:limit]
        if (told := await _told(session, claim, name, (book, changed), rows, now))
    ]
    counted = select(func.count()).select_from(Claim).join(Payer, _payer()).where(*where)
    return ChangePreview(
        practice_id=practice_id,
        book_before=book.version,
        book_after=changed.version,
        open_claims=(await session.execute(counted)).scalar_one(),
        looked_at=len(page[:limit]),
        next_after=page[limit - 1][0].id if len(page) > limit > 0 else None,
        claims=found,
    )


def accept_change(book: RuleBook, change: RuleChange) -> None:
    """Raises NotFound for a row to go that is not in the book, Invalid for a row that it would refuse."""
    held = {row.version for row in book.rows if row.level != "shipped"}
    for gone in change.withdraws:
        if str(gone) not in held:
            raise NotFound(f"no rule {gone} is in the book", pointer="/withdraws")
    if change.row is not None:
        accept_rule(change.row, change.vectors, without_rows(book, set(map(str, change.withdraws))))


def joined(book: RuleBook, change: RuleChange) -> RuleBook:
    """The book after the change; what it does not hold need not go."""
    left = without_rows(book, set(map(str, change.withdraws)))
    return left if change.row is None else left.with_rows([change.row])


def _rows(book: RuleBook, change: RuleChange) -> list[RuleRow]:
    """The rows that come or go."""
    gone = {str(rule_id) for rule_id in change.withdraws}
    return [row for row in book.rows if row.version in gone] + ([change.row] if change.row else [])


def _touchable(practice_id: UUID, rows: Sequence[RuleRow]) -> list[ColumnElement[bool]]:
    """The open claims of days and payers that the rows speak of: no other can be touched."""
    where: list[Any] = [Claim.practice_id == practice_id, Claim.status.in_(OPEN)]
    if rows:
        where.append(Claim.last_on >= min(row.starts_on for row in rows))
    ends = [row.ends_on for row in rows]
    if rows and None not in ends:
        where.append(Claim.first_on <= max(end for end in ends if end))
    payers = {row.payer for row in rows}
    if None not in payers:
        where.append(Payer.rule_key.in_(payers))
    return where


def _payer() -> ColumnElement[bool]:
    return (Payer.practice_id == Claim.practice_id) & (Payer.id == Claim.payer_id)


async def _page(
    session: AsyncSession, where: Iterable[ColumnElement[bool]], after: UUID | None, limit: int
) -> list[tuple[Claim, str]]:
    wanted = select(Claim, Payer.name).join(Payer, _payer()).where(*where).order_by(Claim.id).limit(limit)
    if after is not None:
        wanted = wanted.where(Claim.id > after)
    return [(claim, name) for claim, name in await session.execute(wanted)]


async def _told(
    session: AsyncSession,
    claim: Claim,
    payer_name: str,
    books: tuple[RuleBook, RuleBook],
    rows: Sequence[RuleRow],
    now: datetime,
) -> ClaimChange | None:
    facts = await claim_facts(session, claim, now)
    before, after = (_shown(scrub(facts, book)) for book in books)
    winners = winner_changes(facts, books, sorted({row.rule for row in rows}))
    if before == after and not winners:
        return None
    note_patients(session, claim.patient_id)
    own = ("control_number", "status", "first_on", "last_on", "billed_cents")
    return ClaimChange(
        **{name: getattr(claim, name) for name in own},
        claim_id=claim.id,
        payer_name=payer_name,
        winners=winners,
        before=before,
        after=after,
        holds_before=_holds(before),
        holds_after=_holds(after),
    )


def winner_changes(
    facts: ClaimFacts, books: tuple[RuleBook, RuleBook], rules: Iterable[str]
) -> list[WinnerChange]:
    """Where another row answers on a date of service of the claim; a pure comparison."""
    days = sorted({line.served_on for line in facts.lines if line.served_on})
    changes = []
    for rule in rules:
        for on in days:
            before, after = (_winner(facts, book, rule, on) for book in books)
            if before != after:
                changes.append(WinnerChange(rule=rule, on=on, before=before, after=after))
    return changes


def _winner(facts: ClaimFacts, book: RuleBook, rule: str, on: date) -> RowView | None:
    try:
        resolved: Resolved = ask(book, rule, facts.asked(on))
    except NoRuleInForce:
        return None
    return row_view(resolved.row)


def _shown(findings: Iterable[Finding]) -> list[FindingShown]:
    names = FindingShown.__struct_fields__
    return [FindingShown(**{name: getattr(told, name) for name in names}) for told in findings]


def _holds(findings: Iterable[FindingShown]) -> bool:
    return any(told.severity == "blocks" for told in findings)
