"""Vectors of modifiers: assistants' units, what they pair with, and the yearly threshold."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from billing_rules.therapy.minutes import accept_minutes
from billing_rules.therapy.modifiers.assistants import is_assisted, is_paired, timed_split
from billing_rules.therapy.modifiers.shapes import ASSISTANT_MODIFIERS, AssistantRule
from billing_rules.therapy.modifiers.thresholds import (
    Bucket,
    YearThreshold,
    bucket_of,
    lines_above,
    year_threshold,
)
from billing_rules.therapy.timed_units import cms_units
from billing_rules.vectors.reading import (
    InputRefused,
    a_count,
    a_list,
    a_text,
    amount_text,
    an_amount,
    needed,
)
from billing_rules.vectors.runners import Answer, Runners, asked_book

LATEST = "2026-01-01"


def _timed(given: Mapping[str, Any]) -> Answer:
    alone = accept_minutes(given.get("pt_minutes"), "/pt_minutes")
    joint = accept_minutes(given.get("minutes_pt_and_pta_together", 0), "/minutes_pt_and_pta_together")
    helped = accept_minutes(given.get("pta_minutes"), "/pta_minutes")
    units = given["billed_units"] if "billed_units" in given else cms_units(alone + joint + helped)
    split = timed_split(alone + joint, helped, units, _rule(given))
    return {"units_without_modifier": split.plain, "units_with_CQ": split.assisted}


def _joint(given: Mapping[str, Any]) -> Answer:
    return _timed({"pt_minutes": 0, "pta_minutes": 0, **given})


def _untimed(given: Mapping[str, Any]) -> Answer:
    alone = accept_minutes(given.get("pt_only_minutes"), "/pt_only_minutes")
    joint = accept_minutes(given.get("minutes_pt_and_pta_together", 0), "/minutes_pt_and_pta_together")
    helped = accept_minutes(given.get("pta_only_minutes"), "/pta_only_minutes")
    return {"CQ": is_assisted(alone + joint, helped, _rule(given))}


def _pairing(given: Mapping[str, Any]) -> Answer:
    modifiers = needed(given, "modifiers")
    if not isinstance(modifiers, list | tuple) or not all(isinstance(one, str) for one in modifiers):
        raise InputRefused("modifiers", "a list of modifiers is needed")
    return {"valid": is_paired(tuple(modifiers))}


def _threshold(given: Mapping[str, Any]) -> Answer:
    year = a_count(given, "year")
    shelf = asked_book().shelf
    return {name: _sum_of(year_threshold(shelf, year, bucket)) for name, bucket in _BUCKETS.items()}


def _sum_of(limit: YearThreshold) -> str | None:
    return None if limit.is_provisional else amount_text(limit.amount_cents)


def _lines(given: Mapping[str, Any]) -> Answer:
    bucket = needed(given, "bucket")
    if bucket not in _BUCKETS.values():
        raise InputRefused("bucket", f"there is no bucket {bucket}")
    limit = year_threshold(asked_book().shelf, a_count(given, "year"), bucket)
    allowed = [an_amount(line, "allowed") for line in a_list(given, "lines_allowed")]
    accrued = an_amount(given, "accrued_allowed_before")
    crossing = lines_above(limit.amount_cents, accrued, allowed)
    return {"kx": list(crossing.kx), "accrued_after": amount_text(crossing.after_cents)}


def _bucket(given: Mapping[str, Any]) -> Answer:
    return {"bucket": bucket_of(a_text(given, "modifier"))}


def _rule(given: Mapping[str, Any]) -> AssistantRule:
    """Medicare's rule on the date of service, today's where the vector names none."""
    on = date.fromisoformat(given.get("dos", given.get("as_of", LATEST)))
    return asked_book().resolve(ASSISTANT_MODIFIERS, payer="medicare", on=on).read(AssistantRule)


_BUCKETS: dict[str, Bucket] = {"pt_slp_combined": "PT_SLP", "ot": "OT"}

RUNNERS: Runners = {
    "cq_co_timed_single_code": _timed,
    "cq_co_untimed_de_minimis": _untimed,
    "cq_co_joint_time": _joint,
    "cq_requires_gp": _pairing,
    "kx_threshold": _threshold,
    "kx_line_assignment": _lines,
    "kx_bucket": _bucket,
}
