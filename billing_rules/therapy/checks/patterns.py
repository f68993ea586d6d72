"""Does the claim look like what this payer refused of late?"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import Resolved, RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts
from billing_rules.therapy.facts.refusals import RefusalFacts
from billing_rules.therapy.payer_rules import ask
from billing_rules.therapy.rulings import ruled_lines
from billing_rules.therapy.scrub_rules import (
    PATTERN_THRESHOLDS,
    PATTERN_WARNING,
    PatternThresholds,
    PatternWarning,
)

MOST_CLAIMS_SHOWN = 10


def check_recent_refusals(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """A line like those of enough claims that the payer refused lately for one reason, with their numbers."""
    if not facts.refusals:
        return
    resolved = ask(book, PATTERN_THRESHOLDS, facts.asked(facts.sent_on))
    thresholds = resolved.read(PatternThresholds)
    since = facts.sent_on - timedelta(days=thresholds.refusal_days)
    for at, line in enumerate(facts.lines):
        for reason, claims in _alike(facts, line, since):
            if len(claims) >= thresholds.refusals:
                yield _refused(facts, at, reason, claims, thresholds, resolved)


def check_known_patterns(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """A line that a row about this payer says it refuses."""
    for lines, resolved in ruled_lines(facts, book, PATTERN_WARNING):
        patterns = resolved.read(PatternWarning).patterns
        told = product(lines, patterns) if patterns else ()
        for (at, line), known in told:
            placed = known.place_of_service in (None, line.place_of_service)
            if known.code == line.code and set(known.modifiers) == set(line.modifiers) and placed:
                yield finding(
                    "pattern.known",
                    "warns",
                    f"/lines/{at}/code",
                    f"This payer refuses {line.code} so, with reason {known.reason_code}.",
                    fix="Correct what the payer refuses before it does so again.",
                    source=resolved.row.source,
                    by=resolved,
                    reason_code=known.reason_code,
                )


def _alike(facts: ClaimFacts, line: LineFacts, since: date) -> list[tuple[str, list[str]]]:
    """Claims with a refused line like this one, by reason, in a fixed order."""
    first = facts.diagnoses[line.pointers[0] - 1] if _points(facts, line) else None
    found: dict[str, set[str]] = defaultdict(set)
    for refused in facts.refusals:
        if refused.refused_on >= since and _resembles(refused, line, first):
            found[refused.reason_code].add(refused.claim)
    return sorted((reason, sorted(claims)) for reason, claims in found.items())


def _points(facts: ClaimFacts, line: LineFacts) -> bool:
    return bool(line.pointers) and 1 <= line.pointers[0] <= len(facts.diagnoses)


def _resembles(refused: RefusalFacts, line: LineFacts, diagnosis: str | None) -> bool:
    return (
        refused.code == line.code
        and set(refused.modifiers) == set(line.modifiers)
        and refused.place_of_service in (None, line.place_of_service)
        and refused.diagnosis in (None, diagnosis)
    )


def _refused(
    facts: ClaimFacts,
    at: int,
    reason: str,
    claims: list[str],
    thresholds: PatternThresholds,
    resolved: Resolved,
) -> Finding:
    return finding(
        "pattern.refused",
        "warns",
        f"/lines/{at}/code",
        f"The payer refused {len(claims)} claims like this in {thresholds.refusal_days} days ({reason}).",
        fix="See what those claims have in common, and correct it here before the payer refuses it too.",
        source=resolved.row.source,
        by=resolved,
        reason_code=reason,
        count=len(claims),
        claims=", ".join(claims[-MOST_CLAIMS_SHOWN:]),
        code=facts.lines[at].code,
    )
