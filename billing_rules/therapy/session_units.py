"""From what was documented on one day to units by code: each code by the way its minutes count."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.code_table import ProcedureCode, addon_of, procedure_code
from billing_rules.therapy.minutes import Threshold, accept_minutes, blocks_earned
from billing_rules.therapy.payer_rules import (
    Asked,
    crisis_addon_first_minute,
    state_rounding,
    total_time_per_discipline,
    unit_method,
)
from billing_rules.therapy.psychotherapy import code_by_time, crisis_codes
from billing_rules.therapy.time_families import base_plus_addon_units
from billing_rules.therapy.timed_units import Rounding, UnitAnswer, UnitMethod, timed_units

EVERY_DISCIPLINE = "all"


class Documented(Struct, frozen=True, kw_only=True):
    """One code of a signed note; minutes may be null only for codes that are not timed."""

    code: str
    discipline: str
    minutes: int | None


class Counting(Struct, frozen=True, kw_only=True):
    """What the payer's rules say of counting, resolved for the date of service."""

    method: UnitMethod
    per_discipline: bool
    crisis_addon_first_minute: int
    state_rounding: Rounding | None = None


class EarnedUnits(Struct, frozen=True, kw_only=True):
    """Units of one code of one discipline, with the sentence that explains them; zero units are stated."""

    code: str
    discipline: str
    minutes: int
    units: int
    explanation: str


class SessionUnits(Struct, frozen=True, kw_only=True):
    """The whole day: units by code, and the pools of timed minutes behind them with their ties."""

    units: tuple[EarnedUnits, ...]
    pools: dict[str, UnitAnswer]

    @property
    def undecided(self) -> dict[str, UnitAnswer]:
        """Pools with a tie that no clinician has settled yet."""
        return {
            pool: answer for pool, answer in self.pools.items() if answer.tie and answer.tie.chosen is None
        }


def counting(book: RuleBook, asked: Asked) -> Counting:
    """How the payer counts on a date of service, from the rule book; raises NoRuleInForce."""
    method = unit_method(book, asked)
    return Counting(
        method=method,
        per_discipline=total_time_per_discipline(book, asked),
        crisis_addon_first_minute=crisis_addon_first_minute(book, asked),
        state_rounding=state_rounding(book, asked) if method == "state_rounding" else None,
    )


class _Spent(Struct):
    """Minutes of one code of one discipline, and in how many notes."""

    minutes: int = 0
    times: int = 0


_Key = tuple[str, str]


def session_units(
    documented: Iterable[Documented], counting: Counting, choices: Mapping[str, Sequence[str]] | None = None
) -> SessionUnits:
    """Units of one patient and one date of service; the order of the documentation does not matter.

    Minutes of a code documented more than once are summed. Choices are the clinician's, by pool: the
    discipline with its codes, or "all" with "PT/97110" where a payer pools disciplines. Raises CodeUnknown,
    MinutesRefused and ChoiceRefused.
    """
    spent = _sum(documented)
    pools = {
        pool: timed_units(
            minutes,
            method=counting.method,
            choice=(choices or {}).get(pool),
            state_rounding=counting.state_rounding,
        )
        for pool, minutes in _pool(spent, counting).items()
    }
    earned = [
        unit
        for (discipline, code), time in spent.items()
        for unit in _earned(procedure_code(code), discipline, time, counting, pools)
    ]
    return SessionUnits(
        units=tuple(sorted(earned, key=lambda unit: (unit.discipline, unit.code))), pools=pools
    )


def _sum(documented: Iterable[Documented]) -> dict[_Key, _Spent]:
    """Minutes by discipline and code; an add-on's are its base's, because they are one stretch of time."""
    spent: dict[_Key, _Spent] = defaultdict(_Spent)
    for at, note in enumerate(documented):
        row = procedure_code(note.code, f"/{at}/code")
        given = 0 if note.minutes is None and not row.is_timed else note.minutes
        code = row.primary[0] if row.basis in ("addon", "crisis") and row.primary else row.code
        time = spent[note.discipline, code]
        time.minutes += accept_minutes(given, f"/{at}/minutes")
        time.times += 1
    return spent


def _pool(spent: Mapping[_Key, _Spent], counting: Counting) -> dict[str, dict[str, int]]:
    pools: dict[str, dict[str, int]] = defaultdict(dict)
    for (discipline, code), time in spent.items():
        if procedure_code(code).is_pooled:
            pool, name = _name(discipline, code, counting)
            pools[pool][name] = time.minutes
    return pools


def _name(discipline: str, code: str, counting: Counting) -> tuple[str, str]:
    return (discipline, code) if counting.per_discipline else (EVERY_DISCIPLINE, f"{discipline}/{code}")


def _earned(
    row: ProcedureCode, discipline: str, time: _Spent, counting: Counting, pools: Mapping[str, UnitAnswer]
) -> Iterator[EarnedUnits]:
    threshold: Threshold = "full" if counting.method == "strict_15" else row.threshold
    if row.is_pooled:
        pool, name = _name(discipline, row.code, counting)
        counted = [(row.code, pools[pool].units[name], pools[pool].explanation)]
    elif row.basis == "base":
        counted = _base_and_addon(row, time.minutes, threshold)
    elif row.basis == "crisis":
        crisis = crisis_codes(time.minutes, addon_first_minute=counting.crisis_addon_first_minute)
        said = f"{time.minutes} min of crisis psychotherapy."
        counted = [("90839", int(crisis.base is not None), said), ("90840", crisis.addon_units, said)]
    else:
        counted = [_alone(row, time, threshold, counting.state_rounding)]
    for code, units, explanation in counted:
        yield EarnedUnits(
            code=code, discipline=discipline, minutes=time.minutes, units=units, explanation=explanation
        )


def _base_and_addon(row: ProcedureCode, minutes: int, threshold: Threshold) -> list[tuple[str, int, str]]:
    addon = addon_of(row.code)
    assert row.block_minutes, f"{row.code} has no block of time"
    assert addon is not None, f"{row.code} has no add-on"
    assert addon.block_minutes, f"{addon.code} has no block of time"
    family = base_plus_addon_units(
        minutes, base_minutes=row.block_minutes, addon_minutes=addon.block_minutes, threshold=threshold
    )
    return [
        (row.code, family.base_units, family.explanation),
        (addon.code, family.addon_units, family.explanation),
    ]


def _alone(
    row: ProcedureCode, time: _Spent, threshold: Threshold, rounding: Rounding | None
) -> tuple[str, int, str]:
    if row.basis == "timed" and rounding and row.block_minutes == rounding.block_minutes:
        said = f"{time.minutes} min, a unit from {rounding.least_minutes} min of each block, this code alone."
        return row.code, rounding.units(time.minutes), said
    if row.basis == "timed" and row.block_minutes:
        units = blocks_earned(time.minutes, row.block_minutes, threshold)
        return row.code, units, f"{time.minutes} min in blocks of {row.block_minutes}, this code alone."
    if row.basis == "range":
        by_time = code_by_time(row.code, time.minutes)
        return (
            row.code,
            time.times if by_time else 0,
            f"{time.minutes} min are {by_time or 'not reportable'}.",
        )
    return row.code, time.times, f"Not timed: once for each of {time.times} documented."
