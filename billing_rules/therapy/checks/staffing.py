"""May this clinician's session be billed to the payer, under whose name and signature? (BC-18)"""

from collections.abc import Iterator

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import Resolved, RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts
from billing_rules.therapy.facts.staffing import SessionStaffing
from billing_rules.therapy.rulings import ruled_staffed_lines
from billing_rules.therapy.staffing_rules import SUPERVISED_BILLING, SupervisedBilling, SupervisedCredential


def check_supervised_billing(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """Rendering, supervisor, countersignature and modifiers as the payer's row for the credential says."""
    for lines, resolved in ruled_staffed_lines(facts, book, SUPERVISED_BILLING):
        rule = resolved.read(SupervisedBilling)
        sessions = ((at, line, session) for at, line in lines for session in line.staffing)
        for at, line, session in sessions if rule.credentials else ():
            wanted = rule.answer(session.credential, session.standing)
            if wanted is not None:
                yield from _session(at, line, session, wanted, resolved)


def _session(
    at: int, line: LineFacts, session: SessionStaffing, wanted: SupervisedCredential, by: Resolved
) -> Iterator[Finding]:
    who = " ".join(part for part in (session.standing, session.credential) if part)
    if wanted.bill_as == "not_billable":
        message = f"This payer does not pay for services of {who}."
        fix = "Have an eligible clinician treat, or bill whoever else answers for it."
        yield _found("supervision.not_billable", at, message, fix, by, credential=who)
        return
    yield from _rendering(at, session, wanted, by)
    if wanted.wants_supervisor:
        yield from _supervisor(at, session, wanted, by)
    if wanted.cosignature and not session.is_cosigned:
        message = f"The note of {who} is not countersigned."
        fix = "Ask the supervisor to countersign the note."
        yield _found("supervision.cosignature", at, message, fix, by, credential=who)
    missing = ", ".join(m for m in wanted.modifiers if m not in line.modifiers)
    if missing:
        message = f"The payer wants {missing} on services of {who}."
        fix = "Check the claim again: the modifier follows the credential on the date of service."
        yield _found("supervision.modifier", at, message, fix, by, credential=who, wanted=missing)


def _rendering(
    at: int, session: SessionStaffing, wanted: SupervisedCredential, by: Resolved
) -> Iterator[Finding]:
    by_supervisor = wanted.bill_as == "supervisor"
    if by_supervisor and session.supervisor is None:
        return
    renders = session.supervisor.renders if by_supervisor and session.supervisor else session.renders
    if not renders:
        whom = "the supervisor" if by_supervisor else "the clinician who treated"
        yield _found(
            "supervision.rendering",
            at,
            f"The claim is to name {whom} as rendering.",
            "Check the claim again; sessions that bill under different names go on different claims.",
            by,
            bill_as=wanted.bill_as,
        )


def _supervisor(
    at: int, session: SessionStaffing, wanted: SupervisedCredential, by: Resolved
) -> Iterator[Finding]:
    supervisor = session.supervisor
    if supervisor is None:
        message, fix = "Nobody is recorded as supervisor on the date of service.", "Record who supervised."
        yield _found("supervision.supervisor_missing", at, message, fix, by)
        return
    if wanted.supervisor_available and not supervisor.is_available:
        message = "The supervisor was away on the date of service."
        fix = "Name the supervisor who stood in, or hold the service back from this payer."
        yield _found("supervision.supervisor_absent", at, message, fix, by)
    allowed = wanted.supervisor_credentials
    if allowed and supervisor.credential not in allowed:
        yield _found(
            "supervision.supervisor_credential",
            at,
            f"The payer wants a supervisor with {' or '.join(allowed)}.",
            "Name a supervisor with such a credential on the date of service.",
            by,
            credential=supervisor.credential or "none recorded",
        )


def _found(rule: str, at: int, message: str, fix: str, by: Resolved, **evidence: object) -> Finding:
    field = "modifiers" if rule.endswith("modifier") else "staffing"
    return finding(
        rule,
        "blocks",
        f"/lines/{at}/{field}",
        message,
        fix=fix,
        source=by.row.source,
        by=by,
        correction=None,
        **evidence,
    )
