"""The tables that ship with the product: each file says its source, version, terms and date."""

from datetime import date
from functools import cache
from importlib.resources import files
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

_Row = TypeVar("_Row")

DATA = files("billing_rules.therapy.data")


class Table(Struct, Generic[_Row], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dated table: the rows, and where they come from."""

    source: str
    version: str
    checked_on: date
    terms: str
    rows: tuple[_Row, ...]


@cache
def read_table(name: str, kind: type[_Row]) -> Table[_Row]:
    """Read one file of billing_rules/therapy/data, once for the life of the process."""
    return msgspec.json.decode((DATA / name).read_bytes(), type=Table[kind])  # type: ignore[valid-type]
