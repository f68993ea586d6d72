"""Vectors of lines: their modifiers, what contradicts, which side, how many a day, whose code."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from billing_rules.rule_book import RuleBook, RuleRow
from billing_rules.therapy.bundling.most_units import most_units
from billing_rules.therapy.discipline_packs import DisciplineUnknown, discipline_rules
from billing_rules.therapy.modifiers.charge_lines import ServiceRecord, lines_to_charge
from billing_rules.therapy.modifiers.discipline import discipline_advice
from billing_rules.therapy.modifiers.table import contradictions
from billing_rules.therapy.payer_rules import Asked, accept_row
from billing_rules.therapy.sides import agree, side_of_diagnosis, side_of_modifiers
from billing_rules.vectors.reading import InputRefused, a_date, needed
from billing_rules.vectors.runners import Answer, Runners, asked_book

EDITS = "medicare_practitioner"


def _lines(given: Mapping[str, Any]) -> Answer:
    """The charge lines of one code of a note, for a payer on a day, perhaps with rules of its own."""
    on = a_date(given, "dos")
    record = msgspec.convert(needed(given, "note"), ServiceRecord)
    lines = lines_to_charge(record, _book(given, on), Asked(payer=given.get("payer"), on=on))
    return {"lines": [{"units": line.units, "modifiers": list(line.modifiers)} for line in lines]}


def _valid(given: Mapping[str, Any]) -> Answer:
    modifiers = tuple(needed(given, "modifiers"))
    found = contradictions(modifiers)
    twice = len(set(modifiers)) != len(modifiers)
    return {"conflicting": bool(found), "duplicate": twice}


def _sides(given: Mapping[str, Any]) -> Answer:
    on = a_date(given, "dos")
    named = side_of_modifiers(tuple(needed(given, "modifiers")))
    sides = {side_of_diagnosis(asked_book().shelf, code, on) for code in needed(given, "diagnoses")}
    pointed = sides.pop() if len(sides) == 1 else None
    return {"agree": agree(named, pointed)}


def _of_day(given: Mapping[str, Any]) -> Answer:
    edit = most_units(asked_book().shelf, EDITS, needed(given, "code"), a_date(given, "dos"))
    units = [int(count) for count in needed(given, "units")]
    if edit.units is None:
        return {"within": None if not edit.known else True}
    counted = max(units) if edit.span == "line" else sum(units)
    return {"within": counted <= edit.units, "span": edit.span}


def _of_discipline(given: Mapping[str, Any]) -> Answer:
    on, discipline = a_date(given, "dos"), needed(given, "discipline")
    asked = Asked(payer=given.get("payer"), on=on)
    try:
        pack = discipline_rules(asked_book(), discipline, asked)
    except DisciplineUnknown as unknown:
        raise InputRefused("discipline", "it has no pack") from unknown
    follows = discipline_advice(asked_book(), asked, discipline)
    return {
        "allowed": needed(given, "code") in {row.code for row in pack.codes},
        "modifier": follows[0].modifier if follows else None,
    }


def _book(given: Mapping[str, Any], on: date) -> RuleBook:
    """The book with the vector's own rows: what a payer or a practice would have set."""
    rows = [
        accept_row(
            RuleRow(
                rule=rule,
                value=value,
                starts_on=on,
                source="vector",
                version="vector",
                checked_on=on,
                level="practice",
                author="vector",
                reason="vector",
            )
        )
        for rule, value in given.get("rules", {}).items()
    ]
    return asked_book().with_rows(rows) if rows else asked_book()


RUNNERS: Runners = {
    "modifier_lines": _lines,
    "modifiers_together": _valid,
    "laterality": _sides,
    "units_of_day": _of_day,
    "discipline_code": _of_discipline,
}
