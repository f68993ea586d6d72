"""ICD-10-CM codes: well formed, existing and specific enough to bill on a date of service."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Literal, TypeAlias

from billing_rules.packs.pack import Pack
from billing_rules.packs.rows import DiagnosisCode
from billing_rules.packs.shelf import Shelf
from billing_rules.packs.shipped import standing_shelf

TABLE = "icd10cm"

DiagnosisStanding: TypeAlias = Literal["billable", "malformed", "not_specific", "unknown", "not_loaded"]
"""Not specific: longer codes exist. Not loaded: absent from our lists, and none of them covers the date."""

CODES_KEPT = 16_384
"""Codes whose standing stays read: a practice sees the same few hundred again and again."""

MOST_SHOWN = 12
"""Billable codes named under a heading: more than these are no longer read, only counted."""

# The second character may be a letter since October 2025 (QA0).
_SHAPE = re.compile(r"[A-Z][0-9A-Z]{2}(\.?[0-9A-Z]{1,4})?")


def diagnosis_standing(code: str, on: date, shelf: Shelf | None = None) -> DiagnosisStanding:
    """What is known of a code, written with or without its dot, on a date of service.

    Where no list covers the day, the nearest is asked: what it has is taken, what it lacks is not loaded.
    """
    held = shelf or standing_shelf()
    standing = _standing(code, held.nearest(TABLE, on=on))
    covering = standing != "unknown" or held.in_force(TABLE, on=on) is not None
    return standing if covering else "not_loaded"


def billable_under(code: str, on: date, shelf: Shelf, most: int = MOST_SHOWN) -> tuple[DiagnosisCode, ...]:
    """The first billable codes under a heading, in order of code."""
    return tuple(islice((row for row in _under(plain(code), on, shelf) if row.billable), most))


def how_many_under(code: str, on: date, shelf: Shelf) -> int:
    """How many billable codes stand under a heading."""
    return sum(row.billable for row in _under(plain(code), on, shelf))


def billable_evidence(code: str, on: date, shelf: Shelf) -> dict[str, str]:
    """For a finding: the billable codes under a heading, as many as are read, and how many in all."""
    children = billable_under(code, on, shelf)
    return {
        "children": ", ".join(dotted(row.code) for row in children),
        "children_in_all": str(how_many_under(code, on, shelf)),
    }


def list_of(on: date, shelf: Shelf) -> str:
    """The name of the list that was asked for the day, for showing beside an answer."""
    pack = shelf.nearest(TABLE, on=on)
    return f"CDC/NCHS ICD-10-CM {pack.manifest.version}" if pack else "CDC/NCHS ICD-10-CM"


def plain(code: str) -> str:
    """The code without its dot."""
    return code.replace(".", "")


def dotted(code: str) -> str:
    """The code as people write it, with its dot after the third character."""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


@lru_cache(CODES_KEPT)
def _standing(code: str, pack: Pack | None) -> DiagnosisStanding:
    """By one list, or by none: then everything well formed is unknown."""
    if not _SHAPE.fullmatch(code):
        return "malformed"
    sought = plain(code)
    # Most codes are listed themselves, and then they stand first: one look instead of reading on.
    rows: tuple[DiagnosisCode, ...] = pack.history(sought) if pack else ()
    first = rows[0] if rows else next(pack.starting(sought), None) if pack else None
    if first is None:
        return "unknown"
    return "billable" if first.code == sought and first.billable else "not_specific"


def _under(code: str, on: date, shelf: Shelf) -> Iterator[DiagnosisCode]:
    """The code itself, if it is listed, and every code that begins with it."""
    pack = shelf.nearest(TABLE, on=on)
    return pack.starting(code) if pack else iter(())
