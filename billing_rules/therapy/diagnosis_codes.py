"""ICD-10-CM codes: well formed, existing and specific enough to bill on a date of service."""

import gzip
import re
from bisect import bisect_left
from datetime import date
from functools import cache
from typing import Literal, TypeAlias

from msgspec import Struct

from billing_rules.tables import DATA, read_table

DiagnosisStanding: TypeAlias = Literal["billable", "malformed", "not_specific", "unknown", "not_loaded"]
"""Not specific: longer codes exist. Not loaded: absent from our lists, and none of them covers the date."""

_SHAPE = re.compile(r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?")


class CodeList(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One year's list of billable codes and the dates of service it is right for."""

    file: str
    starts_on: date
    ends_on: date


def diagnosis_standing(code: str, on: date) -> DiagnosisStanding:
    """What is known of a code, written with or without its dot, on a date of service."""
    if not _SHAPE.fullmatch(code):
        return "malformed"
    plain = code.replace(".", "")
    lists = read_table("icd10cm.json", CodeList).rows
    covering = next((row for row in lists if row.starts_on <= on <= row.ends_on), None)
    billable = _billable((covering or lists[-1]).file)
    at = bisect_left(billable, plain)
    if at < len(billable) and billable[at].startswith(plain):
        return "billable" if billable[at] == plain else "not_specific"
    return "unknown" if covering else "not_loaded"


@cache
def _billable(file: str) -> list[str]:
    return gzip.decompress((DATA / file).read_bytes()).decode().split()
