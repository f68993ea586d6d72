"""Comparing rows with one another as they come sorted: none twice, none of one identity on the same day."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby, islice, pairwise
from typing import Any, TypeAlias

from msgspec import Struct

from billing_rules.packs.lines import decoder
from billing_rules.packs.manifest import PackRefused
from billing_rules.packs.pack import was_never_in_force
from billing_rules.packs.rows import Row
from billing_rules.packs.runs import Entry, entry_of, line_of
from billing_rules.packs.tables import TABLES

MOST_OF_A_KEY = 20_000
"""Rows of one key are compared in memory; more of them than this are no code table."""

_Place: TypeAlias = tuple[int, int]


class Days(Struct, frozen=True, kw_only=True):
    """The days of service a pack answers for: before its first it tells nothing."""

    starts_on: date
    ends_on: date | None

    def covered(self, row: Row) -> tuple[date, date] | None:
        """First and last of these days that a row covers."""
        if was_never_in_force(row):
            return None
        first = max(self.starts_on, getattr(row, "starts_on", None) or date.min)
        last = min(self.ends_on or date.max, getattr(row, "ends_on", None) or date.max)
        return (first, last) if first <= last else None


def agreeing(table: str, days: Days, entries: Iterable[bytes], files: tuple[str, ...]) -> Iterator[bytes]:
    """The lines of sorted entries, holding no more than one key; raises PackRefused where two contradict."""
    for key, grouped in groupby(entries, key=_key):
        same_key = list(islice(grouped, MOST_OF_A_KEY + 1))
        if len(same_key) == 1:
            yield line_of(same_key[0])
            continue
        if len(same_key) > MOST_OF_A_KEY:
            last = entry_of(same_key[-1])
            reason = f"{key.decode()} has more rows than any code"
            raise PackRefused(reason, line=last.number, file=name_of(files, last.file))
        kept = _once(table, list(map(entry_of, same_key)), files)
        _refuse_shared_days(table, days, kept, files)
        yield from (entry.line + b"\n" for entry in kept)


def name_of(files: tuple[str, ...], at: int) -> str | None:
    """The name of a file by its number, where it has one."""
    return files[at] if at < len(files) else None


def _key(entry: bytes) -> bytes:
    return entry.partition(b"\t")[0]


def _once(table: str, entries: list[Entry], files: tuple[str, ...]) -> list[Entry]:
    kept = entries[:1]
    for one, other in pairwise(entries):
        if one.line != other.line:
            kept.append(other)
        elif not TABLES[table].repeats:
            raise _twice("the row stands twice", (one.file, one.number), (other.file, other.number), files)
    return kept


def _refuse_shared_days(table: str, days: Days, entries: list[Entry], files: tuple[str, ...]) -> None:
    kind, decode = TABLES[table], decoder(table)
    spans: list[tuple[str, date, date, _Place]] = []
    for entry in entries:
        row = decode(entry.line)
        covered = days.covered(row)
        if covered is not None:
            spans.append((_identity(kind.identity, row), *covered, (entry.file, entry.number)))
    # Sorted by first day, spans of one identity that share none end in that order too: neighbours tell.
    for (one, _, last, place), (other, first, _, other_place) in pairwise(sorted(spans)):
        if one == other and first <= last:
            key = _key(entries[0].line).decode()
            raise _twice(f"{key} is in force twice on the same days", place, other_place, files)


def _identity(identity: Any, row: Row) -> str:
    return "" if identity is None else str(identity(row))


def _twice(reason: str, one: _Place, other: _Place, files: tuple[str, ...]) -> PackRefused:
    """The refusal at the later of two places, naming the earlier."""
    (first_file, first), (file, line) = sorted((one, other))
    elsewhere = f" of {name_of(files, first_file)}" if first_file != file else ""
    return PackRefused(f"{reason}, first on line {first}{elsewhere}", line=line, file=name_of(files, file))
