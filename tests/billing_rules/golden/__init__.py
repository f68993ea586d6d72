"""Closed claims as they were checked once: facts, rows and findings, to be replayed byte for byte.

`python -m tests.billing_rules.golden` writes them anew: only when what a check says was meant to change.
"""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from billing_rules.rule_book import RuleBook, RuleRow
from billing_rules.therapy.claim_checks import check_names, findings_json, scrub
from billing_rules.therapy.claim_facts import ClaimFacts
from tests.billing_rules.claims import CLEAN, LINE, MANUAL, SHIPPED
from tests.billing_rules.complete_claim import COMPLETE
from tests.billing_rules.test_patterns_and_limits import alike

FILE = Path(__file__).with_name("closed_claims.json")


class ClosedClaim(Struct, frozen=True, kw_only=True):
    """One claim: its facts as they were kept, and the findings of then as text with their hash."""

    name: str
    facts: dict[str, Any]
    findings: str
    sha256: str


class Closed(Struct, frozen=True, kw_only=True):
    """The claims, the rows of the book that they were checked by, and the checks that ran."""

    rows: list[RuleRow]
    packs: list[str]
    checks: list[str]
    claims: list[ClosedClaim]


def to_close() -> dict[str, ClaimFacts]:
    """Claims of many kinds: clean, incomplete, miscounted, miscoded, unapproved, refused before."""
    replace = msgspec.structs.replace
    return {
        "clean": CLEAN,
        "complete": COMPLETE,
        "commercial": replace(CLEAN, payer="new", authorization_required=None, authorizations=()),
        "incomplete": replace(COMPLETE, member_id=None, patient_zip="0213", billing_npi="1234567890"),
        "miscounted": replace(CLEAN, lines=(replace(LINE, units=4), MANUAL)),
        "bare": replace(CLEAN, lines=(replace(LINE, modifiers=()), replace(MANUAL, plan_of_care=None))),
        "unapproved": replace(CLEAN, authorizations=()),
        "visit": replace(CLEAN, lines=(replace(LINE, code="99214", minutes=12, modifiers=()),)),
        "refused": alike(4),
        "late": replace(CLEAN, sent_on=date(2027, 4, 1)),
    }


def close() -> Closed:
    """Check the claims by today's rules and write down what was said."""
    claims = []
    for name, facts in to_close().items():
        said = findings_json(scrub(facts, SHIPPED))
        kept = msgspec.to_builtins(facts)
        sha256 = hashlib.sha256(said).hexdigest()
        claims.append(ClosedClaim(name=name, facts=kept, findings=said.decode(), sha256=sha256))
    packs = sorted(manifest.sha256 for manifest in SHIPPED.shelf.manifests)
    return Closed(rows=list(SHIPPED.rows), packs=packs, checks=list(check_names()), claims=claims)


def closed() -> Closed:
    """The claims as they were closed."""
    return msgspec.json.decode(FILE.read_bytes(), type=Closed)


def book_of(kept: Closed) -> RuleBook:
    """The book that the claims were checked by."""
    return RuleBook(kept.rows, shelf=SHIPPED.shelf.only(kept.packs))
