"""Are the notes behind the claim settled: no question open, codes reviewed where that is wanted?"""

from collections.abc import Iterator

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts
from billing_rules.therapy.documentation.policies import (
    CODING_REVIEW,
    DOCUMENTATION_POLICY,
    CodingReview,
    DocumentationPolicy,
)
from billing_rules.therapy.payer_rules import ask


def check_open_queries(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """A line whose clinician was asked and has not answered waits."""
    for at, line in enumerate(facts.lines):
        if line.note and line.note.open_queries:
            yield finding(
                "documentation.query_open",
                "blocks",
                f"/lines/{at}",
                "A question to the clinician about this session is open.",
                fix="Wait for the clinician's answer, or withdraw the question.",
                source="The coder's or a check's own question",
                open_queries=line.note.open_queries,
            )


def check_coding_review(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """Proposed codes are seen by a coder where the practice wants it, also if it wants it since."""
    for at, line in enumerate(facts.lines):
        if line.note is None or line.note.coding in (None, "reviewed"):
            continue
        resolved = ask(book, CODING_REVIEW, facts.asked(line.served_on))
        if line.note.coding == "proposed" or _is_always_seen(line, resolved.read(CodingReview)):
            yield finding(
                "coding.not_reviewed",
                "blocks",
                f"/lines/{at}/code",
                "The proposed codes of this session were not reviewed.",
                fix="Review the codes against the note and accept them, or ask the clinician.",
                source=resolved.row.source,
                by=resolved,
                code=line.code,
            )


def check_copied_notes(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """A note that repeats the one before is pointed out before a payer's reviewer does."""
    for at, line in enumerate(facts.lines):
        percent = line.note.near_copy_percent if line.note else None
        if percent is None:
            continue
        resolved = ask(book, DOCUMENTATION_POLICY, facts.asked(line.served_on))
        if resolved.read(DocumentationPolicy).near_copy != "ignored":
            yield finding(
                "documentation.near_copy",
                "warns",
                f"/lines/{at}",
                f"{percent} % of the note stands in the one before.",
                fix="Ask the clinician what was different in this session.",
                source=resolved.row.source,
                by=resolved,
                similarity_percent=percent,
            )


def _is_always_seen(line: LineFacts, policy: CodingReview) -> bool:
    """A sample is drawn when a note arrives; what is always seen is asked for here again."""
    clinician = line.evidence.clinician if line.evidence else None
    return policy.review == "every" or line.code in policy.codes or clinician in policy.clinicians
