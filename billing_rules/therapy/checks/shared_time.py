"""Do sessions behind the claim share minutes with one another or with other sessions, as the payer bars?"""

from collections.abc import Iterator

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.concurrency import ConcurrentSessions
from billing_rules.therapy.overlaps import Overlap, overlaps
from billing_rules.therapy.payer_rules import CONCURRENT_SESSIONS, COTREATMENT_TIME, CotreatmentTime, ask


def check_shared_time(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """Minutes of one patient or clinician are billed once, unless the payer takes the pair of codes."""
    if not facts.sessions:
        return
    pairs = ask(book, CONCURRENT_SESSIONS, facts.asked())
    shared = ask(book, COTREATMENT_TIME, facts.asked())
    time: CotreatmentTime = shared.read(CotreatmentTime)  # type: ignore[arg-type]
    for found in overlaps(facts.sessions, pairs.read(ConcurrentSessions), shared_time_once=time == "once"):
        cotreated = found.verdict == "billed_twice"
        is_own = found.first.is_own or found.second.is_own
        if not is_own or (found.verdict != "barred" and not cotreated):
            continue
        by, codes = shared if cotreated else pairs, " and ".join(found.codes)
        yield finding(
            "overlap.cotreatment" if cotreated else f"overlap.{found.shared}",
            "warns" if by.is_assumption else "blocks",
            f"/lines/{_line_of(facts, found)}/served_on",
            f"{found.minutes} minutes are in two sessions of the {found.shared} ({codes}).",
            fix="Correct the times, or bill the shared minutes in one of the sessions only.",
            source=by.row.source,
            by=by,
            minutes=found.minutes,
            codes=codes,
        )


def _line_of(facts: ClaimFacts, found: Overlap) -> int:
    """The first line with one of the two codes, else the first of the claim."""
    return next((at for at, line in enumerate(facts.lines) if line.code in found.codes), 0)
