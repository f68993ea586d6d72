"""From downloaded files to a pack: find the shape, read every row, compare, prove; or refuse the whole."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import NotRequired, TypedDict, Unpack

from billing_rules.packs.building import Heading, Sourced, build_pack
from billing_rules.packs.importers import bundling, codes, diagnoses, fees
from billing_rules.packs.importers.archives import Part, archive_of, parts_of
from billing_rules.packs.importers.files import cells, file_checksum, headed, text_lines
from billing_rules.packs.importers.records import Record
from billing_rules.packs.importers.shapes import PREAMBLE, WRAPPED, Shape, find_header
from billing_rules.packs.manifest import PackRefused, PackVector
from billing_rules.packs.pack import Pack


class Said(TypedDict):
    """What must, and what may, be said of a pack beside its files; see Manifest for the fields."""

    version: str
    starts_on: date
    source: str
    checked_on: date
    review_on: NotRequired[date | None]
    supersedes: NotRequired[str | None]
    vectors: NotRequired[tuple[PackVector, ...]]


KINDS: Mapping[str, tuple[Shape, ...]] = {
    "ncci_ptp": bundling.PAIRS,
    "ncci_mue": bundling.UNITS,
    "ncci_addon": bundling.ADD_ONS,
    "fee_schedule": fees.FEES,
    "gpci": fees.FACTORS,
    "locality_county": fees.COUNTIES,
    "icd10cm": diagnoses.DIAGNOSES,
    "procedures": codes.PROCEDURES,
    "hcpcs": codes.SUPPLIES,
    "places_of_service": codes.PLACES,
    "adjustment_codes": codes.ADJUSTMENTS,
    "thresholds": codes.THRESHOLDS,
    "always_therapy": codes.ALWAYS,
    "taxonomy": codes.TAXONOMIES,
    "descriptions": codes.DESCRIPTIONS,
}
"""The tables that can be imported, each with the shapes its files come in."""


def import_file(
    kind: str,
    paths: Sequence[Path],
    *,
    scope: str = "",
    ends_on: date | None = None,
    terms: str = "as the source states",
    encoding: str = "utf-8",
    sha256: Sequence[str] = (),
    row_count: int | None = None,
    conversion_factor: Decimal | None = None,
    folder: Path | None = None,
    **said: Unpack[Said],
) -> Pack:
    """Read one table from its files, several where the source parts it, into one pack.

    A path is a text, plain or gzip, or a zip archive; ARCHIVE/MEMBER names one text of several. `sha256` are
    the checksums of the files as published, in order, `row_count` the rows expected of them all; both are
    compared when given. What is too much for memory is sorted in the folder. Raises PackRefused, and then
    nothing of the files is taken or left.
    """
    if kind not in KINDS:
        raise PackRefused(f"there is no table {kind}: {', '.join(KINDS)}")
    _compare_checksums(paths, sha256)
    parts = [part for path in paths for part in parts_of(path)]
    given = {"scope": scope, "conversion_factor": str(conversion_factor or "")}
    heading = Heading(table=kind, scope=scope, ends_on=ends_on, terms=terms, **said)
    names = tuple(part.name for part in parts)
    try:
        pack = build_pack(heading, read_rows(kind, parts, encoding, given), names, folder=folder)
    except OSError as wrong:
        raise PackRefused(f"there is no room to sort the rows in: {wrong}") from wrong
    if row_count is not None and pack.manifest.row_count != row_count:
        raise PackRefused(f"{pack.manifest.row_count} rows, not {row_count}")
    return pack


def read_rows(kind: str, parts: Sequence[Part], encoding: str, given: Mapping[str, str]) -> Iterator[Sourced]:
    """Every row of the texts, typed, in the order they stand; raises PackRefused."""
    if not parts:
        raise PackRefused("no file is given")
    read = (row for at, part in enumerate(parts) for row in _read(kind, part, at, encoding, given))
    return diagnoses.with_headings(read) if kind == "icd10cm" else read


def _read(kind: str, part: Part, number: int, encoding: str, given: Mapping[str, str]) -> Iterator[Sourced]:
    with closing(text_lines(part, encoding)) as lines:
        head = headed(lines)
        text, whole = "".join(head), chain(head, lines)
        if kind == "icd10cm" and diagnoses.is_order_file(text):
            yield from diagnoses.read_order_file(whole, part.name, number, given)
            return
        delimiter = "\t" if "\t" in text else ","
        shapes = [one for one in KINDS[kind] if one.delimiter == delimiter] or KINDS[kind]
        rows = cells(whole, part.name, delimiter)
        first = list(islice(rows, PREAMBLE + 2 * WRAPPED))
        shape, places, begins = find_header(shapes, first, part.name)
        for record in _records(shape, places, chain(first[begins:], rows), part.name, given):
            row = shape.build(record)
            if row is not None:
                yield Sourced(row, number, record.line)


def _records(
    shape: Shape,
    places: Mapping[str, int],
    rows: Iterable[tuple[int, list[str]]],
    file: str,
    given: Mapping[str, str],
) -> Iterator[Record]:
    before: dict[str, str] = {}
    width = max(places.values()) + 1
    for line, row in rows:
        if not any(row) or _is_footnote(shape, row):
            continue
        if len(row) < width or any(row[width:]):
            raise PackRefused(f"{len(row)} cells under {width} columns", line=line, file=file)
        named = {name: row[at] for name, at in places.items()}
        if shape.carried:
            named |= {name: before[name] for name in shape.carried if not named[name] and name in before}
            before = named
        yield Record(file, line, named, given)


def _is_footnote(shape: Shape, row: Sequence[str]) -> bool:
    return row[1:2] in ([], [""], ["NA"]) and re.fullmatch(shape.footnote, row[0].lower()) is not None


def _compare_checksums(paths: Sequence[Path], expected: Sequence[str]) -> None:
    if not expected:
        return
    if len(expected) != len(paths):
        raise PackRefused(f"{len(expected)} checksums for {len(paths)} files")
    for path, wanted in zip(paths, expected, strict=True):
        try:
            found = file_checksum(archive_of(path))
        except OSError as wrong:
            raise PackRefused(f"the file cannot be read: {wrong}", file=path.name) from wrong
        if found != wanted.lower():
            raise PackRefused("the file is not the one of the checksum", file=path.name)
