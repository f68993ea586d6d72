"""Adjustment reason codes: their category, how preventable they are, and what to do next, in our own words.

Never choose who pays by the reason code: the group code decides.
"""

from datetime import date
from functools import cache
from typing import Literal, TypeAlias

from msgspec import Struct

from billing_rules.tables import read_table

Preventable: TypeAlias = Literal["high", "medium", "low"]


class AdjustmentReason(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reason code; null preventability means that nothing went wrong, the last day is inclusive."""

    code: str
    category: str
    preventable: Preventable | None
    words: str
    next_action: str
    ends_on: date | None

    @property
    def category_words(self) -> str:
        """The category as people read it."""
        return self.category.replace("_", " ")


def adjustment_reason(code: str, *, on: date | None = None) -> AdjustmentReason | None:
    """The row of a reason code, or none for one that the table does not hold or that had ended by a date."""
    row = _by_code().get(code.strip().upper())
    if row is not None and on is not None and row.ends_on is not None and row.ends_on < on:
        return None
    return row


@cache
def _by_code() -> dict[str, AdjustmentReason]:
    return {row.code: row for row in read_table("adjustment_reasons.json", AdjustmentReason).rows}
