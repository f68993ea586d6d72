"""Vectors of payers' answers and of where claims say things: codes in, our words out."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import asdict

from billing_rules.therapy.adjustment_reasons import adjustment_reason
from billing_rules.therapy.remittance_balance import Adjustment, balance_line, balance_payment
from billing_rules.therapy.x12_meanings import PlaceUnknown, meaning_of, place_in_claim
from billing_rules.vectors.reading import InputRefused, a_list, a_text, amount_text, an_amount, needed
from billing_rules.vectors.runners import Answer, Runners


def _meaning(element: str, field: str) -> Callable[[Mapping[str, Any]], Answer]:
    """A runner that tells the meaning of one element's code; null for a code nobody assigned."""

    def run(given: Mapping[str, Any]) -> Answer:
        return {"meaning": meaning_of(element, a_text(given, field))}

    return run


def _carc(given: Mapping[str, Any]) -> Answer:
    row = adjustment_reason(a_text(given, "carc"))
    return {"category": row.category if row else None}


def _line(given: Mapping[str, Any]) -> Answer:
    adjustments = [
        Adjustment(group=cas["group"], reason=cas["carc"], amount_cents=an_amount(cas, "amount"))
        for cas in a_list(given, "CAS")
    ]
    balance = balance_line(an_amount(given, "SVC02"), adjustments, an_amount(given, "SVC03"))
    has_patient = any(one.group == "PR" for one in adjustments)
    patient = amount_text(balance.patient_cents) if has_patient else "0"
    return {"balanced": balance.is_balanced, "patient_responsibility": patient}


def _payment(given: Mapping[str, Any]) -> Answer:
    adjustments = [an_amount(plb, "amount") for plb in a_list(given, "PLB")]
    paid = an_amount(given, "sum_CLP04")
    return {"balanced": balance_payment(paid, adjustments, an_amount(given, "BPR02"))}


def _number_place(given: Mapping[str, Any]) -> Answer:
    return _place(needed(given, "kind"), given)


def _paid_place(given: Mapping[str, Any]) -> Answer:
    return _place("prior_payer_paid", given)


def _place(what: str, given: Mapping[str, Any]) -> Answer:
    try:
        place = asdict(place_in_claim(what, needed(given, "level")))
    except PlaceUnknown as unknown:
        raise InputRefused("level", str(unknown)) from unknown
    named = ("loop", "segment", "qualifier", "element")
    return {name: place[name] for name in named if place[name] is not None}


RUNNERS: Runners = {
    "carc_category": _carc,
    "835_claim_status": _meaning("CLP02", "CLP02"),
    "278_action_code": _meaning("HCR01", "HCR01"),
    "271_time_period_qualifier": _meaning("EB06", "EB06"),
    "271_benefit_info_code": _meaning("EB01", "EB01"),
    "service_type_code": _meaning("EB03", "STC"),
    "835_service_line_balance": _line,
    "835_transaction_balance": _payment,
    "837p_auth_number_location": _number_place,
    "837p_prior_payer_paid_location": _paid_place,
}
