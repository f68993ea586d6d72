"""KX: lines that take a patient's therapy above the year's threshold, by allowed amounts as processed."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, TypeAlias, cast

from msgspec import Struct

from billing_rules.money import Cents
from billing_rules.packs.rows import Threshold
from billing_rules.packs.shelf import Shelf

KX = "KX"
Bucket: TypeAlias = Literal["PT_SLP", "OT"]
"""Physical and speech therapy share one threshold, occupational therapy has its own (SSA §1833(g))."""

BUCKET_OF: dict[str, Bucket] = {"GP": "PT_SLP", "GN": "PT_SLP", "GO": "OT"}
BUCKET_OF_DISCIPLINE: dict[str, Bucket] = {"PT": "PT_SLP", "SLP": "PT_SLP", "OT": "OT"}
SOURCE = 'SSA §1833(g)(1)(B) "more than"; CMS Pub 100-04 ch. 5 §10.3'


class ThresholdUnknown(ValueError):
    """Raised for a year before the first one whose threshold is known."""


class YearThreshold(Struct, frozen=True, kw_only=True):
    """The sum of a year and bucket; provisional when it is an earlier year's, for want of the real one."""

    amount_cents: Cents
    year: int
    is_provisional: bool


class Crossing(Struct, frozen=True, kw_only=True):
    """Which lines, in processing order, are above the threshold, and what is accrued after them."""

    kx: tuple[bool, ...]
    after_cents: Cents


def bucket_of(modifier: str) -> Bucket:
    """The bucket that a discipline's modifier counts in; raises ValueError for another modifier."""
    if modifier not in BUCKET_OF:
        raise ValueError(f"/modifier: {modifier} is no discipline's modifier.")
    return BUCKET_OF[modifier]


def year_threshold(shelf: Shelf, year: int, bucket: Bucket) -> YearThreshold:
    """The year's sum; until it is known, the last year's marked provisional. Raises ThresholdUnknown."""
    on = date(year, 1, 1)
    for asked in range(year, year - 3, -1):
        rows = cast(tuple[Threshold, ...], shelf.find("thresholds", f"kx|{asked}|{bucket}", on=on))
        known = [row.amount_cents for row in rows if row.amount_cents is not None]
        if known:
            return YearThreshold(amount_cents=known[0], year=asked, is_provisional=asked != year)
    raise ThresholdUnknown(f"/year: no therapy threshold is known for {year} or the years before it.")


def lines_above(threshold_cents: Cents, accrued_cents: Cents, allowed: Sequence[Cents]) -> Crossing:
    """A line is above when what is accrued before it and its own allowed amount are more than the threshold.

    At exactly the threshold it is not. The whole of a crossing line is above.
    """
    marks = []
    for cents in allowed:
        accrued_cents += cents
        marks.append(accrued_cents > threshold_cents)
    return Crossing(kx=tuple(marks), after_cents=accrued_cents)
