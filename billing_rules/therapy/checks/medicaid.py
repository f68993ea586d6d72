"""Medicaid's own questions: the plan on the date, the patient's share, who ordered, and caps. (BC-22)"""

from collections.abc import Iterator
from datetime import date

from billing_rules.findings import Finding, finding
from billing_rules.money import dollars
from billing_rules.rule_book import Resolved, RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.facts.medicaid import CostShareFacts
from billing_rules.therapy.payer_rules import ask
from billing_rules.therapy.staffing_rules import ORDERING_PROVIDER, VISIT_CAP, OrderingProvider, VisitCap

EPSDT = "42 USC 1396d(r)(5)"


def check_plan_on_date(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """A date on which the claim's coverage is not in force and another Medicaid plan is: the wrong plan."""
    if facts.medicaid is None or facts.coverage is None:
        return
    for at, line in enumerate(facts.lines):
        on = line.served_on
        if on is None or _within(on, facts.coverage.starts_on, facts.coverage.ends_on):
            continue
        right = [plan for plan in facts.medicaid.other_plans if plan.is_in_force(on)]
        if right:
            yield finding(
                "medicaid.wrong_plan",
                "blocks",
                f"/lines/{at}/served_on",
                f"Another Medicaid plan was in force on the date of service: {right[0].plan}.",
                fix="Bill the plan that was in force on the date of service.",
                source="42 CFR 438.56: a managed-care enrolment answers for its own dates; CARC 24, 109",
                plan=right[0].plan,
                since=right[0].starts_on,
            )


def check_cost_share(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """What the patient bears in the month comes first; a spend-down reaches back to the day it was met."""
    if facts.medicaid is None:
        return
    for at, line in enumerate(facts.lines):
        for share in facts.medicaid.cost_shares:
            on = line.served_on
            if on is not None and on.replace(day=1) == share.month_on and not _is_open(share, on):
                yield _share_finding(at, share)


def check_ordering_provider(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """An order behind the treatment, by somebody whom the payer had enrolled on the date of service."""
    for at, line in enumerate(facts.lines):
        by = ask(book, ORDERING_PROVIDER, facts.asked(line.served_on))
        rule = by.read(OrderingProvider)
        on = line.served_on
        wanted = rule.required or rule.sends(line.code)
        if not (wanted or rule.enrolled) or on is None:
            continue
        orders = facts.medicaid.orders if facts.medicaid else ()
        mine = [order for order in orders if order.covers(on, line.discipline)]
        rule_id, message, fix = "", "", ""
        if not mine and wanted:
            rule_id, message = "medicaid.order_missing", "No order or referral covers the date of service."
            fix = "Record who ordered the treatment, with the NPI and the dates."
        elif mine and rule.enrolled and not any(order.is_enrolled(on) for order in mine):
            rule_id = "medicaid.ordering_not_enrolled"
            message = "The ordering provider was not enrolled with this payer on the date of service."
            fix = "Record the enrolment if there was one, or get the order from an enrolled provider."
        if rule_id:
            subject = f"/lines/{at}/medicaid"
            yield finding(rule_id, "blocks", subject, message, fix=fix, source=by.row.source, by=by)


def check_lifted_caps(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """A cap of the plan that was exceeded and does not hold, because the patient is under age (EPSDT)."""
    for limit in facts.limits:
        by = lifted_cap(facts, book, facts.lines[limit.line].served_on)
        if by is None or not limit.over:
            continue
        yield finding(
            "limit.lifted",
            "informs",
            f"/lines/{limit.line}/medicaid",
            f"The plan's cap is exceeded by {limit.over} {limit.unit}; no cap holds at the patient's age.",
            fix="Keep the proof of medical necessity with the claim.",
            source=EPSDT,
            by=by,
            over=limit.over,
            unit=limit.unit,
            cap_from=limit.source,
        )


def lifted_cap(facts: ClaimFacts, book: RuleBook, on: date | None) -> Resolved | None:
    """The row that lifts the payer's caps for this patient on a date of service; None where caps hold."""
    by = ask(book, VISIT_CAP, facts.asked(on))
    rule = by.read(VisitCap)
    return by if rule.is_lifted(facts.patient_born_on, on or facts.first_served_on) else None


def _is_open(share: CostShareFacts, on: date) -> bool:
    """Whether Medicaid answers for the date: the share was met, a spend-down by that very day."""
    if share.met_on is None:
        return False
    return share.kind == "share_of_cost" or on >= share.met_on


def _share_finding(at: int, share: CostShareFacts) -> Finding:
    left = share.amount_cents - share.borne_cents
    before = share.met_on is not None
    message = (
        f"The spend-down was met on {share.met_on}, after the date of service."
        if before
        else f"Of the month's share of {dollars(share.amount_cents)} {dollars(left)} is left to bear."
    )
    fix = (
        "Bill the patient: Medicaid answers from the day on which the spend-down was met."
        if before
        else "The patient owes this share: collect it or have the expense recorded, then check again."
    )
    return finding(
        f"medicaid.{share.kind}",
        "blocks",
        f"/lines/{at}/medicaid",
        message,
        fix=fix,
        source="42 CFR 435.831 (spend-down); the share of cost as recorded; CARC 142, 178",
        month=share.month_on.isoformat()[:7],
        share_cents=share.amount_cents,
        left_cents=max(0, left),
    )


def _within(on: date, starts_on: date, ends_on: date | None) -> bool:
    return starts_on <= on and (ends_on is None or on <= ends_on)
