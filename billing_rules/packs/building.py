"""Making a pack out of rows: sorted, compared with one another, summed, and proven by its vectors."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from msgspec import Struct, structs, to_builtins

from billing_rules.packs.agreeing import Days, agreeing, name_of
from billing_rules.packs.compiled import compile_lines
from billing_rules.packs.lines import RowUnwritable, decoder, encode
from billing_rules.packs.manifest import Manifest, PackRefused, PackVector, checksum
from billing_rules.packs.pack import Pack, row_covers
from billing_rules.packs.proving import prove
from billing_rules.packs.rows import Row
from billing_rules.packs.runs import RUN_BYTES, Runs
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


def build_pack(
    heading: Heading,
    rows: Iterable[Sourced],
    files: tuple[str, ...] = (),
    *,
    folder: Path | None = None,
    run_bytes: int = RUN_BYTES,
) -> Pack:
    """Validate and sort rows into a pack; raises PackRefused for the first fault found.

    What is more than `run_bytes` is sorted and kept in files without names in the folder, which the kernel
    takes back with the pack or with the process.
    """
    scope = _accept(heading)
    with closing(Runs(folder, run_bytes)) as runs:
        for read in rows:
            runs.add(_line(heading.table, read, files), read.file, read.line)
        lines = _agreed(heading, runs, files, folder)
    told = (heading.table, scope, heading.version, heading.starts_on, heading.ends_on)
    row_count = sum(piece.count(b"\n") for piece in lines.text())
    if not row_count:
        raise PackRefused("there are no rows", file=files[0] if files else None)
    said = {
        **structs.asdict(heading),
        "scope": scope,
        "vectors": heading.vectors or sample_vectors(heading, lines),
    }
    manifest = Manifest(**said, sha256=checksum(*told, lines.text()), row_count=row_count)
    return _proven(Pack(manifest, lambda: lines))


def _agreed(heading: Heading, runs: Runs, files: tuple[str, ...], folder: Path | None) -> SortedLines:
    days = Days(starts_on=heading.starts_on, ends_on=heading.ends_on)
    agreed = agreeing(heading.table, days, runs.sorted(), files)
    return compile_lines(agreed, folder) if runs.spilled else in_memory(b"".join(agreed))


def _line(table: str, read: Sourced, files: tuple[str, ...]) -> bytes:
    starts_on: date | None = getattr(read.row, "starts_on", None)
    ends_on: date | None = getattr(read.row, "ends_on", None)
    try:
        if starts_on and ends_on and ends_on < starts_on:
            raise RowUnwritable("the row ends before it starts")
        return encode(table, read.row)
    except RowUnwritable as wrong:
        raise PackRefused(str(wrong), line=read.line, file=name_of(files, read.file)) from wrong


def sample_vectors(heading: Heading, lines: SortedLines) -> tuple[PackVector, ...]:
    """Vectors for a pack that came without: its first and last keys, and the day before it begins.

    They prove that what is stored answers as what was read; they prove nothing about the source.
    """
    decode = decoder(heading.table)
    days = Days(starts_on=heading.starts_on, ends_on=heading.ends_on)
    keys = dict.fromkeys(line.partition(b"\t")[0].decode() for line in _ends(lines))
    vectors = []
    for key in keys:
        rows = [decode(line) for line in lines.find(key)]
        covered = days.covered(rows[0])
        if covered is not None:
            on = covered[0]
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


def _proven(pack: Pack) -> Pack:
    proof = prove(pack)
    if proof.failures:
        first = proof.failures[0]
        raise PackRefused(f"vector {first.id} fails: expected {first.expected}, got {first.got}")
    return pack
