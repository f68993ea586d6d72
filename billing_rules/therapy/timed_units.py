"""Units of 15-minute codes: the CMS total of the day, the AMA midpoint per code, strict full blocks."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from billing_rules.therapy.minutes import accept_minutes, accept_minutes_by_code

UnitMethod: TypeAlias = Literal["cms_total_time", "ama_per_code", "strict_15", "state_rounding"]
"""How a payer turns minutes into units (rule unit_method); state rounding has a rule with its numbers."""

BLOCK_MINUTES = 15
LEAST_MINUTES = 8

SOURCES: dict[UnitMethod, str] = {
    "cms_total_time": "CMS Pub 100-04 ch. 5 §20.2",
    "ama_per_code": "AMA CPT introduction, Time",
    "strict_15": "Payer manual: completed 15-minute blocks only",
    "state_rounding": "State manual, as the rule state_rounding has it",
}


class Rounding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The block of a unit, the least minutes of a block that earn one, and whether minutes are pooled.

    Pooled minutes are rounded over the day and allocated to the largest remainders, else code by code.
    """

    block_minutes: int
    least_minutes: int
    pooled: bool

    def __post_init__(self) -> None:
        """Raises ValueError for a block that no minutes could earn."""
        if not 1 <= self.least_minutes <= self.block_minutes:
            raise ValueError("the least minutes of a unit lie within its block")

    def units(self, minutes: int) -> int:
        """Units of so many minutes."""
        full, rest = divmod(minutes, self.block_minutes)
        return full + (rest >= self.least_minutes)


ROUNDINGS: dict[UnitMethod, Rounding] = {
    "cms_total_time": Rounding(block_minutes=BLOCK_MINUTES, least_minutes=LEAST_MINUTES, pooled=True),
    "ama_per_code": Rounding(block_minutes=BLOCK_MINUTES, least_minutes=LEAST_MINUTES, pooled=False),
    "strict_15": Rounding(block_minutes=BLOCK_MINUTES, least_minutes=BLOCK_MINUTES, pooled=False),
}
"""How the known methods round; a state's own rounding is a rule's value."""


class UnitMethodUnknown(ValueError):
    """Raised when a rule names a method that this product does not know."""


class ChoiceRefused(ValueError):
    """Raised when a clinician's choice does not settle the tie there is; the field is /choice."""

    field = "/choice"


class CodeUnits(Struct, frozen=True, kw_only=True):
    """What one code earned: full blocks, the remainder, and whether the remainder won a left-over unit."""

    code: str
    minutes: int
    full_units: int
    remainder_minutes: int
    won_leftover: bool
    units: int


class Tie(Struct, frozen=True, kw_only=True):
    """Equal remainders at the cut: the clinician picks so many of these codes, each for one more unit."""

    pick: int
    among: tuple[str, ...]
    proposed: tuple[str, ...]
    chosen: tuple[str, ...] | None


class MethodResult(Struct, frozen=True, kw_only=True):
    """What another method would have given for the same minutes."""

    method: UnitMethod
    total_units: int
    units: dict[str, int]


class UnitAnswer(Struct, frozen=True, kw_only=True):
    """Units of one patient, day and discipline, and what explains them; lines are sorted by code."""

    method: UnitMethod
    source: str
    total_minutes: int
    total_units: int
    leftover_units: int
    lines: tuple[CodeUnits, ...]
    tie: Tie | None
    explanation: str
    state_rounding: Rounding | None

    @property
    def other_methods(self) -> tuple[MethodResult, ...]:
        """What each other method would have given for the same minutes."""
        return _other_methods(
            {line.code: line.minutes for line in self.lines}, self.method, self.state_rounding
        )

    @property
    def units(self) -> dict[str, int]:
        """Units by code, zeros included."""
        return {line.code: line.units for line in self.lines}


class _Count(Struct, frozen=True):
    """Lines and tie of one method, before they are explained."""

    lines: tuple[CodeUnits, ...]
    leftover_units: int
    tie: Tie | None


def cms_units(total_minutes: int | None) -> int:
    """Units of a day's timed minutes by the CMS table; raises MinutesRefused."""
    return ROUNDINGS["cms_total_time"].units(accept_minutes(total_minutes, "/total_timed_minutes"))


def rounding_of(method: UnitMethod, state_rounding: Rounding | None) -> Rounding:
    """How a method rounds; a state's own comes with its numbers. Raises UnitMethodUnknown."""
    rounding = state_rounding if method == "state_rounding" else ROUNDINGS.get(method)
    if rounding is None:
        raise UnitMethodUnknown(f"{method} is not a way to count units, or its numbers are missing.")
    return rounding


def timed_units(
    minutes: Mapping[str, int | None],
    *,
    method: UnitMethod,
    choice: Sequence[str] | None = None,
    state_rounding: Rounding | None = None,
) -> UnitAnswer:
    """Units of 15-minute codes of one patient, day and discipline.

    The choice is the clinician's persisted one: the codes that take the units tied for. Without it the
    lowest codes are proposed, never the dearer ones; methods that know no tie pass over it.
    Raises MinutesRefused, ChoiceRefused, UnitMethodUnknown.
    """
    rounding = rounding_of(method, state_rounding)
    accepted = accept_minutes_by_code(minutes)
    count = _count(accepted, rounding, choice)
    if choice and count.tie is None and rounding.pooled:
        raise ChoiceRefused("There is no tie to choose for.")
    return _answer(accepted, method, count, state_rounding)


def fits(answer: UnitAnswer, billed: Mapping[str, int]) -> bool:
    """Whether billed units are the answer or, in a tie, one of the allocations a clinician could choose."""
    won = set(answer.tie.among) if answer.tie else set()
    taken = 0
    for line in answer.lines:
        certain = line.units - (1 if line.code in won and line.won_leftover else 0)
        extra = billed.get(line.code, 0) - certain
        if extra not in ((0, 1) if line.code in won else (0,)):
            return False
        taken += extra
    return taken == (answer.tie.pick if answer.tie else 0)


def _answer(
    minutes: Mapping[str, int], method: UnitMethod, count: _Count, state_rounding: Rounding | None
) -> UnitAnswer:
    total = sum(minutes.values())
    return UnitAnswer(
        method=method,
        source=SOURCES[method],
        total_minutes=total,
        total_units=sum(line.units for line in count.lines),
        leftover_units=count.leftover_units,
        lines=count.lines,
        tie=count.tie,
        explanation=_explain(method, count, total),
        state_rounding=state_rounding,
    )


def _count(minutes: Mapping[str, int], rounding: Rounding, choice: Sequence[str] | None) -> _Count:
    block = rounding.block_minutes
    rest = {code: spent % block for code, spent in minutes.items() if spent % block}
    if not rounding.pooled:
        won = frozenset(code for code, left in rest.items() if left >= rounding.least_minutes)
        return _Count(_lines(minutes, won, block), len(won), None)
    full = sum(spent // block for spent in minutes.values())
    leftover = rounding.units(sum(minutes.values())) - full
    winners, tie = _settle(rest, leftover, choice, block)
    return _Count(_lines(minutes, winners, block), leftover, tie)


def _settle(
    rest: Mapping[str, int], leftover: int, choice: Sequence[str] | None, block: int
) -> tuple[frozenset[str], Tie | None]:
    """Who takes the left-over units: the largest remainders outright, equal ones at the cut as a tie."""
    ranked = sorted(rest.values(), reverse=True)
    if leftover == 0 or leftover == len(ranked) or ranked[leftover - 1] > ranked[leftover]:
        cut = ranked[leftover - 1] if leftover else block
        return frozenset(code for code, left in rest.items() if left >= cut), None
    cut = ranked[leftover]
    outright = frozenset(code for code, left in rest.items() if left > cut)
    among = tuple(sorted(code for code, left in rest.items() if left == cut))
    pick = leftover - len(outright)
    chosen = None if choice is None else _accept_choice(choice, pick, among)
    tie = Tie(pick=pick, among=among, proposed=among[:pick], chosen=chosen)
    return outright | frozenset(chosen or tie.proposed), tie


def _accept_choice(choice: Sequence[str], pick: int, among: tuple[str, ...]) -> tuple[str, ...]:
    chosen = tuple(sorted(choice))
    if len(chosen) != pick or len(set(chosen)) != pick or not set(chosen) <= set(among):
        raise ChoiceRefused(f"Choose {pick} of {', '.join(among)}, each once.")
    return chosen


def _lines(minutes: Mapping[str, int], winners: frozenset[str], block: int) -> tuple[CodeUnits, ...]:
    return tuple(
        CodeUnits(
            code=code,
            minutes=spent,
            full_units=spent // block,
            remainder_minutes=spent % block,
            won_leftover=code in winners,
            units=spent // block + (1 if code in winners else 0),
        )
        for code, spent in minutes.items()
    )


def _other_methods(
    minutes: Mapping[str, int], method: UnitMethod, state_rounding: Rounding | None
) -> tuple[MethodResult, ...]:
    known = ROUNDINGS if state_rounding is None else {**ROUNDINGS, "state_rounding": state_rounding}
    results = []
    for other, rounding in known.items():
        if other != method:
            units = {line.code: line.units for line in _count(minutes, rounding, None).lines}
            results.append(MethodResult(method=other, total_units=sum(units.values()), units=units))
    return tuple(results)


def _explain(method: UnitMethod, count: _Count, total: int) -> str:
    units = sum(line.units for line in count.lines)
    parts = [f"{total} timed minutes make {units} units ({SOURCES[method]})."]
    for line in count.lines:
        won = ", which earns one more" if line.won_leftover else ""
        parts.append(
            f"{line.code}: {line.minutes} min = {line.full_units} full, {line.remainder_minutes} left{won}."
        )
    if count.tie and count.tie.chosen is None:
        parts.append(
            f"Equal remainders: the clinician chooses {count.tie.pick} of {_listed(count.tie.among)}."
        )
    elif count.tie:
        parts.append(f"Equal remainders: the clinician chose {_listed(count.tie.chosen or ())}.")
    return " ".join(parts)


def _listed(codes: Sequence[str]) -> str:
    return ", ".join(codes)
