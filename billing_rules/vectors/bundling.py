"""Vectors of bundling: pairs, most units and add-ons by the edits in force on a day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from billing_rules.therapy.bundling.add_ons import primaries
from billing_rules.therapy.bundling.most_units import most_units
from billing_rules.therapy.bundling.pairs import pair_between
from billing_rules.vectors.reading import InputRefused, a_date, a_flag, a_list, a_text
from billing_rules.vectors.runners import Answer, Runners, asked_book

PRACTITIONER = "medicare_practitioner"
LATEST = date(2026, 1, 1)
"""The day whose edits answer a vector that names none."""


def _pair(given: Mapping[str, Any]) -> Answer:
    codes = a_list(given, "codes")
    if len(codes) != 2 or not all(isinstance(code, str) for code in codes):
        raise InputRefused("codes", "two procedure codes are needed")
    if not a_flag(given, "same_provider_same_dos", absent=True):
        return {"edit": False}
    found = pair_between(asked_book().shelf, PRACTITIONER, codes[0], codes[1], _on(given))
    if found.standing != "active":
        return {"edit": False if found.standing == "none" else None}
    return {
        "edit": True,
        "column1": found.column1,
        "column2": found.column2,
        "modifier_indicator": int(found.indicator or 0),
        "denied_without_modifier": found.column2,
    }


def _most(given: Mapping[str, Any]) -> Answer:
    edit = most_units(asked_book().shelf, PRACTITIONER, _code(given, "code"), _on(given))
    return {"mue": edit.units, "mai": edit.indicator}


def _add_on(given: Mapping[str, Any]) -> Answer:
    needed = primaries(asked_book().shelf, _code(given, "add_on"), _on(given))
    return {"valid": _code(given, "primary") in needed.codes}


def _code(given: Mapping[str, Any], field: str) -> str:
    code = a_text(given, field)
    if not code:
        raise InputRefused(field, "a procedure code is needed")
    return code


def _on(given: Mapping[str, Any]) -> date:
    field = "as_of" if "as_of" in given else "dos"
    return a_date(given, field) if field in given else LATEST


RUNNERS: Runners = {
    "ncci_ptp_practitioner": _pair,
    "ncci_mue_practitioner": _most,
    "ncci_addon": _add_on,
}
