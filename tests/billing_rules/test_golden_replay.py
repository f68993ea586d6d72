"""Closed claims are judged again by the rules of their day: byte for byte what was said then."""

import hashlib
from datetime import date

import msgspec
import pytest

from billing_rules.rule_book import RuleRow
from billing_rules.therapy.claim_checks import findings_json, scrub
from billing_rules.therapy.claim_facts import ClaimFacts
from tests.billing_rules.golden import ClosedClaim, book_of, closed

KEPT = closed()
THEN = book_of(KEPT)
SHORTER = RuleRow(
    rule="filing_limit_days",
    value=1,
    starts_on=date(2026, 1, 1),
    source="Provider manual",
    version="later",
    checked_on=date(2026, 12, 1),
    level="practice",
    author="Ann",
    reason="The payer shortened its limit",
)


@pytest.mark.parametrize("claim", KEPT.claims, ids=lambda claim: claim.name)
def test_a_closed_claim_is_judged_as_then_to_the_byte(claim: ClosedClaim) -> None:
    facts = msgspec.convert(claim.facts, ClaimFacts)
    said = findings_json(scrub(facts, THEN, KEPT.checks))
    assert said.decode() == claim.findings
    assert hashlib.sha256(said).hexdigest() == claim.sha256


@pytest.mark.parametrize("claim", KEPT.claims, ids=lambda claim: claim.name)
def test_by_a_later_row_it_is_judged_otherwise_and_only_so(claim: ClosedClaim) -> None:
    facts = msgspec.convert(claim.facts, ClaimFacts)
    before = {(f.rule, f.subject) for f in scrub(facts, THEN, KEPT.checks)}
    after = {(f.rule, f.subject) for f in scrub(facts, THEN.with_rows([SHORTER]), KEPT.checks)}
    assert after - before == {("filing_limit.passed", "/sent_on")} - before
    assert before - after <= {("filing_limit.near", "/sent_on")}
