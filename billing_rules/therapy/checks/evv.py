"""Does an aggregator's verified visit stand behind the line, alike in all six elements? (BC-21)"""

from collections.abc import Iterator

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts
from billing_rules.therapy.facts.evv import SessionVerification, VerifiedVisit
from billing_rules.therapy.payer_rules import Asked, ask
from billing_rules.therapy.staffing_rules import EVV, EvvRule

NAMES = {
    "service": "type of service",
    "individual_receiving": "individual receiving the service",
    "individual_providing": "individual providing the service",
    "date": "date of service",
    "location": "location",
    "begin_time": "time at which it began",
    "end_time": "time at which it ended",
}


def check_verified_visits(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """A record for every session under the rule, and one finding for each element that differs."""
    for at, line in enumerate(facts.lines):
        for session in line.verifications:
            on = line.served_on or facts.sent_on
            asked = Asked(payer=facts.payer, plan=facts.plan, state=session.state or facts.state, on=on)
            by = ask(book, EVV, asked)
            rule = by.read(EvvRule)
            if not rule.asks(line.code, line.place_of_service):
                continue
            subject, source = f"/lines/{at}/verifications", by.row.source
            if session.record is None:
                message = "No verified visit from the aggregator matches the session."
                fix = "Import the aggregator's record, or have the visit verified there."
                yield finding("evv.missing", "blocks", subject, message, fix=fix, source=source, by=by)
                continue
            for field in differences(facts, line, session, session.record, rule.tolerance_minutes):
                message = f"The verified visit differs in the {NAMES[field]}."
                fix = "Correct it at the aggregator or in the note, whichever is wrong, then check again."
                yield finding(
                    "evv.mismatch", "blocks", subject, message, fix=fix, source=source, by=by, field=field
                )


def differences(
    facts: ClaimFacts,
    line: LineFacts,
    session: SessionVerification,
    record: VerifiedVisit,
    tolerance_minutes: int,
) -> list[str]:
    """The elements in which the record is not what the claim says; times may differ by the tolerance."""
    within = 60 * tolerance_minutes
    places = (line.place_of_service, session.state or record.state)
    unlike = {
        "service": record.code != line.code,
        "individual_receiving": record.member_number != facts.member_id,
        "individual_providing": record.clinician != session.clinician,
        "date": record.served_on != line.served_on,
        "location": (record.place_of_service, record.state) != places,
        "begin_time": abs((record.starts_at - session.starts_at).total_seconds()) > within,
        "end_time": abs((record.ends_at - session.ends_at).total_seconds()) > within,
    }
    return [field for field, differs in unlike.items() if differs]
