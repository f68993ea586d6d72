"""Vectors of how and where a service was given: monitoring by month, telehealth, co-treatment."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from billing_rules.rule_book import NoRuleInForce
from billing_rules.therapy.cotreatment import cotreatment
from billing_rules.therapy.payer_rules import Asked
from billing_rules.therapy.places_of_service import place_for
from billing_rules.therapy.remote_monitoring import device_code, management_units
from billing_rules.therapy.telehealth import may_give_telehealth, telehealth_place
from billing_rules.vectors.reading import InputRefused, a_count, a_date, a_flag, a_list, a_text, payer_on
from billing_rules.vectors.runners import Answer, Runners, asked_book

UNDATED = date(2026, 1, 1)
DISCIPLINES = frozenset({"PT", "OT", "SLP", "BH", "ABA"})


def _in_year(given: Mapping[str, Any]) -> date:
    """A day of the year asked for, whose code set answers."""
    year = a_count(given, "dos_year")
    if not 1990 <= year <= 2100:
        raise InputRefused("dos_year", "it is no year of service")
    return date(year, 1, 1)


def _management(given: Mapping[str, Any]) -> Answer:
    contact = a_flag(given, "interactive_contact")
    return {"units": management_units(_in_year(given), given.get("month_minutes"), had_contact=contact)}


def _device(given: Mapping[str, Any]) -> Answer:
    days = given.get("days_with_data_in_30")
    return {"code": device_code(_in_year(given), "musculoskeletal", days)}


def _place(given: Mapping[str, Any]) -> Answer:
    where = a_text(given, "patient_location")
    asked = payer_on(given, UNDATED)
    if a_text(given, "mode") == "telehealth":
        return {"pos": telehealth_place(asked_book(), asked, where)}
    return {"pos": place_for(where).code}


def _distant_site(given: Mapping[str, Any]) -> Answer:
    discipline = a_text(given, "discipline")
    if discipline not in DISCIPLINES:
        raise InputRefused("discipline", "it is not known")
    asked = payer_on(given, a_date(given, "dos"))
    try:
        return {"eligible_distant_site": may_give_telehealth(asked_book(), asked, discipline)}
    except NoRuleInForce as absent:
        raise InputRefused("dos", str(absent)) from absent


def _cotreatment(given: Mapping[str, Any]) -> Answer:
    asked: Asked = payer_on(given, UNDATED)
    minutes = given.get("same_patient_same_time_minutes")
    answer = cotreatment(asked_book(), asked, a_text(given, "code"), minutes, a_list(given, "therapists"))
    return {"max_total_units_both": answer.most_units, "both_bill_full_time": answer.each_bills_all}


RUNNERS: Runners = {
    "rtm_management_units_2026": _management,
    "rtm_device_msk_2026": _device,
    "medicare_pos": _place,
    "telehealth_therapist_eligibility": _distant_site,
    "medicare_cotreatment": _cotreatment,
}
