"""Vectors of deadlines and duties: plans of care, appeals, filing, estimates, credit, overpayments."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from billing_rules.therapy.appeals import appeal_level, due_after_notice, due_after_receipt
from billing_rules.therapy.credit_disclosure import needs_disclosure
from billing_rules.therapy.deadlines import (
    APPEAL_LEVELS,
    CREDIT_TERMS,
    GOOD_FAITH_ESTIMATE,
    OVERPAYMENT_RETURN,
    PLAN_OF_CARE_TERMS,
    PROGRESS_REPORT_TREATMENT_DAYS,
    AppealLevel,
    CreditTerms,
    GoodFaithEstimate,
    OverpaymentReturn,
    PlanOfCareTerms,
)
from billing_rules.therapy.good_faith_estimates import can_dispute, due_after_scheduling
from billing_rules.therapy.overpayments import return_by, suspended_until
from billing_rules.therapy.payer_rules import (
    FILING_LIMIT_DAYS,
    PLAN_OF_CARE,
    PlanOfCareRule,
    last_filing_day,
)
from billing_rules.therapy.plans_of_care import (
    certification_due_on,
    covers,
    order_replaces_signature,
    progress_report_due,
    verbal_signature_due_on,
)
from billing_rules.vectors.reading import (
    InputRefused,
    a_count,
    a_date,
    a_flag,
    a_list,
    an_amount,
    answered,
    needed,
    perhaps_date,
)
from billing_rules.vectors.runners import Answer, Runners

MEDICARE = "medicare"
UNDATED = date(2026, 1, 1)
"""The day whose rules answer a vector that names none."""


def _plan(on: date) -> PlanOfCareTerms:
    terms: PlanOfCareTerms = answered(PLAN_OF_CARE_TERMS, on, MEDICARE).read(PlanOfCareTerms)
    return terms


def _rule(on: date) -> PlanOfCareRule:
    rule: PlanOfCareRule = answered(PLAN_OF_CARE, on, MEDICARE).read(PlanOfCareRule)
    return rule


def _certification(given: Mapping[str, Any]) -> Answer:
    first_on = a_date(given, "initial_treatment_date")
    due_days = _rule(first_on).certification_due_days
    if due_days is None:
        raise InputRefused("initial_treatment_date", "no certification is asked for")
    return {"timely_if_signed_by": certification_due_on(first_on, due_days).isoformat()}


def _verbal(given: Mapping[str, Any]) -> Answer:
    on = a_date(given, "verbal_cert_date")
    return {"signature_due": verbal_signature_due_on(on, _plan(on)).isoformat()}


def _order(given: Mapping[str, Any]) -> Answer:
    kind = needed(given, "type")
    if kind not in ("initial", "recertification"):
        raise InputRefused("type", "it is neither initial nor recertification")
    sent_after = given.get("poc_transmitted_days_after_eval")
    stands = order_replaces_signature(
        kind,
        order_on_file=a_flag(given, "signed_dated_order_on_file"),
        sent_after_days=None if sent_after is None else a_count(given, "poc_transmitted_days_after_eval"),
        exception=_rule(a_date(given, "dos")).order_exception,
    )
    return {"certified_without_signature": stands}


def _covered(given: Mapping[str, Any]) -> Answer:
    first_on = a_date(given, "initial_treatment_date")
    planned = a_count(given, "certified_duration_days")
    return {"covered": covers(first_on, planned, a_date(given, "dos"), _plan(first_on))}


def _progress(given: Mapping[str, Any]) -> Answer:
    every = answered(PROGRESS_REPORT_TREATMENT_DAYS, UNDATED, MEDICARE).read(int)
    reports = a_list(given, "reports_completed_at")
    due = progress_report_due(a_count(given, "treatment_days_in_episode"), reports, every)
    return {"overdue": due.overdue, "due_by_treatment_day": due.due_by_treatment_day}


def _level(name: str, on: date) -> AppealLevel:
    levels = answered(APPEAL_LEVELS, on, MEDICARE).read(dict[str, AppealLevel])
    return appeal_level(levels, name)


def _redetermination(given: Mapping[str, Any]) -> Answer:
    on = a_date(given, "remittance_date")
    due = due_after_notice(_level("redetermination", on), on)
    return {"must_be_received_by": due.due_on.isoformat(), "rule": due.rule}


def _after_receipt(name: str, field: str) -> Callable[[Mapping[str, Any]], Answer]:
    """A runner for a level whose window counts from the day the decision below was received."""

    def run(given: Mapping[str, Any]) -> Answer:
        on = a_date(given, field)
        return {"due": due_after_receipt(_level(name, on), on).due_on.isoformat()}

    return run


def _filing(given: Mapping[str, Any]) -> Answer:
    on = a_date(given, "dos")
    resolved = answered(FILING_LIMIT_DAYS, on, MEDICARE)
    return {"last_receipt_date": last_filing_day(resolved, on).isoformat()}


def _estimate_rule(given: Mapping[str, Any]) -> GoodFaithEstimate:
    on = perhaps_date(given, "dos") or UNDATED
    rule: GoodFaithEstimate = answered(GOOD_FAITH_ESTIMATE, on).read(GoodFaithEstimate)
    return rule


def _dispute(given: Mapping[str, Any]) -> Answer:
    eligible = can_dispute(
        estimated_cents=an_amount(given, "gfe_total"),
        billed_cents=an_amount(given, "billed_total"),
        days_since_bill=a_count(given, "days_since_initial_bill"),
        rule=_estimate_rule(given),
    )
    return {"eligible": a_flag(given, "self_pay") and eligible}


def _estimate_due(given: Mapping[str, Any]) -> Answer:
    ahead = a_count(given, "business_days_between_scheduling_and_service")
    due = due_after_scheduling(ahead, _estimate_rule(given))
    return {"deadline": str(due) if due else None}


def _credit(given: Mapping[str, Any]) -> Answer:
    required = needs_disclosure(
        a_count(given, "written_agreement_installments"),
        answered(CREDIT_TERMS, UNDATED).read(CreditTerms),
        finance_charge=a_flag(given, "finance_charge"),
        is_regular_creditor=a_flag(given, "regularly_extends_credit"),
    )
    return {"reg_z_disclosure_required": required}


def _overpaid(given: Mapping[str, Any]) -> tuple[date, OverpaymentReturn, dict[str, Any]]:
    on = a_date(given, "identified_knowingly")
    rule: OverpaymentReturn = answered(OVERPAYMENT_RETURN, on, MEDICARE).read(OverpaymentReturn)
    completed_on = perhaps_date(given, "investigation_completed")
    return on, rule, {"investigated": a_flag(given, "good_faith_investigation"), "completed_on": completed_on}


def _return(given: Mapping[str, Any]) -> Answer:
    on, rule, investigation = _overpaid(given)
    return {"report_and_return_by": return_by(on, rule, **investigation).isoformat()}


def _suspension(given: Mapping[str, Any]) -> Answer:
    on, rule, investigation = _overpaid(given)
    until = suspended_until(on, rule, **investigation)
    return {"suspension_ends_no_later_than": until.isoformat() if until else None}


RUNNERS: Runners = {
    "poc_initial_cert_due": _certification,
    "poc_verbal_order_signature_due": _verbal,
    "poc_order_exception": _order,
    "poc_covered": _covered,
    "progress_report_due": _progress,
    "medicare_redetermination_due": _redetermination,
    "medicare_reconsideration_due": _after_receipt("reconsideration", "redetermination_received"),
    "medicare_alj_due": _after_receipt("hearing", "reconsideration_received"),
    "medicare_timely_filing": _filing,
    "gfe_ppdr_eligible": _dispute,
    "gfe_delivery_deadline": _estimate_due,
    "tila_credit_trigger": _credit,
    "overpayment_60day": _return,
    "overpayment_suspension_end": _suspension,
}
