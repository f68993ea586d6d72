"""Vectors of units: minutes in, units or the code they earn out."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from billing_rules.therapy.code_table import find_code
from billing_rules.therapy.minutes import accept_minutes, blocks_earned
from billing_rules.therapy.payer_rules import CRISIS_ADDON_FIRST_MINUTE
from billing_rules.therapy.psychotherapy import (
    crisis_codes,
    family_reportable,
    psychotherapy_addon,
    psychotherapy_code,
)
from billing_rules.therapy.time_families import base_plus_addon_units
from billing_rules.therapy.timed_units import (
    LEAST_MINUTES,
    CodeUnits,
    UnitAnswer,
    cms_units,
    timed_units,
)
from billing_rules.vectors.reading import InputRefused, a_count, a_date, a_flag, a_text, perhaps_date
from billing_rules.vectors.runners import Answer, Runners, asked_book

FAMILY_CODES = frozenset({"90846", "90847"})
UNDATED = date(2026, 1, 1)
"""The day whose rules answer a vector that names none."""


def _cms_total(given: Mapping[str, Any]) -> Answer:
    return {"units": cms_units(given.get("total_timed_minutes"))}


def _cms_allocation(given: Mapping[str, Any]) -> Answer:
    choice = given.get("clinician_choice")
    answer = timed_units(_timed(given), method="cms_total_time", choice=choice)
    stated = {line.code: _certain(line, answer) for line in answer.lines}
    units = {
        line.code: stated[line.code] for line in answer.lines if stated[line.code] or _lost(line, answer)
    }
    told: Answer = {"total_units": answer.total_units, "units": units}
    if answer.tie and answer.tie.chosen is None:
        told["clinician_choice"] = {"pick": answer.tie.pick, "from": list(answer.tie.among)}
    return told


def _timed(given: Mapping[str, Any]) -> dict[str, Any]:
    """The minutes of timed codes: what is known to be untimed never enters a total."""
    known = {code: find_code(code) for code in given["timed_minutes"]}
    return {
        code: spent
        for code, spent in given["timed_minutes"].items()
        if (row := known[code]) is None or row.is_pooled or row.is_timed
    }


def _certain(line: CodeUnits, answer: UnitAnswer) -> int:
    """Units that no choice can move: a proposal is not an answer."""
    open_tie = answer.tie is not None and answer.tie.chosen is None and line.code in answer.tie.among
    return line.full_units if open_tie else line.units


def _lost(line: CodeUnits, answer: UnitAnswer) -> bool:
    """Whether a code with minutes for a unit of its own lost it outright, which vectors state as zero."""
    tied = answer.tie is not None and line.code in answer.tie.among
    return line.minutes >= LEAST_MINUTES and not tied


def _ama(given: Mapping[str, Any]) -> Answer:
    answer = timed_units(_timed(given), method="ama_per_code")
    earned = {code: units for code, units in answer.units.items() if units}
    return {"units": earned, "total_units": answer.total_units}


def _strict(given: Mapping[str, Any]) -> Answer:
    answer = timed_units(_timed(given), method="strict_15")
    earned = {code: units for code, units in answer.units.items() if units}
    return {"units": earned, "total_units": answer.total_units}


def _psychotherapy(given: Mapping[str, Any]) -> Answer:
    by_time = psychotherapy_addon if a_flag(given, "with_em") else psychotherapy_code
    return {"code": by_time(given.get("minutes"))}


def _psychotherapy_addon(given: Mapping[str, Any]) -> Answer:
    return {"code": psychotherapy_addon(given.get("psychotherapy_minutes_excluding_em"))}


def _base_plus_addon(given: Mapping[str, Any]) -> Answer:
    base = find_code(str(given.get("base", "")))
    family = base_plus_addon_units(
        given.get("minutes"),
        base_minutes=_block(given, "base_minutes"),
        addon_minutes=_block(given, "addon_minutes"),
        threshold=base.threshold if base else "midpoint",
    )
    return {"base_units": family.base_units, "addon_units": family.addon_units}


def _block(given: Mapping[str, Any], field: str) -> int:
    minutes = a_count(given, field)
    if not minutes:
        raise InputRefused(field, "a block of no minutes earns nothing")
    return minutes


def _aba(given: Mapping[str, Any]) -> Answer:
    minutes = accept_minutes(given.get("minutes"), "/minutes")
    row = find_code(str(given.get("code", "")))
    if row is None or row.family != "aba" or not row.block_minutes:
        raise InputRefused("code", "it is no timed code of behaviour analysis")
    return {"units": blocks_earned(minutes, row.block_minutes, row.threshold)}


def _crisis(given: Mapping[str, Any]) -> Answer:
    on = perhaps_date(given, "dos") or UNDATED
    first_minute = asked_book().resolve(CRISIS_ADDON_FIRST_MINUTE, payer=None, on=on).read(int)
    codes = crisis_codes(given.get("minutes"), addon_first_minute=first_minute)
    return {"base": codes.base, "addon_90840_units": codes.addon_units}


def _family(given: Mapping[str, Any]) -> Answer:
    if a_text(given, "code") not in FAMILY_CODES:
        raise InputRefused("code", "it is no family psychotherapy of 50 minutes")
    return {"reportable": family_reportable(given.get("minutes"))}


def _code_effective(given: Mapping[str, Any]) -> Answer:
    on, code = a_date(given, "dos"), a_text(given, "code")
    row = find_code(code)
    if row is None:
        return {"valid": bool(asked_book().shelf.find("hcpcs", code, on=on))}
    return {"valid": row.is_valid_on(on)}


RUNNERS: Runners = {
    "cms_8min_total_units": _cms_total,
    "cms_8min_allocation": _cms_allocation,
    "ama_midpoint_per_code": _ama,
    "strict_15min_units": _strict,
    "psychotherapy_code_by_time": _psychotherapy,
    "psychotherapy_addon_by_time": _psychotherapy_addon,
    "base_plus_addon_units": _base_plus_addon,
    "aba_15min_units": _aba,
    "crisis_psychotherapy": _crisis,
    "family_psychotherapy_min_time": _family,
    "code_effective": _code_effective,
}
