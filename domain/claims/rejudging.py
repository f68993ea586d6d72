"""Judging a past claim again: as then, byte for byte, or as today, with the difference explained."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.findings import Finding
from billing_rules.rule_book import NoRuleInForce, RuleBook
from billing_rules.therapy.claim_checks import CheckGone, findings_json, scrub
from billing_rules.therapy.claim_facts import ClaimFacts
from domain.claims.check_models import ClaimCheck
from domain.claims.expected import expected_of_claim
from domain.claims.expected_views import ExpectedView
from domain.claims.kept_checks import book_of, one_check
from domain.practices.rules import rule_book_for
from tenants.errors import Conflict

As = Literal["then", "today"]


class ChecksChanged(Conflict):
    """A check that ran then is not part of the product any more."""

    code = "checks_changed"


class RowChange(Struct, frozen=True, kw_only=True):
    """A rule that another row answers now, for this claim's payer, plan, state and date; null is none."""

    rule: str
    on: date
    then: str | None
    now: str | None


class FindingChange(Struct, frozen=True, kw_only=True):
    """The same rule about the same field, said differently."""

    then: Finding
    now: Finding


class Rejudged(Struct, frozen=True, kw_only=True):
    """What a check of the past says when it is run again; `identical` compares byte for byte.

    The expected payments are by contract and rules as known at the check, and as known today (or then again).
    """

    check_id: UUID
    version: int
    checked_at: datetime
    judged_as: As
    book_then: str
    book_now: str
    identical: bool
    sha256_then: str
    sha256_now: str
    findings: list[Finding]
    gone: list[Finding]
    new: list[Finding]
    changed: list[FindingChange]
    rows: list[RowChange]
    packs_added: list[str]
    packs_gone: list[str]
    expected_then: ExpectedView
    expected_now: ExpectedView


async def rejudge(
    session: AsyncSession, practice_id: UUID, claim_id: UUID, check_id: UUID | None, judged_as: As
) -> Rejudged:
    """Run a kept check again on its own facts; raises NotFound, ChecksChanged, PackNoLongerHeld."""
    check = await one_check(session, practice_id, claim_id, check_id)
    facts = msgspec.convert(check.facts, ClaimFacts)
    then = await book_of(session, check)
    book = then if judged_as == "then" else await rule_book_for(session, practice_id)
    only = check.checks if judged_as == "then" else None
    try:
        findings = scrub(facts, book, only)
    except CheckGone as gone:
        raise ChecksChanged(str(gone)) from gone
    known_at = check.checked_at if judged_as == "then" else None
    payments = (
        await expected_of_claim(session, practice_id, claim_id, known_at=check.checked_at),
        await expected_of_claim(session, practice_id, claim_id, known_at=known_at),
    )
    return _rejudged(check, facts, findings, (then, book), payments, judged_as)


def _rejudged(
    check: ClaimCheck,
    facts: ClaimFacts,
    findings: list[Finding],
    books: tuple[RuleBook, RuleBook],
    payments: tuple[ExpectedView, ExpectedView],
    judged_as: As,
) -> Rejudged:
    then, now = books
    said = findings_json(findings)
    before = msgspec.json.decode(check.findings, type=list[Finding])
    packs = {manifest.sha256 for manifest in now.shelf.manifests}
    return Rejudged(
        check_id=check.id,
        version=check.version,
        checked_at=check.checked_at,
        judged_as=judged_as,
        book_then=check.book_version,
        book_now=now.version,
        identical=said == check.findings,
        sha256_then=check.findings_sha256,
        sha256_now=hashlib.sha256(said).hexdigest(),
        findings=findings,
        gone=_without(before, findings),
        new=_without(findings, before),
        changed=_changed(before, findings),
        rows=_rows(facts, then, now),
        packs_added=sorted(packs - set(check.packs)),
        packs_gone=sorted(set(check.packs) - packs),
        expected_then=payments[0],
        expected_now=payments[1],
    )


def _without(findings: Sequence[Finding], others: Sequence[Finding]) -> list[Finding]:
    known = {(other.rule, other.subject) for other in others}
    return [what for what in findings if (what.rule, what.subject) not in known]


def _changed(before: Iterable[Finding], after: Iterable[Finding]) -> list[FindingChange]:
    was = {(what.rule, what.subject): what for what in before}
    pairs = [(was.get((what.rule, what.subject)), what) for what in after]
    return [FindingChange(then=old, now=new) for old, new in pairs if old is not None and old != new]


def _rows(facts: ClaimFacts, then: RuleBook, now: RuleBook) -> list[RowChange]:
    """Every rule that any row of either book is about, where another row wins on a date of the claim."""
    rules = sorted({row.rule for book in (then, now) for row in book.rows})
    dates = sorted({line.served_on for line in facts.lines if line.served_on} | {facts.sent_on})
    found = [
        RowChange(rule=rule, on=on, then=_winner(then, rule, facts, on), now=_winner(now, rule, facts, on))
        for rule in rules
        for on in dates
    ]
    return [change for change in found if change.then != change.now]


def _winner(book: RuleBook, rule: str, facts: ClaimFacts, on: date) -> str | None:
    """The winning row in words, with its value, so that a row of the same dates that says else is told."""
    try:
        won = book.resolve(rule, payer=facts.payer, plan=facts.plan, state=facts.state, on=on)
    except NoRuleInForce:
        return None
    value = msgspec.json.encode(won.value, order="deterministic").decode()
    return f"{won.row}: {value}"
