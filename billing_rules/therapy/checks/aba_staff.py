"""Behaviour analysis: the technician certified, the note signed, enough of the time supervised? (BC-20)"""

from collections.abc import Iterator
from datetime import date

from billing_rules.findings import Finding
from billing_rules.rule_book import Resolved, RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts
from billing_rules.therapy.facts.staffing import SessionStaffing, SupervisedMonth
from billing_rules.therapy.rulings import ruled_staffed_lines
from billing_rules.therapy.staff_findings import staff_finding
from billing_rules.therapy.staffing_rules import ABA_STAFFING, AbaStaffing


def check_certifications(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """A certification in the clinician's credential, in force on the date; an expired one is always told."""
    for at, line, rule, by in _lines(facts, book):
        for session in line.staffing:
            held = [
                lic
                for lic in session.licences
                if lic.kind == "certification" and lic.title == session.credential
            ]
            on = line.served_on or facts.sent_on
            if any(lic.is_in_force(on) for lic in held) or not (held or rule.certification):
                continue
            expired = [lic.ends_on for lic in held if lic.ends_on is not None and lic.ends_on < on]
            ended = f" It expired on {max(expired)}." if expired else ""
            yield staff_finding(
                "aba.certification",
                at,
                f"No {session.credential} certification was in force on the date of service.{ended}",
                "Record the renewal, or have a certified person's service billed.",
                by,
                severity="blocks" if rule.certification else "warns",
                expired_on=max(expired) if expired else "not recorded",
            )


def check_signatures(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """The caregiver's and the clinician's signatures, each with its time, where the payer wants them."""
    for at, line, rule, by in _lines(facts, book):
        asked = (("caregiver", rule.caregiver_signature), ("clinician", rule.clinician_signature))
        wanted = [role for role, asks in asked if asks]
        for session in line.staffing:
            for role in wanted:
                yield from _signature(at, session, role, by)


def check_supervision_share(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """The supervisor's share of a client's technician-led minutes of the month, where the payer sets one.

    While the month goes on the rest may still be supervised, so it holds only where the row says so.
    """
    told: set[date] = set()
    for at, line, rule, by in _lines(facts, book):
        month_on = (line.served_on or facts.sent_on).replace(day=1)
        percent = rule.supervision_percent
        if percent is None or month_on in told or line.code not in rule.treated_codes:
            continue
        told.add(month_on)
        for month in facts.supervised_months:
            if month.month_on == month_on:
                yield from _share(at, month, rule, percent, by)


def _share(
    at: int, month: SupervisedMonth, rule: AbaStaffing, percent: int, by: Resolved
) -> Iterator[Finding]:
    treated = sum(month.minutes.get(code, 0) for code in rule.treated_codes)
    billed = sum(month.minutes.get(code, 0) for code in rule.supervision_codes)
    supervised = billed + month.recorded_minutes
    if supervised * 100 >= percent * treated:
        return
    needed = -(-percent * treated // 100) - supervised
    yield staff_finding(
        "aba.supervision_share",
        at,
        f"Less than {percent} % of the month's technician-led time was supervised.",
        f"Record {needed} more minutes of supervision that took place, or hold the claim.",
        by,
        severity="blocks" if month.has_ended else rule.open_month,
        month=month.month_on.isoformat()[:7],
        treated_minutes=treated,
        supervised_minutes=supervised,
        percent=percent,
    )


def _signature(at: int, session: SessionStaffing, role: str, by: Resolved) -> Iterator[Finding]:
    mine = [signature for signature in session.signatures if signature.role == role]
    if any(signature.signed_at is not None for signature in mine):
        return
    what = f"The {role}'s signature has no time." if mine else f"The {role} has not signed the note."
    fix = f"Ask for the {role}'s signature with its time."
    yield staff_finding(f"aba.{role}_signature", at, what, fix, by, role=role)


def _lines(facts: ClaimFacts, book: RuleBook) -> Iterator[tuple[int, LineFacts, AbaStaffing, Resolved]]:
    """The lines of behaviour analysis whose staffing is known, with the payer's row."""
    for lines, by in ruled_staffed_lines(facts, book, ABA_STAFFING):
        rule = by.read(AbaStaffing)
        for at, line in lines:
            if line.code in rule.codes:
                yield at, line, rule, by
