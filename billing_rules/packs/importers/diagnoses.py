"""The yearly ICD-10-CM list: CMS's order file of fixed columns, or a comma-separated list with parents."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping

from msgspec import structs

from billing_rules.packs.building import Sourced
from billing_rules.packs.importers.records import Record
from billing_rules.packs.importers.shapes import Column, Shape
from billing_rules.packs.rows import DiagnosisCode

_ORDER_LINE = re.compile(r"(\d{5}) ([A-Z0-9]{3}[A-Z0-9 ]{4}) ([01]) (.{60}) (.+)")
_BLOCK = re.compile(r".*-.*")


def _diagnosis(record: Record) -> DiagnosisCode:
    parent = record.text("parent")
    return record.make(
        DiagnosisCode,
        code=record.text("code").replace(".", ""),
        billable=record.flag("billable"),
        # A block of categories, such as A00-A09, is no code.
        parent=None if not parent or _BLOCK.fullmatch(parent) else parent.replace(".", ""),
        label=record.text("description"),
    )


DIAGNOSES: tuple[Shape, ...] = (
    Shape(
        (
            Column("code", "code"),
            Column("billable", "billable"),
            Column("description", "description|label"),
            Column("parent", "parent"),
        ),
        _diagnosis,
    ),
)


def is_order_file(head: str) -> bool:
    """Whether the first line has the fixed columns of CMS's order file."""
    return re.match(r"\d{5} [A-Z0-9]{3}", head) is not None


def read_order_file(
    lines: Iterable[str], file: str, number: int, given: Mapping[str, str]
) -> Iterator[Sourced]:
    """The rows of an order file; raises PackRefused for a line that is not of its fixed columns."""
    for at, line in enumerate(lines, 1):
        if not line.strip():
            continue
        found = _ORDER_LINE.fullmatch(line.rstrip())
        record = Record(file, at, {}, given)
        if found is None:
            record.refuse("the line is not one of an ICD-10-CM order file")
        named = {"code": found[2].strip(), "billable": found[3], "description": " ".join(found[5].split())}
        yield Sourced(_diagnosis(structs.replace(record, named=named)), number, at)


def with_headings(rows: Iterator[Sourced]) -> Iterator[Sourced]:
    """Give each code its heading: the longest code before it that it begins with, or its category."""
    listed: set[str] = set()
    for read in rows:
        row = read.row
        if isinstance(row, DiagnosisCode):
            listed.add(row.code)
        yield structs.replace(read, row=_headed(row, listed)) if isinstance(row, DiagnosisCode) else read


def _headed(row: DiagnosisCode, listed: Container[str]) -> DiagnosisCode:
    if row.parent or len(row.code) == 3:
        return row
    longer = (row.code[:length] for length in range(len(row.code) - 1, 2, -1))
    return structs.replace(row, parent=next((code for code in longer if code in listed), row.code[:3]))
