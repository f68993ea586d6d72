"""Was the clinician licensed, or privileged by a compact, where the patient was on that day? (BC-19)"""

from collections.abc import Iterator
from datetime import date

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import Resolved, RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.facts.staffing import LicenceFacts
from billing_rules.therapy.payer_rules import Asked, ask
from billing_rules.therapy.staffing_rules import COMPACT_MEMBERSHIP, LICENSURE, CompactMembership, Licensure


def check_licences(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """Compare where the patient was with what the clinician held on the date; a mismatch blocks."""
    for at, line in enumerate(facts.lines):
        on = line.served_on
        if on is None or not line.staffing:
            continue
        by = ask(book, LICENSURE, facts.asked(on))
        check = by.read(Licensure).check
        for session in line.staffing:
            held = [lic for lic in session.licences if lic.kind != "certification"]
            if check == "off" or (check == "recorded" and not held):
                continue
            if session.location_state is not None:
                asked = Asked(payer=facts.payer, plan=facts.plan, state=session.location_state, on=on)
                yield from _in_state(
                    at, session.location_state, held, on, by, ask(book, COMPACT_MEMBERSHIP, asked)
                )
            elif session.is_telehealth:
                message = "Where the patient was during the telehealth session is not recorded."
                fix = "Ask the clinician in which state the patient was, and send the note again."
                yield _found("licensure.location_unknown", at, message, fix, by)


def _in_state(
    at: int, state: str, held: list[LicenceFacts], on: date, by: Resolved, members: Resolved
) -> Iterator[Finding]:
    valid = [lic for lic in held if lic.is_in_force(on) and lic.state in (None, state)]
    compacts = members.read(CompactMembership).compacts
    if any(lic.kind == "licence" or lic.compact in compacts for lic in valid):
        return
    if valid:
        named = ", ".join(sorted({lic.compact or "" for lic in valid}))
        message = f"{state} is not known to be practised in under {named} on the date of service."
        fix = "Confirm the state's membership and record it with its source, or find the licence."
        yield _found("licensure.compact_not_member", at, message, fix, members, state=state, compact=named)
        return
    message = f"The clinician had no licence and no compact privilege for {state} on the date of service."
    fix = "Record the licence or privilege if there was one; otherwise the session cannot be billed."
    yield _found("licensure.mismatch", at, message, fix, by, state=state)


def _found(rule: str, at: int, message: str, fix: str, by: Resolved, **evidence: object) -> Finding:
    subject = f"/lines/{at}/staffing"
    return finding(
        rule, "blocks", subject, message, fix=fix, source=by.row.source, by=by, correction=None, **evidence
    )
