"""Add-on codes: which primary they need beside them on the day."""

from collections.abc import Iterable
from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from billing_rules.packs import Shelf
from billing_rules.packs.rows import AddOn
from billing_rules.therapy.code_table import find_code

TABLE = "ncci_addon"
CONTRACTOR = "CCCCC"

Basis: TypeAlias = Literal["no_add_on", "listed", "payer_decides"]


class Primaries(Struct, frozen=True, kw_only=True):
    """The primaries of a code; where the payer may add its own, a missing one is only doubtful."""

    basis: Basis
    codes: tuple[str, ...]
    source: str


_NO_ADD_ON = Primaries(basis="no_add_on", codes=(), source="")


def primaries(shelf: Shelf, code: str, on: date) -> Primaries:
    """What a code needs beside it: CMS's list, else the code table's own base; nothing for no add-on."""
    rows: tuple[AddOn, ...] = shelf.find(TABLE, code, on=on)
    if rows:
        listed = tuple(sorted({row.primary for row in rows} - {CONTRACTOR}))
        is_open = any(row.edit_type != "1" or row.primary == CONTRACTOR for row in rows)
        source = str(shelf.in_force(TABLE, on=on))
        return Primaries(basis="payer_decides" if is_open else "listed", codes=listed, source=source)
    own = find_code(code)
    if own is not None and own.primary:
        return Primaries(basis="listed", codes=own.primary, source="Procedure codes")
    return _NO_ADD_ON


def is_supported(needed: Primaries, beside: Iterable[str]) -> bool:
    """Whether one of the codes beside it is a primary, or none is needed."""
    return needed.basis == "no_add_on" or bool(set(needed.codes) & set(beside))
