"""Patterns of payers' numbers, in a language too small to be slow: read once, matched in one pass."""

import re
from functools import cache

from msgspec import Struct

LONGEST_PATTERN = 200
MOST_REPEATS = 80

_ATOM = re.compile(
    r"(?P<atom>\[[A-Z0-9\- ]+\]|[A-Z0-9\- ])(?P<times>\?|\{(?P<low>\d{1,2})(,(?P<high>\d{1,2}))?\})?"
)
_RANGE = re.compile(r"([A-Z0-9])-([A-Z0-9])|([A-Z0-9\- ])")


class FormatRefused(ValueError):
    """Raised for a pattern that is not in the small language of payers' numbers."""


class Step(Struct, frozen=True):
    """One place of a number: which characters may stand there, and whether it may be left out."""

    characters: frozenset[str]
    optional: bool


class NumberFormat(Struct, frozen=True):
    """A payer's pattern: alternatives of steps."""

    alternatives: tuple[tuple[Step, ...], ...]

    def takes(self, number: str) -> bool:
        """Whether the whole number fits one alternative; the time grows with its length and the pattern's."""
        return any(_fits(steps, number) for steps in self.alternatives)


@cache
def read_format(pattern: str) -> NumberFormat:
    """Read a pattern of literals, [classes], ?, {n}, {n,m} and |; raises FormatRefused."""
    if not pattern or len(pattern) > LONGEST_PATTERN:
        raise FormatRefused(f"a pattern has 1 to {LONGEST_PATTERN} characters")
    return NumberFormat(tuple(_steps(part) for part in pattern.split("|")))


def _steps(part: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    at = 0
    while at < len(part):
        atom = _ATOM.match(part, at)
        if atom is None:
            raise FormatRefused(f"the pattern is not read from its character {at + 1} on")
        steps += _repeated(_characters(atom["atom"]), atom)
        at = atom.end()
    if not 1 <= len(steps) <= MOST_REPEATS:
        raise FormatRefused(f"an alternative has 1 to {MOST_REPEATS} places")
    return tuple(steps)


def _repeated(characters: frozenset[str], atom: re.Match[str]) -> list[Step]:
    if atom["times"] == "?":
        return [Step(characters, True)]
    low = int(atom["low"]) if atom["low"] else 1
    high = int(atom["high"]) if atom["high"] else low
    if high < low:
        raise FormatRefused("a repetition ends before it starts")
    return [Step(characters, False)] * low + [Step(characters, True)] * (high - low)


def _characters(atom: str) -> frozenset[str]:
    if not atom.startswith("["):
        return frozenset(atom)
    found: set[str] = set()
    for first, last, single in _RANGE.findall(atom[1:-1]):
        if first > last:
            raise FormatRefused(f"the range {first}-{last} runs backwards")
        found.update(single or (chr(c) for c in range(ord(first), ord(last) + 1)))
    return frozenset(found)


def _fits(steps: tuple[Step, ...], number: str) -> bool:
    """Walk all places that the pattern may stand at together, so that nothing is tried twice."""
    standing = _forward(steps, {0})
    for character in number:
        standing = _forward(
            steps, {at + 1 for at in standing if at < len(steps) and character in steps[at].characters}
        )
    return len(steps) in standing


def _forward(steps: tuple[Step, ...], standing: set[int]) -> set[int]:
    for at in range(len(steps)):
        if at in standing and steps[at].optional:
            standing.add(at + 1)
    return standing
