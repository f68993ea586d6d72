"""Reading Excel workbooks: the package is searched for what may not be there before any of it is parsed."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from domain.practices.ports import Sheet, SheetUnreadable
from integrations.spreadsheets.limits import within_limits

LARGEST_UNPACKED = 40 * 1024 * 1024
STEEPEST = 200
MOST_PARTS = 500
FORBIDDEN_PARTS = ("xl/externallinks/", "xl/vbaproject", "xl/macrosheets/", "xl/embeddings/", "xl/activex/")
BROKEN = (
    zipfile.BadZipFile,
    InvalidFileException,
    ParseError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
    RuntimeError,
)
DECLARATIONS = (b"<!doctype", b"<!entity")
FAR_CELL = re.compile(rb'\sr="[A-Z]{3}[0-9]')
WIDE_TEXT = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")


def read_xlsx(content: bytes) -> Sheet:
    """The first sheet of a workbook; raises SheetUnreadable for macros, links, bombs or broken files."""
    try:
        _search(content)
        book = load_workbook(
            io.BytesIO(content), read_only=True, keep_vba=False, data_only=False, keep_links=False
        )
        sheet = book.worksheets[0]
        rows = tuple(within_limits(_rows(sheet)))
        book.close()
    except SheetUnreadable:
        raise
    except BROKEN as wrong:
        raise SheetUnreadable("the workbook cannot be read", pointer="/content") from wrong
    return Sheet(name=sheet.title, rows=rows)


def _search(content: bytes) -> None:
    """Refuse what unpacks too large, carries macros, links or objects, or declares entities."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = package.infolist()
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED or unpacked > STEEPEST * len(content):
            raise SheetUnreadable("the workbook unpacks too large", pointer="/content")
        for part in parts:
            if part.filename.lower().startswith(FORBIDDEN_PARTS):
                raise SheetUnreadable("the workbook carries macros, links or objects", pointer="/content")
            _search_part(package.read(part), part.filename.lower())


def _search_part(content: bytes, name: str) -> None:
    if not name.endswith((".xml", ".rels", ".vml")):
        return
    head = content[:4096].lower()
    if head.startswith(WIDE_TEXT) or any(declared in content.lower() for declared in DECLARATIONS):
        raise SheetUnreadable("the workbook declares entities", pointer="/content")
    if name.startswith("xl/worksheets/") and FAR_CELL.search(content):
        raise SheetUnreadable("the sheet has cells too far to the right", pointer="/content")
    if name == "[content_types].xml" and b"macroenabled" in content.lower():
        raise SheetUnreadable("the workbook carries macros, links or objects", pointer="/content")


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(sheet.iter_rows(), 1):
        yield number, [_text(cell) for cell in cells]


def _text(cell: Any) -> str:
    """A cell as it reads: a formula or an error begins with an equals sign."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type in ("f", "e"):
        return f"={str(value).lstrip('=')}"
    if isinstance(value, date):
        return (value.date() if isinstance(value, datetime) else value).isoformat()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return _number(value, str(cell.number_format))


def _number(value: float, shown_as: str) -> str:
    """An Excel number is a binary fraction, of which fifteen digits are meant."""
    number = Decimal(f"{value:.15g}")
    return f"{number * 100:f}%" if "%" in shown_as else f"{number:f}"
