"""One row of a downloaded file by the names of its columns, read cell by cell or refused with its line."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NoReturn, TypeVar

import msgspec
from msgspec import Struct

from billing_rules.packs.manifest import PackRefused
from billing_rules.packs.rows import Row

_Row = TypeVar("_Row", bound=Row)

_NUMBER = re.compile(r"-?(\d{1,3}(,\d{3})+|\d{1,12})?(\.\d{1,8})?")
_DATES = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})|(\d{1,2})/(\d{1,2})/(\d{4})")
_TRUE = ("1", "TRUE", "T", "Y", "YES")
_FALSE = ("0", "FALSE", "F", "N", "NO", "")

DAYS_KEPT = 4096
"""Dates that stay read: a table of millions of rows names a few hundred."""


class Record(Struct, frozen=True):
    """The cells of a row under their columns' names, their spaces made single already.

    `given` is what the importer was told for the file. A column that the file lacks reads as empty.
    """

    file: str
    line: int
    named: dict[str, str]
    given: Mapping[str, str]

    def text(self, name: str) -> str:
        """The cell."""
        return self.named.get(name, "")

    def or_none(self, name: str) -> str | None:
        """The text, or nothing for an empty cell."""
        return self.text(name) or None

    def day(self, name: str) -> date | None:
        """A date written 20240701, 2024-07-01 or 7/1/2024; empty or * is none."""
        cell = self.text(name)
        if cell in ("", "*"):
            return None
        day = _day(cell)
        if day is None:
            self.refuse(f"{name} is no date: {cell}")
        return day

    def decimal(self, name: str) -> Decimal:
        """A number of zero or more, with or without thousands marks."""
        cell = self.text(name).removeprefix("$")
        if not cell or not _NUMBER.fullmatch(cell) or not any(sign.isdigit() for sign in cell):
            self.refuse(f"{name} is no number: {cell or 'empty'}")
        number = Decimal(cell.replace(",", ""))
        if number < 0:
            self.refuse(f"{name} is below zero: {cell}")
        return number

    def decimal_or_none(self, name: str) -> Decimal | None:
        """A number, or nothing for an empty cell or NA."""
        return None if self.text(name).upper() in ("", "NA") else self.decimal(name)

    def cents(self, name: str) -> int | None:
        """Dollars as cents; nothing for an empty cell; a fraction of a cent is refused."""
        amount = self.decimal_or_none(name)
        if amount is None:
            return None
        if amount * 100 != int(amount * 100):
            self.refuse(f"{name} has a fraction of a cent: {amount}")
        return int(amount * 100)

    def whole(self, name: str) -> int:
        """A whole number of zero or more."""
        cell = self.text(name)
        if not re.fullmatch(r"[0-9]{1,9}", cell):
            self.refuse(f"{name} is no whole number: {cell or 'empty'}")
        return int(cell)

    def flag(self, name: str) -> bool:
        """True or false in any of the ways such files write it."""
        cell = self.text(name).upper()
        if cell not in (*_TRUE, *_FALSE):
            self.refuse(f"{name} is neither true nor false: {cell}")
        return cell in _TRUE

    def refuse(self, reason: str) -> NoReturn:
        """Refuse the file at this row."""
        raise PackRefused(reason, line=self.line, file=self.file)

    def make(self, kind: type[_Row], /, **fields: Any) -> _Row:
        """The typed row; raises PackRefused when a field is not what the table takes."""
        try:
            return msgspec.convert(fields, kind)
        except msgspec.ValidationError as wrong:
            self.refuse(_words(str(wrong), fields))


def _words(wrong: str, fields: dict[str, Any]) -> str:
    named = re.search(r"\$\.(\w+)", wrong)
    if not named:
        return wrong
    return f"{named[1]} is malformed: {fields.get(named[1])}"


@lru_cache(DAYS_KEPT)
def _day(cell: str) -> date | None:
    found = _DATES.fullmatch(cell)
    if not found:
        return None
    year, month, day, month_first, day_second, year_last = found.groups()
    try:
        return date(int(year or year_last), int(month or month_first), int(day or day_second))
    except ValueError:
        return None
