"""Procedure-to-procedure edits: which of two codes of a day is not paid, and whether a modifier helps."""

from datetime import date
from functools import lru_cache
from typing import Literal, TypeAlias

from msgspec import Struct

from billing_rules.packs import Shelf
from billing_rules.packs.pack import Pack, row_covers
from billing_rules.packs.rows import PairEdit

TABLE = "ncci_ptp"
PAIRS_KEPT, PACKS_KEPT = 16_384, 64
"""Pairs of codes whose rows stay at hand, and packs that have said none: claims have the same few codes."""

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


_CANNOT_TELL = PairAnswer(standing="cannot_tell")


def pair_between(shelf: Shelf, edit_set: str, first: str, second: str, on: date) -> PairAnswer:
    """The edit between two codes on a date of service, in whichever order the table has them.

    Without a table in force on the day, whether there is an edit cannot be told. Deleted pairs and those
    with indicator 9 are none. Where both orders are active, the one that no modifier helps is answered.
    """
    pack = shelf.pack(TABLE, on=on, scope=edit_set)
    if pack is None:
        return _CANNOT_TELL
    if first == second or not _rows(pack, first, second):
        return _none(pack)
    return _on_day(pack, first, second, on)


def _on_day(pack: Pack, first: str, second: str, on: date) -> PairAnswer:
    in_force = (row for row in _rows(pack, first, second) if row.indicator != "9" and row_covers(row, on))
    row = min(in_force, key=lambda row: (row.indicator, row.column1), default=None)
    if row is None:
        return _none(pack)
    return PairAnswer(
        standing="active",
        column1=row.column1,
        column2=row.column2,
        indicator="0" if row.indicator == "0" else "1",
        rationale=row.rationale,
        pack=str(pack.manifest),
    )


def covers_quarter(shelf: Shelf, edit_set: str, on: date) -> bool:
    """Whether the pairs in force are those of the very quarter of the date of service, not older ones."""
    manifest = shelf.in_force(TABLE, on=on, scope=edit_set)
    return manifest is not None and _quarter(manifest.starts_on) == _quarter(on)


@lru_cache(PAIRS_KEPT)
def _rows(pack: Pack, first: str, second: str) -> tuple[PairEdit, ...]:
    """The rows of two codes in either order, whatever their days."""
    return (*pack.history(f"{first}|{second}"), *pack.history(f"{second}|{first}"))


@lru_cache(PACKS_KEPT)
def _none(pack: Pack) -> PairAnswer:
    return PairAnswer(standing="none", pack=str(pack.manifest))


def _quarter(on: date) -> tuple[int, int]:
    return on.year, (on.month - 1) // 3
