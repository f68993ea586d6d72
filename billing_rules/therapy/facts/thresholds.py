"""How much therapy a patient has had in a year, by bucket, when this claim's turn comes."""

from datetime import date

from msgspec import Struct

from billing_rules.money import Cents
from billing_rules.therapy.modifiers.thresholds import Bucket


class AllowedLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a line of this claim, counted from 0, is expected to be allowed; null where nobody knows.

    The fee schedule may bound it where it does not tell it, and the charge does, because the lesser of charge
    and fee is allowed; a charge is never taken for it.
    """

    line: int
    allowed_cents: Cents | None
    at_most_cents: Cents
    at_least_cents: Cents = 0

    @property
    def sure_cents(self) -> Cents:
        """What is allowed at the least."""
        return self.at_least_cents if self.allowed_cents is None else self.allowed_cents


class TherapyAccrual(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is accrued before this claim, in processing order; without a look-up it is a lower bound.

    `unknown_lines` are earlier lines of ours, not answered yet, whose allowed amount nobody knows; they are
    at most `unknown_at_most_cents`.
    """

    year: int
    bucket: Bucket
    accrued_cents: Cents
    looked_up_on: date | None
    unknown_lines: int
    unknown_at_most_cents: Cents
    lines: tuple[AllowedLine, ...]
