"""May the claim go out now: signed, covered, in time, not sent before, correctly marked as a correction?"""

from collections.abc import Iterator

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.payer_rules import FILING_LIMIT_DAYS, ask, last_filing_day

GUIDE = "005010X222A1"
FREQUENCIES = ("1", "7", "8")
CORRECTIONS = ("7", "8")
DAYS_OF_NOTICE = 7


def check_coverage(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """The coverage is in force on every date of service."""
    covered = facts.coverage
    if covered is None:
        yield _coverage_finding(
            "coverage.missing", "/coverage", "The claim has no coverage to be sent under."
        )
        return
    for at, line in enumerate(facts.lines):
        until = covered.ends_on or line.served_on
        if line.served_on and until and not covered.starts_on <= line.served_on <= until:
            message = "The coverage is not in force on the date of service."
            yield _coverage_finding("coverage.not_active", f"/lines/{at}/served_on", message)


def check_signed(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """Every session behind the claim is signed."""
    for at, line in enumerate(facts.lines):
        if not line.session_signed:
            yield finding(
                "session.unsigned",
                "blocks",
                f"/lines/{at}/session_signed",
                "The session behind the line is not signed.",
                fix="Ask the clinician to sign the note.",
                source="CMS Pub 100-02 ch. 15 §220.3",
            )


def check_dates(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """No service after the claim is sent or before the patient was born."""
    for at, line in enumerate(facts.lines):
        too_late = line.served_on is not None and line.served_on > facts.sent_on
        born_on = facts.patient_born_on
        too_early = line.served_on is not None and born_on is not None and line.served_on < born_on
        if too_late or too_early:
            yield finding(
                "line.served_on",
                "blocks",
                f"/lines/{at}/served_on",
                "The date of service lies in the future or before the patient's birth.",
                fix="Correct the date of the session, or the date of birth.",
                source=f"{GUIDE} DTP*472",
            )


def check_filing_limit(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """The payer can still have the claim in time; the last week is told."""
    resolved = ask(book, FILING_LIMIT_DAYS, facts.asked())
    last_on = last_filing_day(resolved, facts.first_served_on)
    left = (last_on - facts.sent_on).days
    if left < 0 and facts.frequency not in CORRECTIONS:
        yield finding(
            "filing_limit.passed",
            "warns" if resolved.is_assumption else "blocks",
            "/sent_on",
            f"The payer had to have the claim by {last_on}.",
            fix="Find proof of an earlier submission, or ask who answers for the delay.",
            source=resolved.row.source,
            last_on=last_on,
        )
    elif 0 <= left <= DAYS_OF_NOTICE:
        yield finding(
            "filing_limit.near",
            "informs",
            "/sent_on",
            f"The payer must have the claim by {last_on}.",
            fix="Send it first.",
            source=resolved.row.source,
            last_on=last_on,
        )


def check_frequency(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """Original, replacement or void; the latter two name the payer's own claim number."""
    if facts.frequency not in FREQUENCIES:
        yield finding(
            "claim.frequency",
            "blocks",
            "/frequency",
            f"Frequency {facts.frequency or '(none)'} is neither original, replacement nor void.",
            fix="Use 1, 7 or 8.",
            source=f"{GUIDE} CLM05-3",
        )
    elif facts.frequency in CORRECTIONS and not facts.payer_control_number:
        yield finding(
            "claim.payer_control_number",
            "blocks",
            "/payer_control_number",
            "A replacement or void does not say which of the payer's claims it corrects.",
            fix="Take the payer's control number over from its 277CA or 835.",
            source=f"{GUIDE} 2300 REF*F8",
        )


def check_duplicates(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """No line repeats a charge that was already billed."""
    for at, line in enumerate(facts.lines):
        if line.duplicate_of:
            yield finding(
                "line.duplicate",
                "blocks",
                f"/lines/{at}/duplicate_of",
                "The line repeats a charge that was already billed.",
                fix="Take it off, or send a replacement of the earlier claim.",
                source="CARC 18",
                duplicate_of=line.duplicate_of,
            )


def check_repeated_lines(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """No two lines of the claim are alike in code, date and modifiers."""
    seen: set[object] = set()
    for at, line in enumerate(facts.lines):
        key = (line.served_on, line.code, tuple(sorted(line.modifiers)))
        if key in seen:
            yield finding(
                "line.repeated",
                "warns",
                f"/lines/{at}/code",
                "Two lines have the same code, date and modifiers.",
                fix="Sum their units into one line, or say with a modifier what sets them apart.",
                source="CARC 18",
                code=line.code,
            )
        seen.add(key)


def _coverage_finding(rule: str, subject: str, message: str) -> Finding:
    return finding(
        rule,
        "blocks",
        subject,
        message,
        fix="Verify the coverage again and bill whoever was responsible on the date.",
        source="CARC 26, 27, 31",
    )
