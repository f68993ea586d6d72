"""Reading a payer's rate sheet: each row becomes a rate, or the whole is refused with row and reason."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from billing_rules.therapy.contracts import Method, RateRow
from domain.practices.ports import Sheet, SheetRow
from domain.practices.rate_cells import RowReader, YearsDay, refuse

FORMULA = ("=", "+", "@")
NEEDED: dict[Method, tuple[str, ...]] = {
    "flat": ("rate",),
    "steps": ("first_unit", "further_units"),
    "percent_of_medicare": ("percent",),
    "percent_of_charge": ("percent",),
    "case_rate": ("rate",),
    "per_diem": ("rate",),
}
ALSO: dict[Method, tuple[str, ...]] = {
    "flat": ("units_per_day",),
    "steps": ("units_per_day",),
    "percent_of_medicare": ("medicare_year", "medicare_on", "locality", "units_per_day"),
}
SERVICE = ("code", "modifiers", "credential", "method", "starts_on", "ends_on")
AMOUNTS = ("rate", "percent", "first_unit", "further_units", "units_per_day")
IGNORED = ("label", "description")
COLUMNS = (*SERVICE, *AMOUNTS, "medicare_year", "medicare_on", "locality", *IGNORED)


def read_rates(sheet: Sheet, years_day: YearsDay) -> tuple[RateRow, ...]:
    """The rates of a sheet in its order; raises RateSheetRefused for the first row at fault.

    The heading names the columns; labels are read over, because code descriptions are licensed.
    """
    if not sheet.rows:
        refuse(1, "", "the sheet is empty")
    heading = _heading(sheet.rows[0])
    rates = tuple(_rate(_named(row, heading), row.number, years_day) for row in sheet.rows[1:])
    if not rates:
        refuse(sheet.rows[0].number, "", "there is no row below the heading")
    _refuse_repeated(rates)
    return rates


def _heading(row: SheetRow) -> tuple[str, ...]:
    names = tuple(cell.lower().replace(" ", "_") for cell in row.cells)
    for at, name in enumerate(names, 1):
        if name not in COLUMNS:
            refuse(
                row.number, "", f"column {at} has a name that is not known; known are {', '.join(COLUMNS)}"
            )
        if names.count(name) > 1:
            refuse(row.number, name, "the column is named twice")
    if "code" not in names:
        refuse(row.number, "code", "the column is missing")
    return names


def _named(row: SheetRow, heading: tuple[str, ...]) -> dict[str, str]:
    if len(row.cells) > len(heading):
        refuse(row.number, "", "there are more cells than columns")
    cells = {name: cell for name, cell in zip(heading, row.cells, strict=False) if cell}
    for name, cell in cells.items():
        if cell.startswith(FORMULA):
            refuse(row.number, name, "the cell holds a formula; a sheet holds amounts")
    return {name: cell for name, cell in cells.items() if name not in IGNORED}


def _rate(cells: Mapping[str, str], number: int, years_day: YearsDay) -> RateRow:
    method = _method(cells, number)
    reader = RowReader(cells, number)
    starts_on, ends_on = reader.day("starts_on"), reader.day("ends_on")
    if starts_on and ends_on and ends_on < starts_on:
        refuse(number, "ends_on", "it ends before it starts")
    return RateRow(
        number=number,
        code=reader.code(),
        modifiers=reader.modifiers(),
        credential=cells.get("credential"),
        method=method,
        rate_cents=reader.amount("first_unit") if method == "steps" else reader.amount("rate"),
        further_cents=reader.amount("further_units"),
        basis_points=reader.percent(),
        medicare_on=reader.schedule_day(years_day),
        locality=reader.locality(),
        units_per_day=reader.whole("units_per_day"),
        starts_on=starts_on,
        ends_on=ends_on,
    )


def _method(cells: Mapping[str, str], number: int) -> Method:
    """As the row says; left blank, a rate is per unit and first and further units are steps."""
    said = cells.get("method", "").lower().replace(" ", "_")
    if not said:
        said = "steps" if "first_unit" in cells else "flat"
        if "percent" in cells:
            refuse(number, "method", "a percentage must say of what, as percent_of_medicare")
    method = next((known for known in NEEDED if known == said), None)
    if method is None:
        refuse(number, "method", f"not known; known are {', '.join(NEEDED)}")
    for name in NEEDED[method]:
        if name not in cells:
            refuse(number, name, f"{method} needs it")
    for name in cells:
        if name not in (*SERVICE, *NEEDED[method], *ALSO.get(method, ())):
            refuse(number, name, f"{method} takes none")
    return method


def _refuse_repeated(rates: Sequence[RateRow]) -> None:
    """No two rows of one service may be in force on the same day."""
    by_key: dict[Any, list[RateRow]] = {}
    for rate in rates:
        for earlier in by_key.setdefault(rate.key, []):
            if _overlap(earlier, rate):
                refuse(rate.number, "code", _repeated(earlier, rate))
        by_key[rate.key].append(rate)


def _repeated(earlier: RateRow, rate: RateRow) -> str:
    dated = any((earlier.starts_on, earlier.ends_on, rate.starts_on, rate.ends_on))
    told = "on overlapping dates" if dated else "again"
    same = "the same rate" if earlier.pays == rate.pays else "another rate"
    service = " ".join((rate.code, *rate.modifiers))
    return f"{service} stands in row {earlier.number} and here {told}, with {same}"


def _overlap(one: RateRow, other: RateRow) -> bool:
    return (one.starts_on or date.min) <= (other.ends_on or date.max) and (other.starts_on or date.min) <= (
        one.ends_on or date.max
    )
