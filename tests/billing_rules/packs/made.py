"""Packs and files made on the spot."""

import gzip
from datetime import date
from pathlib import Path
from typing import Any

from billing_rules.packs.building import Heading, Sourced, build_pack
from billing_rules.packs.importers import import_file
from billing_rules.packs.pack import Pack
from billing_rules.packs.rows import PairEdit, SupplyCode

SCOPE = "medicare_practitioner"
QUARTER = date(2027, 1, 1)
ABOUT: dict[str, Any] = {
    "version": "2027Q1",
    "starts_on": QUARTER,
    "source": "CMS",
    "checked_on": date(2026, 12, 1),
}


def heading(table: str = "hcpcs", **changed: Any) -> Heading:
    """What is said of a pack, with fields changed."""
    told: dict[str, Any] = {"table": table, "scope": "", "ends_on": None, "terms": "public domain", **ABOUT}
    return Heading(**(told | changed))


def supply(
    code: str, starts_on: date | None = None, ends_on: date | None = None, label: str = "a label"
) -> SupplyCode:
    """A HCPCS row."""
    return SupplyCode(code=code, label=label, coverage=None, starts_on=starts_on, ends_on=ends_on)


def supplies(*rows: SupplyCode, **changed: Any) -> Pack:
    """A HCPCS pack."""
    return build_pack(heading(**changed), [Sourced(row, 0, at) for at, row in enumerate(rows, 2)])


def edit(column1: str, column2: str, indicator: str = "1", **dates: date | None) -> PairEdit:
    """A pair, always in force unless dates are given."""
    told: dict[str, Any] = {"starts_on": None, "ends_on": None, **dates}
    return PairEdit(column1=column1, column2=column2, indicator=indicator, rationale="Why", **told)  # type: ignore[arg-type]


def pairs(*rows: PairEdit, **changed: Any) -> Pack:
    """A pack of code pairs."""
    told = {"scope": SCOPE, **changed}
    return build_pack(heading("ncci_ptp", **told), [Sourced(row, 0, at) for at, row in enumerate(rows, 2)])


def write(folder: Path, text: str | bytes, name: str = "file.csv") -> Path:
    """A file as it was downloaded."""
    path = folder / name
    content = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") and isinstance(text, str) else content)
    return path


def imported(kind: str, *paths: Path, **changed: Any) -> Pack:
    """A pack read from files."""
    return import_file(kind, paths, **(ABOUT | changed))
