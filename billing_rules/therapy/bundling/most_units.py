"""Medically unlikely edits: the most units of a code on a line or a day, by adjudication indicator."""

from datetime import date
from functools import lru_cache
from typing import Literal, TypeAlias

from msgspec import Struct

from billing_rules.packs import Shelf
from billing_rules.packs.pack import Pack
from billing_rules.packs.rows import UnitEdit

TABLE = "ncci_mue"
CODES_KEPT = 4_096
"""Codes whose edit stays at hand."""

Span: TypeAlias = Literal["line", "day_by_policy", "day_by_records"]
"""Indicator 1: a line, which a modifier may split. 2: a day, never more. 3: a day, more only with records."""

_SPANS: dict[int, Span] = {1: "line", 2: "day_by_policy", 3: "day_by_records"}


class MostUnits(Struct, frozen=True, kw_only=True):
    """The most units of a code; none where the table has no row, unknown where no table is in force."""

    known: bool
    units: int | None
    indicator: int | None
    span: Span | None
    pack: str


_UNKNOWN = MostUnits(known=False, units=None, indicator=None, span=None, pack="")


def most_units(shelf: Shelf, edit_set: str, code: str, on: date) -> MostUnits:
    """The edit of a code on a date of service."""
    pack = shelf.pack(TABLE, on=on, scope=edit_set)
    return _UNKNOWN if pack is None else _of_pack(pack, code)


@lru_cache(CODES_KEPT)
def _of_pack(pack: Pack, code: str) -> MostUnits:
    """The rows have no days of their own, so that all days of a pack have one answer."""
    rows: tuple[UnitEdit, ...] = pack.history(code)
    told = str(pack.manifest)
    if not rows:
        return MostUnits(known=True, units=None, indicator=None, span=None, pack=told)
    indicator = rows[0].adjudication_indicator
    return MostUnits(known=True, units=rows[0].units, indicator=indicator, span=_SPANS[indicator], pack=told)
