"""Which sessions may share minutes: groups of one clinician, and a code × code matrix for one patient."""

from typing import Literal, TypeAlias

from msgspec import Struct

Effect: TypeAlias = Literal["bill_both", "subtract_overlap"]
"""Both bill the shared minutes, or they are taken off the code that the pair names."""


class ConcurrentPair(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two codes (or disciplines) that a payer takes for one patient at once, and on what condition.

    `subtract_from` is the code that loses the shared minutes where the payer pays only one of the two.
    """

    first: str
    second: str
    effect: Effect
    subtract_from: str | None = None
    condition: str = ""

    def matches(self, one: str, other: str) -> bool:
        """Whether it speaks of two codes, in whatever order."""
        return {self.first, self.second} == {one, other}


class ConcurrentSessions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a payer lets run at once: groups and pairs of one clinician, and the matrix for one patient."""

    group_codes: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    matrix: tuple[ConcurrentPair, ...] = ()

    def allow(self, first: str, second: str) -> bool:
        """Whether one clinician may give both at once: both are group codes, or the payer names the pair."""
        if first in self.group_codes and second in self.group_codes:
            return True
        return (first, second) in self.pairs or (second, first) in self.pairs

    def for_patient(
        self, first: str, second: str, disciplines: tuple[str, str] = ("", "")
    ) -> ConcurrentPair | None:
        """What the payer says of two clinicians with one patient; pairs of codes before disciplines."""
        by_code = (pair for pair in self.matrix if pair.matches(first, second))
        by_discipline = (pair for pair in self.matrix if all(disciplines) and pair.matches(*disciplines))
        return next(by_code, None) or next(by_discipline, None)
