"""What a planned session will probably draw: its minutes spread over its timed codes."""

from collections.abc import Sequence
from datetime import date

from billing_rules.money import split
from billing_rules.therapy.code_table import find_code
from billing_rules.therapy.session_units import Counting, Documented, session_units
from domain.allowances.limits import Line
from tenants.errors import Invalid


def accept_codes(codes: Sequence[str], pointer: str, *days: date) -> None:
    """Raise Invalid, naming the place, for a procedure code that is not known, stands twice or is missing.

    For the days on which it is planned here it must be valid too: nothing past its end date is selected anew.
    """
    if not codes:
        raise Invalid("at least one procedure is planned", pointer=pointer)
    for at, code in enumerate(codes):
        row = find_code(code)
        if row is None:
            raise Invalid("the procedure code is not known", pointer=f"{pointer}/{at}")
        if not all(row.is_valid_on(day) for day in days):
            raise Invalid("the procedure code is not valid on this date", pointer=f"{pointer}/{at}")
    if len(set(codes)) != len(codes):
        raise Invalid("a procedure code stands twice", pointer=pointer)


def planned_lines(
    codes: Sequence[str], discipline: str, minutes: int, counting: Counting
) -> tuple[Line, ...]:
    """The lines of a session of so many minutes if its time is shared evenly by its timed codes."""
    timed = [code for code in codes if (row := find_code(code)) is not None and row.is_timed]
    shares = dict(zip(timed, split(minutes, [1] * len(timed)), strict=True)) if timed else {}
    notes = [Documented(code=code, discipline=discipline, minutes=shares.get(code)) for code in codes]
    earned = session_units(notes, counting).units
    return tuple(
        Line(code=unit.code, minutes=shares.get(unit.code), units=unit.units) for unit in earned if unit.units
    )
