"""Making a pack out of rows: sorted, compared with one another, summed, and proven by its vectors."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import Any

from msgspec import Struct, structs, to_builtins

from billing_rules.packs.lines import RowUnwritable, decoder, encode
from billing_rules.packs.manifest import Manifest, PackRefused, PackVector, checksum
from billing_rules.packs.pack import Pack, row_covers, was_never_in_force
from billing_rules.packs.proving import prove
from billing_rules.packs.rows import Row
from billing_rules.packs.sorted_lines import SortedLines, in_memory
from billing_rules.packs.tables import TABLES, plain_scope


class Sourced(Struct, frozen=True):
    """A row and where it was read: the file's number and the line in it, from 1."""

    row: Row
    file: int
    line: int


class Heading(Struct, frozen=True, kw_only=True):
    """What whoever loads a table says of it; see Manifest for the fields."""

    table: str
    scope: str
    version: str
    starts_on: date
    ends_on: date | None
    source: str
    terms: str
    checked_on: date
    review_on: date | None = None
    supersedes: str | None = None
    vectors: tuple[PackVector, ...] = ()


def build_pack(heading: Heading, rows: Iterable[Sourced], files: tuple[str, ...] = ()) -> Pack:
    """Validate and sort rows into a pack held in memory; raises PackRefused for the first fault found."""
    scope = _accept(heading)
    placed = sorted(_placed(heading.table, rows, files))
    if not placed:
        raise PackRefused("there are no rows", file=files[0] if files else None)
    lines = list(_agreeing(heading, placed, files))
    text = b"".join(lines)
    held = in_memory(text)
    told = (heading.table, scope, heading.version, heading.starts_on, heading.ends_on)
    said = {
        **structs.asdict(heading),
        "scope": scope,
        "vectors": heading.vectors or sample_vectors(heading, held),
    }
    manifest = Manifest(**said, sha256=checksum(*told, lines), row_count=len(lines))
    return _proven(Pack(manifest, lambda: held))


def sample_vectors(heading: Heading, lines: SortedLines) -> tuple[PackVector, ...]:
    """Vectors for a pack that came without: its first and last keys, and the day before it begins.

    They prove that what is stored answers as what was read; they prove nothing about the source.
    """
    decode = decoder(heading.table)
    keys = dict.fromkeys(line.partition(b"\t")[0].decode() for line in _ends(lines))
    vectors = []
    for key in keys:
        rows = [decode(line) for line in lines.find(key)]
        on = _day_of(rows[0], heading)
        if on is not None:
            found = tuple(to_builtins(row) for row in rows if row_covers(row, on))
            vectors.append(PackVector(id=f"row-{key}", key=key, on=on, expected=found))
    before = heading.starts_on - timedelta(days=1)
    return (*vectors, PackVector(id="day-before", key=next(iter(keys)), on=before, expected=None))


def _ends(lines: SortedLines) -> Iterator[bytes]:
    firsts, _ = lines.index()
    for first in dict.fromkeys((firsts[0], firsts[len(firsts) // 2], firsts[-1])):
        yield from lines.find(first.decode())


def _accept(heading: Heading) -> str:
    if heading.table not in TABLES:
        raise PackRefused(f"there is no table {heading.table}")
    if heading.ends_on is not None and heading.ends_on < heading.starts_on:
        raise PackRefused("the pack ends before it starts")
    for name in ("version", "source", "terms"):
        if not getattr(heading, name).strip():
            raise PackRefused(f"the {name} is missing")
    scope = plain_scope(heading.table, heading.scope)
    scopes = TABLES[heading.table].scopes
    if scopes is not None and scope not in (scopes or ("",)):
        raise PackRefused(f"{heading.table} has no scope {scope or 'without a name'}")
    return scope


def _placed(table: str, rows: Iterable[Sourced], files: tuple[str, ...]) -> Iterator[tuple[bytes, int, int]]:
    for read in rows:
        starts_on: date | None = getattr(read.row, "starts_on", None)
        ends_on: date | None = getattr(read.row, "ends_on", None)
        if starts_on and ends_on and ends_on < starts_on:
            raise PackRefused("the row ends before it starts", line=read.line, file=_name(files, read.file))
        try:
            yield encode(table, read.row), read.file, read.line
        except RowUnwritable as wrong:
            raise PackRefused(str(wrong), line=read.line, file=_name(files, read.file)) from wrong


def _agreeing(
    heading: Heading, placed: list[tuple[bytes, int, int]], files: tuple[str, ...]
) -> Iterator[bytes]:
    for _, grouped in groupby(placed, key=lambda one: one[0].partition(b"\t")[0]):
        same_key = list(grouped)
        if len(same_key) > 1:
            same_key = _compared(heading, same_key, files)
        yield from (line for line, _, _ in same_key)


def _compared(
    heading: Heading, same_key: list[tuple[bytes, int, int]], files: tuple[str, ...]
) -> list[tuple[bytes, int, int]]:
    kind, decode = TABLES[heading.table], decoder(heading.table)
    kept = [same_key[0]]
    for first, second in pairwise(same_key):
        if first[0] != second[0]:
            kept.append(second)
        elif not kind.repeats:
            raise _twice("the row stands twice", first[1:], second[1:], files)
    rows = [(decode(line), (file, number)) for line, file, number in kept]
    for at, (row, place) in enumerate(rows):
        for earlier, earlier_place in rows[:at]:
            if _same(kind.identity, earlier, row) and _share_a_day(heading, earlier, row):
                reason = f"{kind.key(row)} is in force twice on the same days"
                raise _twice(reason, earlier_place, place, files)
    return kept


def _twice(reason: str, one: tuple[int, int], other: tuple[int, int], files: tuple[str, ...]) -> PackRefused:
    """The refusal at the later of two places, naming the earlier."""
    (first_file, first), (file, line) = sorted((one, other))
    elsewhere = f" of {_name(files, first_file)}" if first_file != file else ""
    return PackRefused(f"{reason}, first on line {first}{elsewhere}", line=line, file=_name(files, file))


def _same(identity: Any, one: Row, other: Row) -> bool:
    return identity is None or identity(one) == identity(other)


def _share_a_day(heading: Heading, one: Row, other: Row) -> bool:
    """Whether both are in force on a day for which the pack is: before its first day it tells nothing."""
    if was_never_in_force(one) or was_never_in_force(other):
        return False
    starts = [heading.starts_on, *(_dated(row, "starts_on", date.min) for row in (one, other))]
    ends = [heading.ends_on or date.max, *(_dated(row, "ends_on", date.max) for row in (one, other))]
    return max(starts) <= min(ends)


def _dated(row: Row, name: str, otherwise: date) -> date:
    return getattr(row, name, None) or otherwise


def _day_of(row: Row, heading: Heading) -> date | None:
    starts_on = max(heading.starts_on, _dated(row, "starts_on", date.min))
    ends_on = min(heading.ends_on or date.max, _dated(row, "ends_on", date.max))
    return starts_on if starts_on <= ends_on and not was_never_in_force(row) else None


def _proven(pack: Pack) -> Pack:
    proof = prove(pack)
    if proof.failures:
        first = proof.failures[0]
        raise PackRefused(f"vector {first.id} fails: expected {first.expected}, got {first.got}")
    return pack


def _name(files: tuple[str, ...], at: int) -> str | None:
    return files[at] if at < len(files) else None
