"""A pack of as many code pairs as wanted, for measuring that looking one up costs the same in any of them."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from billing_rules.packs.lines import encode
from billing_rules.packs.manifest import Manifest, PackVector, checksum
from billing_rules.packs.pack import Pack
from billing_rules.packs.rows import PairEdit
from billing_rules.packs.shelf import Shelf
from billing_rules.packs.sorted_lines import in_memory
from billing_rules.packs.store import PackStore, shelf_of

TABLE, SCOPE, VERSION = "ncci_ptp", "medicare_practitioner", "synthetic"
STARTS_ON = date(2026, 1, 1)
IN_FORCE = date(2026, 3, 2)
BESIDE = 1000
"""Second codes to each first one."""


def pair(at: int) -> tuple[str, str]:
    """The two codes of row `at`, in order of key; none of them is a code that exists."""
    return f"{at // BESIDE:04d}Z", f"{at % BESIDE:04d}Y"


def pack_of(rows: int) -> Pack:
    """Pairs that are all in force, in memory."""
    lines = list(_lines(rows))
    text = b"".join(lines)
    held = in_memory(text)
    first = "|".join(pair(0))
    manifest = Manifest(
        table=TABLE,
        scope=SCOPE,
        version=VERSION,
        starts_on=STARTS_ON,
        ends_on=None,
        source="made up for measuring",
        terms="none",
        checked_on=STARTS_ON,
        review_on=None,
        supersedes=None,
        sha256=checksum(TABLE, SCOPE, VERSION, STARTS_ON, None, lines),
        row_count=rows,
        vectors=(PackVector(id="first", key=first, on=STARTS_ON, expected=({"indicator": "1"},)),),
    )
    return Pack(manifest, lambda: held)


def shelf_with(rows: int, folder: Path) -> Shelf:
    """The shipped packs and a compiled, memory-mapped one of so many rows, kept in a folder."""
    PackStore(folder).add(pack_of(rows))
    return shelf_of(folder)


def _lines(rows: int) -> Iterator[bytes]:
    for at in range(rows):
        column1, column2 = pair(at)
        edit = PairEdit(
            column1=column1,
            column2=column2,
            indicator="1",
            starts_on=STARTS_ON,
            ends_on=None,
            rationale="Made up for measuring",
        )
        yield encode(TABLE, edit)
