"""The modifiers that the product knows: family, what each contradicts and needs, and the evidence for it."""

from functools import cache, lru_cache
from typing import Literal, TypeAlias

from msgspec import Struct

from billing_rules.tables import read_table

ModifierFamily: TypeAlias = Literal[
    "discipline",
    "assistant",
    "threshold",
    "distinct_service",
    "telehealth",
    "credential",
    "notice",
    "benefit",
    "repeat",
    "laterality",
    "group_size",
    "program",
    "state",
    "reduced",
    "substitute",
]


LINES_KEPT = 4_096
"""Combinations of modifiers whose contradictions stay known: lines carry the same few."""


class ModifierRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One modifier; the label is ours.

    `conflicts` may not stand beside it, `needs_one_of` must where it is not empty, `one_of_family` lets only
    one of its family stand on a line. `evidence` is what the record must show, and `certain` whether the
    product may put it on a line by itself when the record shows that.
    """

    modifier: str
    label: str
    family: ModifierFamily
    conflicts: tuple[str, ...]
    needs_one_of: tuple[str, ...]
    one_of_family: bool
    certain: bool
    evidence: str
    source: str


class Contradiction(Struct, frozen=True, kw_only=True):
    """Two modifiers that may not stand on one line, or one that stands without what it needs."""

    modifier: str
    other: str
    why: str
    source: str


def modifier_row(modifier: str) -> ModifierRow | None:
    """What is known of a modifier, or none: an unknown one may be a state's own."""
    return _by_modifier().get(modifier)


def all_modifiers() -> tuple[ModifierRow, ...]:
    """Every row, in the order of the table."""
    return tuple(_by_modifier().values())


@cache
def of_family(family: ModifierFamily) -> frozenset[str]:
    """The modifiers of one family."""
    return frozenset(row.modifier for row in all_modifiers() if row.family == family)


@lru_cache(LINES_KEPT)
def contradictions(modifiers: tuple[str, ...]) -> tuple[Contradiction, ...]:
    """Which modifiers of one line contradict each other or lack what they need, each pair once."""
    known = [row for one in dict.fromkeys(modifiers) if (row := modifier_row(one))]
    found: dict[frozenset[str], Contradiction] = {}
    for row in known:
        for other in known:
            if row.modifier != other.modifier and _clash(row, other):
                pair = frozenset((row.modifier, other.modifier))
                found.setdefault(pair, _contradiction(row, other.modifier, "may not stand beside"))
        if row.needs_one_of and not set(row.needs_one_of) & set(modifiers):
            needed = " or ".join(row.needs_one_of)
            found[frozenset((row.modifier, needed))] = _contradiction(row, needed, "stands only with")
    return tuple(found.values())


def _clash(row: ModifierRow, other: ModifierRow) -> bool:
    same_kind = row.one_of_family and row.family == other.family
    return same_kind or other.modifier in row.conflicts or row.modifier in other.conflicts


def _contradiction(row: ModifierRow, other: str, verb: str) -> Contradiction:
    return Contradiction(
        modifier=row.modifier, other=other, why=f"{row.modifier} {verb} {other}.", source=row.source
    )


@cache
def _by_modifier() -> dict[str, ModifierRow]:
    return {row.modifier: row for row in read_table("modifiers.json", ModifierRow).rows}
