"""Procedure-to-procedure edits: which of two codes of a day is not paid, and whether a modifier helps."""

from datetime import date
from functools import lru_cache
from typing import Literal, TypeAlias

from msgspec import Struct

from billing_rules.packs import Shelf
from billing_rules.packs.rows import PairEdit

TABLE = "ncci_ptp"
ANSWERS_KEPT = 16_384
"""Pairs whose answer stays at hand: a day's claims have the same few codes."""

DISTINCT = ("59", "XE", "XP", "XS", "XU")
"""The modifiers that say a service was distinct; the four X are subsets of 59."""

Standing: TypeAlias = Literal["active", "none", "cannot_tell"]


class PairAnswer(Struct, frozen=True, kw_only=True):
    """What an edit set says of two codes on a day; codes and indicator only where an edit is active."""

    standing: Standing
    column1: str | None = None
    column2: str | None = None
    indicator: Literal["0", "1"] | None = None
    rationale: str = ""
    pack: str = ""


@lru_cache(ANSWERS_KEPT)
def pair_between(shelf: Shelf, edit_set: str, first: str, second: str, on: date) -> PairAnswer:
    """The edit between two codes on a date of service, in whichever order the table has them.

    Without a table in force on the day, whether there is an edit cannot be told. Deleted pairs and those
    with indicator 9 are none. Where both orders are active, the one that no modifier helps is answered.
    """
    manifest = shelf.in_force(TABLE, on=on, scope=edit_set)
    if manifest is None:
        return PairAnswer(standing="cannot_tell")
    active = sorted(
        (row for row in _rows(shelf, edit_set, first, second, on) if row.indicator != "9"),
        key=lambda row: (row.indicator, row.column1),
    )
    if not active or first == second:
        return PairAnswer(standing="none", pack=str(manifest))
    row = active[0]
    return PairAnswer(
        standing="active",
        column1=row.column1,
        column2=row.column2,
        indicator="0" if row.indicator == "0" else "1",
        rationale=row.rationale,
        pack=str(manifest),
    )


def covers_quarter(shelf: Shelf, edit_set: str, on: date) -> bool:
    """Whether the pairs in force are those of the very quarter of the date of service, not older ones."""
    manifest = shelf.in_force(TABLE, on=on, scope=edit_set)
    return manifest is not None and _quarter(manifest.starts_on) == _quarter(on)


def _rows(shelf: Shelf, edit_set: str, first: str, second: str, on: date) -> list[PairEdit]:
    keys = (f"{first}|{second}", f"{second}|{first}")
    return [row for key in keys for row in shelf.find(TABLE, key, on=on, scope=edit_set)]


def _quarter(on: date) -> tuple[int, int]:
    return on.year, (on.month - 1) // 3
