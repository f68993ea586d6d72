"""Money in whole cents: reading it, showing it, taking a share and splitting without losing a cent."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeAlias

Cents: TypeAlias = int
"""An amount in US cents; an alias, so that arithmetic and msgspec need no help."""

BASIS_POINTS = 10_000


class AmountRefused(ValueError):
    """Raised for an amount that whole cents cannot hold: a fraction of a cent, NaN or infinity."""


class SplitRefused(ValueError):
    """Raised for a split that has no answer: a negative total or weight, or no weight at all."""


def cents_from_decimal(amount: Decimal) -> Cents:
    """Read dollars as cents exactly; raises AmountRefused rather than round."""
    if not amount.is_finite():
        raise AmountRefused(f"{amount} is not an amount of money.")
    cents = amount.scaleb(2)
    if cents != cents.to_integral_value():
        raise AmountRefused(f"{amount} has a fraction of a cent.")
    return int(cents)


def dollars(cents: Cents) -> str:
    """Show cents as dollars, for people: 123456 is "$1,234.56" and -5 is "-$0.05"."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}${whole:,}.{rest:02d}"


def percent(cents: Cents, basis_points: int) -> Cents:
    """A share in basis points (10,000 is all of it), halves away from zero so that a reversal mirrors it."""
    share, rest = divmod(abs(cents * basis_points), BASIS_POINTS)
    rounded = share + (1 if 2 * rest >= BASIS_POINTS else 0)
    return rounded if cents * basis_points >= 0 else -rounded


def split(total_cents: Cents, weights: Sequence[int], keys: Sequence[str] | None = None) -> list[Cents]:
    """Split by weight, largest remainder first; the parts sum to the total and none is negative.

    Cents left over go to the largest remainders; among equal remainders to the larger weight, then to the
    smaller key. With distinct keys each key's part is the same in whatever order the weights arrive; without
    keys, equal weights that compete for the last cent are served in the order given.
    """
    whole = sum(weights)
    if total_cents < 0 or any(weight < 0 for weight in weights) or whole == 0:
        raise SplitRefused(
            f"{total_cents} cents cannot be split by {len(weights)} weights summing to {whole}."
        )
    if keys is not None and len(keys) != len(weights):
        raise SplitRefused(f"{len(weights)} weights came with {len(keys)} keys.")
    parts = [total_cents * weight // whole for weight in weights]
    order = sorted(
        range(len(weights)), key=lambda at: _claim_to_a_cent(total_cents, weights, whole, keys, at)
    )
    for at in order[: total_cents - sum(parts)]:
        parts[at] += 1
    return parts


def _claim_to_a_cent(
    total_cents: Cents, weights: Sequence[int], whole: int, keys: Sequence[str] | None, at: int
) -> tuple[int, int, str]:
    remainder = total_cents * weights[at] % whole
    return (-remainder, -weights[at], "" if keys is None else keys[at])
