"""What a plan of care obliges to besides its certificate: length, verbal orders, progress reports."""

from collections.abc import Iterator
from datetime import date

from billing_rules.findings import Finding, Severity, finding
from billing_rules.rule_book import Resolved, RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts, PlanOfCareFacts
from billing_rules.therapy.deadlines import (
    PLAN_OF_CARE_TERMS,
    PROGRESS_REPORT_OVERDUE,
    PROGRESS_REPORT_TREATMENT_DAYS,
    PlanOfCareTerms,
)
from billing_rules.therapy.payer_rules import ask, ask_if_ruled
from billing_rules.therapy.plans_of_care import (
    last_covered_on,
    progress_report_due,
    verbal_signature_due_on,
)

_Linked = tuple[int, LineFacts, PlanOfCareFacts, Resolved]


def check_plan_length(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """A plan counts its own length or the payer's longest: after that it is recertified."""
    for at, line, plan, resolved in _linked(facts, book, PLAN_OF_CARE_TERMS):
        terms = resolved.read(PlanOfCareTerms)
        planned = (plan.ends_on - plan.starts_on).days + 1
        last_on = last_covered_on(plan.starts_on, planned, terms)
        if line.served_on and last_on < line.served_on <= plan.ends_on:
            message = f"The plan of care counts until {last_on} and was not recertified."
            yield _finding(at, "too_long", "blocks", message, "Have the plan recertified.", resolved)


def check_verbal_orders(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """A verbal order certifies for a while: then its signature must have come."""
    for at, _, plan, resolved in _linked(facts, book, PLAN_OF_CARE_TERMS):
        if plan.verbal_order_on is None or plan.certified_on is not None:
            continue
        due_on = verbal_signature_due_on(plan.verbal_order_on, resolved.read(PlanOfCareTerms))
        late = facts.sent_on > due_on
        message = f"The verbal order is to be signed by {due_on}."
        name = "verbal_signature_overdue" if late else "verbal_signature_due"
        yield _finding(at, name, "blocks" if late else "warns", message, "Get the signature.", resolved)


def check_progress_reports(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """A progress report is written at least every so many treatment days of the episode."""
    for at, line, plan, resolved in _linked(facts, book, PROGRESS_REPORT_TREATMENT_DAYS):
        if line.served_on is None or not plan.treated_on:
            continue
        treated = [day for day in plan.treated_on if day <= line.served_on]
        reported = {_day_of(day, treated) for day in plan.reports_on if day <= line.served_on} - {0}
        due = progress_report_due(len(treated), sorted(reported), resolved.read(int))
        if len(treated) < due.due_by_treatment_day:
            continue
        name = "progress_report_overdue" if due.overdue else "progress_report_due"
        holds = due.overdue and _weight(facts, line, book) == "holds"
        message = f"A progress report was due by treatment day {due.due_by_treatment_day}."
        fix = "Have the clinician write the progress report, and record it."
        yield _finding(at, name, "blocks" if holds else "warns", message, fix, resolved)


def _weight(facts: ClaimFacts, line: LineFacts, book: RuleBook) -> str:
    """What the payer makes of a report that is overdue: it holds the claim, or a person is told."""
    return ask(book, PROGRESS_REPORT_OVERDUE, facts.asked(line.served_on)).read(str)


def _day_of(reported_on: date, treated: list[date]) -> int:
    """The treatment day that a report closes: the last one until then."""
    return sum(day <= reported_on for day in treated)


def _linked(facts: ClaimFacts, book: RuleBook, rule: str) -> Iterator[_Linked]:
    """The lines with a plan whose payer has a row of the rule; no row asks for nothing."""
    asked, resolved = None, None
    for at, line in enumerate(facts.lines):
        if line.plan_of_care is None:
            continue
        if asked is None or asked is not facts.asked(line.served_on):
            asked = facts.asked(line.served_on)
            resolved = ask_if_ruled(book, rule, asked)
        if resolved is not None:
            yield at, line, line.plan_of_care, resolved


def _finding(at: int, name: str, severity: Severity, message: str, fix: str, by: Resolved) -> Finding:
    return finding(
        f"plan_of_care.{name}",
        severity,
        f"/lines/{at}/plan_of_care",
        message,
        fix=fix,
        source=by.row.source,
        by=by,
    )
