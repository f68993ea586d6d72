"""Good-faith estimates for the uninsured: when they are due, and when a bill above one can be disputed."""

from msgspec import Struct

from billing_rules.money import Cents
from billing_rules.therapy.deadlines import GoodFaithEstimate


class SpanRefused(ValueError):
    """Raised for a count of days that cannot be, such as a service scheduled for the past."""


class EstimateDue(Struct, frozen=True, kw_only=True):
    """The estimate is due so many business days after scheduling or request."""

    business_days: int
    after: str

    def __str__(self) -> str:
        """Say it as the regulation does."""
        days = "day" if self.business_days == 1 else "days"
        return f"{self.business_days} business {days} after {self.after}"


def due_after_scheduling(business_days_ahead: int, rule: GoodFaithEstimate) -> EstimateDue | None:
    """When the estimate is due for a service so far ahead; none when it is too near. Raises SpanRefused."""
    if business_days_ahead < 0:
        raise SpanRefused("The service lies before it was scheduled.")
    for window in rule.windows:
        if business_days_ahead >= window.ahead:
            return EstimateDue(business_days=window.due, after="scheduling")
    return None


def can_dispute(
    *, estimated_cents: Cents, billed_cents: Cents, days_since_bill: int, rule: GoodFaithEstimate
) -> bool:
    """Whether a patient who pays alone may dispute a bill; the days count from the first one."""
    if days_since_bill < 0:
        raise SpanRefused("The bill lies in the future.")
    is_over = billed_cents - estimated_cents >= rule.dispute_over_cents
    return is_over and days_since_bill <= rule.dispute_days
