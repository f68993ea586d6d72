"""Procedure codes: which exist on a date, with our own labels, and how their minutes become units."""

from datetime import date
from functools import cache, lru_cache
from typing import Literal, TypeAlias

from msgspec import Struct, structs

from billing_rules.packs.pack import Pack
from billing_rules.packs.rows import ProcedureDates, SupplyCode
from billing_rules.packs.shelf import Shelf
from billing_rules.packs.shipped import standing_shelf
from billing_rules.tables import read_table
from billing_rules.therapy.minutes import Threshold
from billing_rules.therapy.timed_units import BLOCK_MINUTES

Discipline: TypeAlias = Literal["PT", "OT", "SLP", "BH", "ABA"]
"""Physical, occupational, speech therapy; behavioral health; applied behavior analysis."""

Family: TypeAlias = Literal[
    "rehab", "aba", "psychotherapy", "behavioral", "monitoring", "evaluation_management", "supply"
]
"""Supply: known from HCPCS Level II only, so that nothing but its dates is known."""

LISTS = ("procedures", "hcpcs")
"""Tables that give procedure codes their days; the first that names a code wins."""

CODES_KEPT = 4_096
"""Codes of lists whose row stays at hand."""

Basis: TypeAlias = Literal["timed", "untimed", "base", "addon", "range", "crisis", "varies"]
"""Timed by blocks; a service counted once; first and further blocks; chosen by minutes; or the payer says."""


class ProcedureCode(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One code; the label is ours, the dates are first and last date of service, null means open."""

    code: str
    label: str
    disciplines: tuple[Discipline, ...]
    family: Family
    basis: Basis
    block_minutes: int | None
    threshold: Threshold
    period: Literal["day", "month"]
    primary: tuple[str, ...]
    starts_on: date | None
    ends_on: date | None

    @property
    def is_timed(self) -> bool:
        """Whether minutes decide its units or the code itself, so that minutes must be documented."""
        return self.basis not in ("untimed", "varies")

    @property
    def is_pooled(self) -> bool:
        """Whether its minutes enter the day's CMS total: 15-minute codes of rehabilitation only."""
        return self.basis == "timed" and self.block_minutes == BLOCK_MINUTES and self.family == "rehab"

    def is_valid_on(self, on: date) -> bool:
        """Whether the code exists on the date of service."""
        return (self.starts_on is None or self.starts_on <= on) and (
            self.ends_on is None or on <= self.ends_on
        )


class CodeUnknown(LookupError):
    """Raised for a procedure code that the table does not hold; the field is a JSON pointer."""

    def __init__(self, code: str, field: str = "/code") -> None:
        """Name the code and the field it came in."""
        super().__init__(f"{field}: procedure code {code} is not known.")
        self.code = code
        self.field = field


def find_code(code: str, shelf: Shelf | None = None) -> ProcedureCode | None:
    """The row of a code, or none when neither the table nor any list of a shelf has ever held it.

    Without a shelf that of this process is asked. For whether it is valid on a day ask `code_on`.
    """
    known = _by_code().get(code)
    if known is not None:
        return known
    held = shelf or standing_shelf()
    listing = (pack for table in LISTS for pack in reversed(held.packs_of(table)) if pack.history(code))
    return next((_listed(code, pack) for pack in listing), None)


def code_on(code: str, on: date, shelf: Shelf) -> ProcedureCode | None:
    """The row of a code with the first and last day that the list in force on a day gives it.

    A list that begins after the day changes nothing: what only it names is not known yet.
    """
    for table in LISTS:
        pack = shelf.pack(table, on=on)
        if pack is not None and pack.history(code):
            return _listed(code, pack)
    known = _by_code().get(code)
    if known is not None:
        return known
    listed = (pack for table in LISTS for pack in reversed(shelf.packs_of(table)))
    begun = (pack for pack in listed if pack.manifest.starts_on <= on)
    return next((_listed(code, one) for one in begun if one.history(code)), None)


def procedure_code(code: str, field: str = "/code") -> ProcedureCode:
    """The row of a code; raises CodeUnknown naming the field."""
    found = find_code(code)
    if found is None:
        raise CodeUnknown(code, field)
    return found


def all_codes() -> tuple[ProcedureCode, ...]:
    """Every code of the table, sorted by code."""
    return tuple(_by_code().values())


def addon_of(base: str) -> ProcedureCode | None:
    """The code of the further blocks of a base code, or none."""
    return _addons().get(base)


def table_version() -> str:
    """The version of the table, for showing beside an answer that rests on it."""
    return read_table("procedure_codes.json", ProcedureCode).version


@lru_cache(CODES_KEPT)
def _listed(code: str, pack: Pack) -> ProcedureCode:
    """What a list tells of a code: its days, and nothing of minutes: the payer says what a unit is."""
    rows: tuple[SupplyCode | ProcedureDates, ...] = pack.history(code)
    known = _by_code().get(code)
    listed = known or ProcedureCode(
        code=code,
        label=rows[-1].label,
        disciplines=(),
        family="supply",
        basis="varies",
        block_minutes=None,
        threshold="midpoint",
        period="day",
        primary=(),
        starts_on=None,
        ends_on=None,
    )
    last = max(rows, key=lambda row: row.starts_on or date.min)
    return structs.replace(listed, starts_on=last.starts_on, ends_on=last.ends_on)


@cache
def _by_code() -> dict[str, ProcedureCode]:
    return {row.code: row for row in read_table("procedure_codes.json", ProcedureCode).rows}


@cache
def _addons() -> dict[str, ProcedureCode]:
    return {row.primary[0]: row for row in _by_code().values() if row.basis == "addon"}
