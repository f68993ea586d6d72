"""One pack: its manifest and its lines, read into typed rows when they are asked for."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from billing_rules.packs.lines import decoder
from billing_rules.packs.manifest import Manifest, checksum
from billing_rules.packs.rows import PairEdit, Row
from billing_rules.packs.sorted_lines import SortedLines
from billing_rules.packs.tables import TABLES

KEYS_KEPT = 16_384
"""Keys whose rows stay read: a day's claims ask for the same pairs again and again."""


class Pack:
    """A table of one scope and version; its lines are opened at the first question."""

    def __init__(self, manifest: Manifest, open_lines: Callable[[], SortedLines]) -> None:
        """`open_lines` may raise PackRefused when what is stored is not what the manifest says."""
        self.manifest = manifest
        self._open_lines = open_lines
        self._decode = decoder(manifest.table)
        self._dated = TABLES[manifest.table].dated
        self._rows_of = lru_cache(KEYS_KEPT)(self._read)

    @cached_property
    def lines(self) -> SortedLines:
        """The sorted lines, opened once."""
        return self._open_lines()

    def find(self, key: str, on: date) -> tuple[Any, ...]:
        """The rows of a key whose own dates cover the day; the pack's dates are the shelf's to judge."""
        rows = self._rows_of(key)
        if not rows or not self._dated:
            return rows
        return tuple(row for row in rows if row_covers(row, on))

    def history(self, key: str) -> tuple[Any, ...]:
        """Every row of a key, whatever its dates."""
        return self._rows_of(key)

    def starting(self, prefix: str) -> Iterator[Any]:
        """Every row whose key begins with a prefix, in order, whatever its dates."""
        return map(self._decode, self.lines.starting(prefix))

    def __iter__(self) -> Iterator[Any]:
        """Every row, in order of key."""
        return map(self._decode, self.lines)

    def checksum(self) -> str:
        """The checksum of what is stored, for comparing with what the manifest says."""
        told = self.manifest
        return checksum(told.table, told.scope, told.version, told.starts_on, told.ends_on, self.lines.text())

    def _read(self, key: str) -> tuple[Any, ...]:
        return tuple(self._decode(line) for line in self.lines.find(key))


def row_covers(row: Row, on: date) -> bool:
    """Whether a row's own days include the day; a row without days covers every day."""
    starts_on: date | None = getattr(row, "starts_on", None)
    if starts_on is not None and on < starts_on:
        return False
    ends_on: date | None = getattr(row, "ends_on", None)
    return ends_on is None or (on <= ends_on and not was_never_in_force(row))


def was_never_in_force(row: Row) -> bool:
    """Whether CMS took an edit back to its first day: indicator 9, deleted on the day it began."""
    return (
        isinstance(row, PairEdit)
        and row.indicator == "9"
        and row.starts_on is not None
        and row.starts_on == row.ends_on
    )
