"""Left, right or both: what a modifier, a diagnosis and the note say of the side of the body."""

from datetime import date
from functools import lru_cache
from typing import Literal, TypeAlias

from billing_rules.packs import Shelf
from billing_rules.packs.rows import DiagnosisCode

Side: TypeAlias = Literal["left", "right", "both"]

SIDES_KEPT = 8_192
"""Diagnoses whose side stays read."""

_OF_MODIFIER: dict[str, Side] = {"RT": "right", "LT": "left", "50": "both"}


def side_of_modifiers(modifiers: tuple[str, ...]) -> Side | None:
    """The side that RT, LT or 50 names; RT and LT on one line together name both."""
    if _OF_MODIFIER.keys().isdisjoint(modifiers):
        return None
    named = {_OF_MODIFIER[one] for one in modifiers if one in _OF_MODIFIER}
    if len(named) > 1:
        return "both"
    return next(iter(named), None)


def side_in_words(text: str | None) -> Side | None:
    """The side that words such as "pain in right knee" name, or none."""
    if not text:
        return None
    words = set(text.lower().replace(",", " ").split())
    if "bilateral" in words or "both" in words or {"left", "right"} <= words:
        return "both"
    return "left" if "left" in words else "right" if "right" in words else None


@lru_cache(SIDES_KEPT)
def side_of_diagnosis(shelf: Shelf, code: str, on: date) -> Side | None:
    """The side that a diagnosis names by its public label; none where it names none or is not known."""
    rows: tuple[DiagnosisCode, ...] = shelf.find("icd10cm", code.replace(".", ""), on=on)
    return side_in_words(rows[0].label) if rows else None


def agree(first: Side | None, second: Side | None) -> bool:
    """Whether two sides do not contradict: an unnamed one agrees with all, both with either."""
    return first is None or second is None or first == second or "both" in (first, second)
