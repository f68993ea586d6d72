"""Does the claim have what this payer wants: authorization, plan of care?"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TypeAlias

from billing_rules.days import within
from billing_rules.findings import Finding, Severity, finding
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.claim_facts import AuthorizationFacts, ClaimFacts, LineFacts, PlanOfCareFacts
from billing_rules.therapy.payer_rules import (
    AUTHORIZATION_REQUIRED,
    PLAN_OF_CARE,
    AuthorizationRequired,
    OrderException,
    PlanOfCareRule,
    ask,
)
from billing_rules.therapy.rulings import ruled_lines

_Problem: TypeAlias = tuple[str, Severity, str, str]


def check_authorization(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """An authorization that covers each line that needs one; whether one is needed may be unknown."""
    in_need = _in_need(facts, book, "required")
    if in_need and not facts.authorizations:
        yield _authorization_finding(facts, book, "authorization.missing", "/authorizations", in_need[0])
        return
    for at in in_need:
        line = facts.lines[at]
        covered = any(_covers(held, line) for held in facts.authorizations)
        if line.code and line.served_on and not covered:
            yield _authorization_finding(facts, book, "authorization.not_covering", f"/lines/{at}/code", at)


def check_authorization_known(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """Somebody should have found out whether authorization is needed."""
    unknown = _in_need(facts, book, "unknown")
    if unknown and not facts.authorizations:
        resolved = ask(book, AUTHORIZATION_REQUIRED, facts.asked(facts.lines[unknown[0]].served_on))
        yield finding(
            "authorization.unknown",
            "warns",
            "/authorization_required",
            "Nobody knows whether this payer wants authorization.",
            fix="Ask the payer and record the answer as a rule of the payer.",
            source=resolved.row.source,
            by=resolved,
        )


def check_plans_of_care(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """Each therapy line links to the plan of its discipline that covers the date, certified when due."""
    for lines, resolved in ruled_lines(facts, book, PLAN_OF_CARE):
        rule = resolved.read(PlanOfCareRule)
        for at, line in lines:
            wanted = line.discipline in rule.disciplines
            problem = _plan_problem(line, rule, facts.sent_on) if wanted else None
            if problem:
                name, severity, message, fix = problem
                yield finding(
                    f"plan_of_care.{name}",
                    severity,
                    f"/lines/{at}/plan_of_care",
                    message,
                    fix=fix,
                    source=resolved.row.source,
                    by=resolved,
                )


def _plan_problem(line: LineFacts, rule: PlanOfCareRule, sent_on: date) -> _Problem | None:
    plan = line.plan_of_care
    if plan is None:
        return "missing", "blocks", "The visit is linked to no plan of care.", "Link it, or write the plan."
    if plan.discipline != line.discipline:
        return "discipline", "blocks", "The plan of care is another discipline's.", "Link the right plan."
    if line.served_on and not plan.starts_on <= line.served_on <= plan.ends_on:
        message = "The plan of care does not cover the date of service."
        return "not_covering", "blocks", message, "Have the plan recertified, or link the right one."
    return _certification_problem(plan, rule, sent_on)


def _certification_problem(plan: PlanOfCareFacts, rule: PlanOfCareRule, sent_on: date) -> _Problem | None:
    if rule.certification_due_days is None:
        return None
    due_on = plan.starts_on + timedelta(days=rule.certification_due_days)
    if plan.certified_on is not None:
        return _delay_problem(plan, due_on)
    if _order_stands_for_signature(plan, rule.order_exception) or _is_spoken_in_time(plan, due_on):
        return None
    if sent_on <= due_on:
        message = f"The plan of care is to be certified by {due_on}."
        return "certification_due", "warns", message, "Get the signature."
    message = f"The plan of care was to be certified by {due_on}."
    return "certification_overdue", "blocks", message, "Get the signature and the reason for the delay."


def _delay_problem(plan: PlanOfCareFacts, due_on: date) -> _Problem | None:
    """A certification may come late with its reason (CMS Pub 100-02 ch. 15 §220.1.3.D)."""
    is_late = plan.certified_on is not None and plan.certified_on > due_on
    if not is_late or plan.delay_explained or _is_spoken_in_time(plan, due_on):
        return None
    message = f"The plan of care was certified after {due_on}, without a reason for the delay."
    return "delay_unexplained", "blocks", message, "Record why the certification came late."


def _is_spoken_in_time(plan: PlanOfCareFacts, due_on: date) -> bool:
    """A timely verbal order certifies; its signature has a deadline and a check of its own."""
    return plan.verbal_order_on is not None and plan.verbal_order_on <= due_on


def _order_stands_for_signature(plan: PlanOfCareFacts, exception: OrderException | None) -> bool:
    """Of an initial certification only: whoever ordered the therapy and is silent assents to the plan."""
    if exception is None or plan.recertifies or plan.sent_to_orderer_on is None:
        return False
    in_time = plan.sent_to_orderer_on - plan.starts_on <= timedelta(days=exception.sent_within_days)
    return in_time and (plan.order_signed_on is not None or not exception.signed_order)


def _in_need(facts: ClaimFacts, book: RuleBook, answer: str) -> list[int]:
    """The lines that are not exempt and of which the case's or else the payer's answer is this one."""
    found: list[int] = []
    told = facts.authorization_required
    known = None if told is None else "required" if told else "not_required"
    for lines, resolved in ruled_lines(facts, book, AUTHORIZATION_REQUIRED):
        rule = resolved.read(AuthorizationRequired)
        if (known or rule.answer) == answer:
            found += [at for at, line in lines if line.code not in rule.exempt_codes]
    return found


def _covers(held: AuthorizationFacts, line: LineFacts) -> bool:
    on = line.served_on
    in_window = on is not None and within(on, held.starts_on, held.ends_on)
    return bool(held.number) and in_window and (not held.codes or line.code in held.codes)


def _authorization_finding(facts: ClaimFacts, book: RuleBook, rule: str, subject: str, at: int) -> Finding:
    missing = rule.endswith("missing")
    told = facts.authorization_required is not None
    resolved = ask(book, AUTHORIZATION_REQUIRED, facts.asked(facts.lines[at].served_on))
    return finding(
        rule,
        "blocks",
        subject,
        "The payer wants authorization and the claim has none."
        if missing
        else f"No authorization on the claim covers {facts.lines[at].code} on the date of service.",
        fix="Enter the payer's number, or ask for authorization with effect from the first session.",
        source="Benefit answer of the payer" if told else resolved.row.source,
        by=None if told else resolved,
        code=facts.lines[at].code,
    )
