"""Co-treatment: two disciplines with one patient in the same minutes, and how many units that makes."""

from collections.abc import Sequence

from msgspec import Struct

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.code_table import procedure_code
from billing_rules.therapy.minutes import accept_minutes, blocks_earned
from billing_rules.therapy.payer_rules import COTREATMENT_TIME, Asked, CotreatmentTime, ask


class CotreatmentRefused(ValueError):
    """Raised for a co-treatment of fewer than two disciplines."""


class Cotreatment(Struct, frozen=True, kw_only=True):
    """Units that all disciplines together may bill, and whether each may bill the whole time."""

    most_units: int
    each_bills_all: bool


def cotreatment(
    book: RuleBook, asked: Asked, code: str, minutes: int | None, disciplines: Sequence[str]
) -> Cotreatment:
    """The units of shared minutes by the payer's rule; a service per session counts once.

    Raises CotreatmentRefused, MinutesRefused, CodeUnknown, NoRuleInForce.
    """
    if len(set(disciplines)) < 2:
        raise CotreatmentRefused("Co-treatment needs two disciplines.")
    shared = accept_minutes(minutes, "/same_patient_same_time_minutes")
    row = procedure_code(code)
    units = blocks_earned(shared, row.block_minutes, row.threshold) if row.block_minutes else 1
    time: CotreatmentTime = ask(book, COTREATMENT_TIME, asked).read(CotreatmentTime)  # type: ignore[arg-type]
    each = time == "each"
    return Cotreatment(most_units=units * len(set(disciplines)) if each else units, each_bills_all=each)
