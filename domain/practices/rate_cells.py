"""Reading the cells of one row of a rate sheet; every fault names row and column."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from billing_rules.money import AmountRefused, cents_from_decimal
from billing_rules.therapy.contracts import ANY_CODE
from billing_rules.therapy.fee_schedules import NATIONAL, NATIONWIDE, Locality
from tenants.errors import Invalid

CODE = re.compile(r"^([0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})$")
MODIFIER = re.compile(r"^[0-9A-Z]{2}$")
LOCALITY = re.compile(r"^([0-9]{5})-([0-9]{2})$")
BETWEEN = re.compile(r"[\s,;/|]+")
MOST_DOLLARS = Decimal(1_000_000)
MOST_PERCENT = Decimal(1_000)
LEAST_BARE_PERCENT = Decimal(5)

YearsDay = Callable[[int], date]
"""The day of a year whose fee schedule is meant when a sheet names the year alone."""


class RateSheetRefused(Invalid):
    """A row of the sheet cannot be taken, so none is; the pointer names row and column."""

    code = "rate_sheet_refused"


class RowReader:
    """Reads the cells of one row; every fault names row and column."""

    def __init__(self, cells: Mapping[str, str], number: int) -> None:
        """Take the cells of a row by their columns."""
        self.cells = cells
        self.number = number

    def code(self) -> str:
        """The code in capitals, or *."""
        code = self.cells.get("code", "").upper()
        if code != ANY_CODE and not CODE.match(code):
            refuse(self.number, "code", "it is neither a five-character procedure code nor *")
        return code

    def modifiers(self) -> tuple[str, ...]:
        """Up to four modifiers, in the order of the sheet."""
        said = [part for part in BETWEEN.split(self.cells.get("modifiers", "").upper()) if part]
        if not all(MODIFIER.match(part) for part in said) or len(set(said)) < len(said) or len(said) > 4:
            refuse(self.number, "modifiers", "up to four different modifiers of two characters are wanted")
        return tuple(said)

    def amount(self, name: str) -> int | None:
        """An amount of dollars in cents."""
        if name not in self.cells:
            return None
        text = self.cells[name].replace("$", "").strip()
        if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?", text):
            text = text.replace(",", "")
        number = self._decimal(name, text)
        if number > MOST_DOLLARS:
            refuse(self.number, name, "more than any rate")
        try:
            return cents_from_decimal(number)
        except AmountRefused:
            refuse(self.number, name, "it has a fraction of a cent")

    def percent(self) -> int | None:
        """A percentage in basis points."""
        if "percent" not in self.cells:
            return None
        text = self.cells["percent"]
        number = self._decimal("percent", text.removesuffix("%").strip())
        if not text.endswith("%") and 0 < number <= LEAST_BARE_PERCENT:
            refuse(self.number, "percent", "it looks like a fraction; write 110 or 110%")
        if number > MOST_PERCENT or (number * 100) % 1:
            refuse(self.number, "percent", "at most 1000, to two places")
        return int(number * 100)

    def schedule_day(self, years_day: YearsDay) -> date | None:
        """The day whose fee schedule is meant, when one is fixed."""
        if "medicare_on" in self.cells and "medicare_year" in self.cells:
            refuse(self.number, "medicare_year", "either the year or the day is wanted")
        if "medicare_year" not in self.cells:
            return self.day("medicare_on")
        year = self.whole("medicare_year")
        if year is None or not 1990 <= year <= 2100:
            refuse(self.number, "medicare_year", "a year of four digits is wanted")
        return years_day(year)

    def locality(self) -> Locality | None:
        """Medicare's carrier and locality."""
        said = self.cells.get("locality")
        if said is None:
            return None
        if said.lower() == NATIONAL:
            return NATIONWIDE
        found = LOCALITY.match(said)
        if found is None:
            refuse(self.number, "locality", "carrier and locality are wanted, as 14212-01, or national")
        return Locality(carrier=found[1], locality=found[2])

    def whole(self, name: str) -> int | None:
        """A whole number above nothing."""
        if name not in self.cells:
            return None
        if not re.fullmatch(r"[0-9]{1,4}", self.cells[name]) or not int(self.cells[name]):
            refuse(self.number, name, "a whole number above nothing is wanted")
        return int(self.cells[name])

    def day(self, name: str) -> date | None:
        """A date."""
        if name not in self.cells:
            return None
        try:
            return date.fromisoformat(self.cells[name])
        except ValueError:
            refuse(self.number, name, "a date is wanted, as 2026-01-31")

    def _decimal(self, name: str, text: str) -> Decimal:
        try:
            number = Decimal(text)
        except InvalidOperation:
            refuse(self.number, name, "it is no number")
        if not number.is_finite() or not re.fullmatch(r"-?[0-9]*\.?[0-9]*", text):
            refuse(self.number, name, "it is no number")
        if number < 0:
            refuse(self.number, name, "it is negative")
        return number


def refuse(row: int, column: str, reason: str) -> NoReturn:
    """Raise RateSheetRefused for a row, and its column where one is at fault."""
    where = f"row {row}, {column}" if column else f"row {row}"
    raise RateSheetRefused(f"{where}: {reason}", pointer=f"/rows/{row}{f'/{column}' if column else ''}")
