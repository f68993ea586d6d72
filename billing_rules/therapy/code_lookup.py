"""One code of any system on a day: whether it may be used, what it is called and who says so.

The text is a licensed one where the billing company has loaded it, else our own label, else the public
description of the code set. No descriptor of the AMA or of X12 ships with the product.
"""

from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from billing_rules.packs.pack import row_covers
from billing_rules.packs.rows import AdjustmentCode, Description, SupplyCode
from billing_rules.packs.shelf import Shelf
from billing_rules.therapy.adjustment_reasons import adjustment_reason
from billing_rules.therapy.code_table import LISTS, code_on, table_version
from billing_rules.therapy.diagnosis_codes import (
    billable_under,
    diagnosis_standing,
    dotted,
    how_many_under,
    list_of,
    plain,
)
from billing_rules.therapy.places_of_service import TABLE as PLACES
from billing_rules.therapy.places_of_service import find_place

CodeSystem: TypeAlias = Literal["procedure", "diagnosis", "place", "CARC", "RARC", "GROUP"]

CodeStanding: TypeAlias = Literal["valid", "not_on_date", "heading", "unknown", "cannot_tell"]
"""Heading: a longer code must be used. Cannot tell: no list that we hold covers the day."""

OWN_LABEL = "Visitledger's own label"


class NamedCode(Struct, frozen=True, kw_only=True):
    """A code with its description."""

    code: str
    text: str


class CodeAnswer(Struct, frozen=True, kw_only=True):
    """What is known of a code on a day; both days are inclusive, null means open or not told.

    `children` are the first billable codes under a heading, `children_in_all` how many there are.
    """

    system: CodeSystem
    code: str
    on: date
    standing: CodeStanding
    starts_on: date | None
    ends_on: date | None
    source: str
    text: str
    text_source: str
    children: tuple[NamedCode, ...]
    children_in_all: int


class _Found(Struct, frozen=True, kw_only=True):
    standing: CodeStanding
    source: str
    starts_on: date | None = None
    ends_on: date | None = None
    text: str = ""
    text_source: str = ""


def look_up(shelf: Shelf, system: CodeSystem, code: str, on: date) -> CodeAnswer:
    """Everything known of a code on a date of service, from the packs of a shelf."""
    found = _LOOKED_UP[system](shelf, system, code, on)
    licensed = _licensed(shelf, system, code, on)
    heading = system == "diagnosis" and found.standing == "heading"
    children = billable_under(code, on, shelf) if heading else ()
    return CodeAnswer(
        system=system,
        code=dotted(plain(code)) if system == "diagnosis" else code,
        on=on,
        standing=found.standing,
        starts_on=found.starts_on,
        ends_on=found.ends_on,
        source=found.source,
        text=licensed.text if licensed else found.text,
        text_source=licensed.source if licensed else found.text_source,
        children=tuple(NamedCode(code=dotted(row.code), text=row.label) for row in children),
        children_in_all=how_many_under(code, on, shelf) if heading else 0,
    )


class _Licensed(Struct, frozen=True, kw_only=True):
    text: str
    source: str


def _licensed(shelf: Shelf, system: CodeSystem, code: str, on: date) -> _Licensed | None:
    names = {"procedure": ("CPT", "HCPCS"), "diagnosis": ("ICD10CM",), "CARC": ("CARC",), "RARC": ("RARC",)}
    pack = shelf.pack("descriptions", on=on)
    for name in names.get(system, ()) if pack else ():
        rows: tuple[Description, ...] = shelf.find("descriptions", f"{name}|{plain(code)}", on=on)
        if rows and pack:
            return _Licensed(text=rows[0].text, source=f"{pack.manifest.source}; {pack.manifest.terms}")
    return None


def _procedure(shelf: Shelf, _system: CodeSystem, code: str, on: date) -> _Found:
    row = code_on(code, on, shelf)
    if row is None:
        return _Found(standing="unknown", source=f"Procedure codes {table_version()}")
    packs = (pack for table in LISTS if (pack := shelf.pack(table, on=on)) and pack.history(code))
    listed = next(packs, None)
    public = listed is not None and isinstance(listed.history(code)[0], SupplyCode) and row.family == "supply"
    return _Found(
        standing="valid" if row.is_valid_on(on) else "not_on_date",
        source=str(listed.manifest) if listed else f"Procedure codes {table_version()}",
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        text=row.label,
        text_source=listed.manifest.source if public and listed else OWN_LABEL,
    )


def _diagnosis(shelf: Shelf, _system: CodeSystem, code: str, on: date) -> _Found:
    standings: dict[str, CodeStanding] = {
        "billable": "valid",
        "not_specific": "heading",
        "not_loaded": "cannot_tell",
    }
    standing = standings.get(diagnosis_standing(code, on, shelf), "unknown")
    pack = shelf.nearest("icd10cm", on=on)
    rows = pack.history(plain(code)) if pack else ()
    # A code of the nearest list is taken on a day that no list covers; that is no knowledge of the day.
    if standing == "valid" and shelf.in_force("icd10cm", on=on) is None:
        standing = "cannot_tell"
    return _Found(
        standing=standing,
        source=list_of(on, shelf),
        starts_on=pack.manifest.starts_on if pack and rows else None,
        ends_on=pack.manifest.ends_on if pack and rows else None,
        text=rows[0].label if rows else "",
        text_source=pack.manifest.source if pack and rows else "",
    )


def _place(shelf: Shelf, _system: CodeSystem, code: str, on: date) -> _Found:
    pack = shelf.nearest(PLACES, on=on)
    source = str(pack.manifest) if pack else "No list of places is held"
    ever, now = find_place(code, shelf=shelf), find_place(code, on, shelf)
    row = now or ever
    if row is None:
        return _Found(standing="unknown", source=source)
    return _Found(
        standing="valid" if now else "not_on_date",
        source=source,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        text=row.name,
        text_source=pack.manifest.source if pack else "",
    )


def _adjustment(shelf: Shelf, system: CodeSystem, code: str, on: date) -> _Found:
    pack = shelf.pack("adjustment_codes", on=on)
    if pack is None:
        return _Found(standing="cannot_tell", source="No list of adjustment codes covers the day")
    rows: tuple[AdjustmentCode, ...] = pack.history(f"{system}|{code}")
    if not rows:
        return _Found(standing="unknown", source=str(pack.manifest))
    own = adjustment_reason(code) if system == "CARC" else None
    return _Found(
        standing="valid" if any(row_covers(row, on) for row in rows) else "not_on_date",
        source=str(pack.manifest),
        starts_on=rows[-1].starts_on,
        ends_on=rows[-1].ends_on,
        text=own.words if own else "",
        text_source=OWN_LABEL if own else "",
    )


_LOOKED_UP = {
    "procedure": _procedure,
    "diagnosis": _diagnosis,
    "place": _place,
    "CARC": _adjustment,
    "RARC": _adjustment,
    "GROUP": _adjustment,
}
