"""The multiple procedure payment reduction of "always therapy" codes: one unit a day keeps it all.

The single unit with the highest practice expense keeps 100 % of it; every other unit of an indicator-5 code,
of whatever discipline, line or claim of the same practice, patient and day, keeps the payer's part. Work and
malpractice are never cut; among equal practice expenses the highest total fee keeps its own (42 CFR
414.65(f), Noridian and NGS on the therapy reduction).
"""

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from billing_rules.money import Cents
from billing_rules.therapy.fee_schedules import Fee
from billing_rules.therapy.payment_trace import AmountUnknown


class ReducedUnits(Struct, frozen=True, kw_only=True):
    """What the units of one entry are allowed, in order; bounds stand where the exact sum is not known."""

    unit_cents: tuple[Cents, ...] | None
    at_least_cents: tuple[Cents, ...] | None
    at_most_cents: tuple[Cents, ...]
    reason: str | None
    keeps_full: bool


def reduce_day(entries: Sequence[tuple[Fee, int]], practice_expense_basis_points: int) -> list[ReducedUnits]:
    """The units of one patient's day, each entry a fee with its units; entries that share a day come at once.

    Where the practice expense is not apart, a sole unit is exact and the others are bounded, with the reason.
    """
    subject = [at for at, (fee, units) in enumerate(entries) if fee.reducible is not False and units]
    alone = sum(entries[at][1] for at in subject) == 1
    if alone or practice_expense_basis_points == 10_000:
        subject = []
    certain = all(entries[at][0].parts is not None and entries[at][0].reducible for at in subject)
    one_code = len({entries[at][0].code for at in subject}) == 1
    top = (
        max(subject, key=lambda at: _rank(entries[at][0], at)) if subject and (certain or one_code) else None
    )
    told = []
    for at, (fee, units) in enumerate(entries):
        if at not in subject:
            told.append(_exact((fee.full_cents,) * units, keeps_full=True))
        elif certain:
            told.append(_reduced(fee, units, practice_expense_basis_points, is_top=at == top))
        else:
            told.append(_bounded(fee, units, practice_expense_basis_points, is_top=at == top))
    return told


def _rank(fee: Fee, at: int) -> tuple[Decimal, Cents, int]:
    expense = fee.parts.pe if fee.parts else Decimal(0)
    return (expense, fee.full_cents, -at)


def _exact(cents: tuple[Cents, ...], *, keeps_full: bool) -> ReducedUnits:
    return ReducedUnits(
        unit_cents=cents, at_least_cents=cents, at_most_cents=cents, reason=None, keeps_full=keeps_full
    )


def _reduced(fee: Fee, units: int, basis_points: int, *, is_top: bool) -> ReducedUnits:
    cut = fee.reduced_cents(basis_points)
    first = fee.full_cents if is_top else cut
    return _exact((first, *(cut,) * (units - 1)), keeps_full=is_top)


def _bounded(fee: Fee, units: int, basis_points: int, *, is_top: bool) -> ReducedUnits:
    """Between everything that is not work cut, and nothing cut."""
    try:
        exact = fee.reduced_cents(basis_points)
        least, reason = (
            exact,
            "another unit of the day has no practice expense apart, so which unit keeps all cannot be told",
        )
    except AmountUnknown as unknown:
        reason = unknown.reason
        least = unknown.at_least_cents if unknown.at_least_cents is not None else 0
    if is_top and units == 1:
        return _exact((fee.full_cents,), keeps_full=True)
    first = fee.full_cents if is_top else least
    return ReducedUnits(
        unit_cents=None,
        at_least_cents=(first, *(least,) * (units - 1)),
        at_most_cents=(fee.full_cents,) * units,
        reason=reason,
        keeps_full=False,
    )
