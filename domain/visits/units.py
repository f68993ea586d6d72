"""From the minutes of a note to units; what the note says otherwise is a query, never corrected silently."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from billing_rules.therapy.code_table import find_code, procedure_code
from billing_rules.therapy.psychotherapy import code_by_time
from billing_rules.therapy.session_units import (
    Counting,
    Documented,
    EarnedUnits,
    SessionUnits,
    session_units,
)
from billing_rules.therapy.timed_units import ChoiceRefused, UnitAnswer, fits
from domain.allowances.limits import Line
from tenants.errors import Invalid

UNITS_IN_NOTE = "units.in_note"
TIE = "equal remainders"
DIFFERENCE = "the note has"


class Noted(Protocol):
    """What counting needs of a procedure: an entry of a note, or what is left of it to count."""

    @property
    def code(self) -> str:
        """The procedure code."""
        ...

    @property
    def minutes(self) -> int | None:
        """Its minutes, null where they do not decide."""
        ...

    @property
    def units_in_note(self) -> int | None:
        """The units that the note names, if it does."""
        ...


class Counted(Struct, frozen=True, kw_only=True):
    """Units by code, and the sentences for which a person must look before they are charged."""

    earned: tuple[EarnedUnits, ...]
    queries: tuple[str, ...]
    pools: dict[str, UnitAnswer]


def count_units(
    services: Sequence[Noted],
    discipline: str,
    how: Counting,
    choices: Mapping[str, Sequence[str]],
) -> Counted:
    """Count by the payer's rules; a tie is settled by the clinician's choice or by the note's own units.

    Raises Invalid for a choice that settles no tie.
    """
    notes = [Documented(code=s.code, discipline=discipline, minutes=s.minutes) for s in services]
    try:
        counted = session_units(notes, how, choices)
    except ChoiceRefused as refused:
        raise Invalid(str(refused), pointer="/unit_choices") from refused
    noted = _noted(services)
    settled = {pool: _chosen(tie, noted, pool) for pool, tie in counted.undecided.items()}
    by_note = {pool: codes for pool, codes in settled.items() if codes}
    if by_note:
        counted = session_units(notes, how, {**choices, **by_note})
    queries = (*_ties(counted), *_differences(counted, noted), *_times(services))
    return Counted(earned=counted.units, queries=queries, pools=counted.pools)


def rule_of_query(query: str) -> str:
    """The check that a question about units belongs to."""
    if query.startswith(TIE):
        return "units.tie"
    return UNITS_IN_NOTE if query.startswith(DIFFERENCE) else "procedure.by_time"


def drawing_lines(earned: Sequence[EarnedUnits]) -> tuple[Line, ...]:
    """The lines that draw on limits; a base code and its add-on share their minutes."""
    return tuple(
        Line(code=unit.code, minutes=_own_minutes(unit), units=unit.units) for unit in earned if unit.units
    )


def _own_minutes(unit: EarnedUnits) -> int | None:
    row = procedure_code(unit.code)
    if not row.is_timed:
        return None
    if row.period == "month" and row.block_minutes:
        return unit.units * row.block_minutes
    if row.basis == "base" and row.block_minutes:
        return min(unit.minutes, row.block_minutes)
    if row.basis == "addon" and row.primary:
        first = procedure_code(row.primary[0]).block_minutes or 0
        return max(0, unit.minutes - first)
    return unit.minutes


def _noted(services: Sequence[Noted]) -> dict[str, int]:
    """The units that the note names, by code; a code without any is not in it."""
    noted: dict[str, int] = {}
    for service in services:
        if service.units_in_note is not None:
            noted[service.code] = noted.get(service.code, 0) + service.units_in_note
    return noted


def _chosen(answer: UnitAnswer, noted: Mapping[str, int], pool: str) -> list[str]:
    """The codes that the note gave the tied units to, or none when its units do not settle the tie."""
    named = {line.code: noted.get(line.code.rpartition("/")[2]) for line in answer.lines}
    if answer.tie is None or any(units is None for units in named.values()):
        return []
    billed = {code: units for code, units in named.items() if units is not None}
    if not fits(answer, billed):
        return []
    certain = {line.code: line.units - int(line.won_leftover) for line in answer.lines}
    return [code for code in answer.tie.among if billed[code] > certain[code]]


def _ties(counted: SessionUnits) -> list[str]:
    return [
        f"{TIE}: the clinician chooses {answer.tie.pick} of {', '.join(answer.tie.among)}"
        for answer in counted.undecided.values()
        if answer.tie
    ]


def _differences(counted: SessionUnits, noted: Mapping[str, int]) -> list[str]:
    if counted.undecided:
        return []
    earned: dict[str, int] = {}
    for unit in counted.units:
        earned[unit.code] = earned.get(unit.code, 0) + unit.units
    return [
        f"{DIFFERENCE} {units} units of {code}, its minutes make {earned.get(code, 0)}"
        for code, units in sorted(noted.items())
        if earned.get(code, 0) != units
    ]


def _times(services: Sequence[Noted]) -> list[str]:
    queries = []
    for service in services:
        row = find_code(service.code)
        if row is None or row.basis != "range":
            continue
        by_time = code_by_time(service.code, service.minutes)
        if by_time != service.code:
            queries.append(f"{service.minutes} min are {by_time or 'not reportable'}, not {service.code}")
    return queries
