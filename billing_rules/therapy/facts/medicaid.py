"""What Medicaid asks for besides the claim: plans by date, shares of cost, and orders."""

from datetime import date
from typing import Literal

from msgspec import Struct

from billing_rules.days import within
from billing_rules.money import Cents


class PlanFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Medicaid plan of the same case, and when it is in force; dates are inclusive."""

    plan: str
    starts_on: date
    ends_on: date | None

    def is_in_force(self, on: date) -> bool:
        """Whether it answers for a date of service."""
        return within(on, self.starts_on, self.ends_on)


class CostShareFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the patient bears in a month, what of it was borne, and the day on which it was all borne."""

    month_on: date
    kind: Literal["spend_down", "share_of_cost"]
    amount_cents: Cents
    borne_cents: Cents
    met_on: date | None


class OrderFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order or referral of the case; `enrolled` are the periods for which the payer has its author."""

    discipline: str | None
    starts_on: date
    ends_on: date | None
    enrolled: tuple[tuple[date, date | None], ...]

    def covers(self, on: date, discipline: str | None) -> bool:
        """Whether the order is for the discipline on the date."""
        in_dates = within(on, self.starts_on, self.ends_on)
        return in_dates and self.discipline in (None, discipline)

    def is_enrolled(self, on: date) -> bool:
        """Whether its author was enrolled on the date."""
        return any(first <= on and (last is None or on <= last) for first, last in self.enrolled)


class MedicaidFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is recorded of a claim's Medicaid side; all empty for a patient without any."""

    other_plans: tuple[PlanFacts, ...] = ()
    cost_shares: tuple[CostShareFacts, ...] = ()
    orders: tuple[OrderFacts, ...] = ()
