"""Rows as sorted lines of text: the key, then the fields, parted by tabs; one form for files and memory."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import Any, get_args

import msgspec
from msgspec import ValidationError
from msgspec.structs import FieldInfo, astuple, fields

from billing_rules.packs.rows import Row
from billing_rules.packs.tables import TABLES

_FORBIDDEN = bytes((*range(32), 127))

Decode = Callable[[bytes], Row]
"""From a line, with or without its newline, to its row; raises ValidationError."""


class RowUnwritable(ValueError):
    """Raised for a row whose text holds a control character or whose number is none."""


def encode(table: str, row: Row) -> bytes:
    """One line with its newline; raises RowUnwritable."""
    kind = TABLES[table]
    cells = [value if type(value) is str else _cell(value) for value in astuple(row)]
    line = "\t".join((kind.key(row), *cells)).encode()
    # The tabs between the cells are the only control characters there may be.
    if len(line) - len(line.translate(None, _FORBIDDEN)) != len(cells):
        raise RowUnwritable("a text holds a control character")
    return line + b"\n"


def header(table: str) -> bytes:
    """The first line of a file of rows, naming key and fields."""
    return "\t".join(("key", *TABLES[table].row.__struct_fields__)).encode() + b"\n"


@cache
def decoder(table: str) -> Decode:
    """The reader of a table's lines."""
    kind = TABLES[table].row
    names = kind.__struct_fields__
    nullable = tuple(may_be_null(field) for field in fields(kind))

    def decode(line: bytes) -> Row:
        cells = line.decode().rstrip("\n").split("\t")[1:]
        if len(cells) != len(names):
            raise ValidationError(f"{len(cells)} fields instead of {len(names)}")
        given = {
            name: cell if cell or not null else None
            for name, cell, null in zip(names, cells, nullable, strict=True)
        }
        return msgspec.convert(given, kind, strict=False)

    return decode


def may_be_null(field: FieldInfo) -> bool:
    """Whether an empty cell of the field means that nothing is known, rather than an empty text."""
    return NoneType in get_args(field.type)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return _number(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise RowUnwritable("a number is not finite")
    return f"{value:f}"
