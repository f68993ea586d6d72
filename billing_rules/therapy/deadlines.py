"""The shapes of dated rules about deadlines and duties: plans of care, appeals, filing, estimates, credit."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Any, Literal

from msgspec import Struct

from billing_rules.money import Cents

PLAN_OF_CARE_TERMS = "plan_of_care_terms"
PROGRESS_REPORT_TREATMENT_DAYS = "progress_report_treatment_days"
PROGRESS_REPORT_OVERDUE = "progress_report_overdue"
APPEAL_LEVELS = "appeal_levels"
GOOD_FAITH_ESTIMATE = "good_faith_estimate"
CREDIT_TERMS = "credit_terms"
OVERPAYMENT_RETURN = "overpayment_return"

SAFETY_DAYS = 7


class Within(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A span as a regulation names it; months and years keep the day of the month where it exists."""

    days: int = 0
    months: int = 0
    years: int = 0

    def after(self, start: date) -> date:
        """The last day of the span that begins on the day after the start."""
        months = 12 * (start.year + self.years) + start.month - 1 + self.months
        year, month = divmod(months, 12)
        day = min(start.day, monthrange(year, month + 1)[1])
        return date(year, month + 1, day) + timedelta(days=self.days)


class Deadline(Struct, frozen=True, kw_only=True):
    """The statutory last day, the day that is safe, and the sentence that says how they came about."""

    due_on: date
    safe_on: date
    rule: str


def deadline(due_on: date, rule: str) -> Deadline:
    """A deadline whose safe day lies a week before the statutory one."""
    return Deadline(due_on=due_on, safe_on=due_on - timedelta(days=SAFETY_DAYS), rule=rule)


class PlanOfCareTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a verbal certification must be signed, and how long a plan of care counts at most; in days."""

    verbal_signature_days: int
    longest_days: int


class AppealLevel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The window of one level of appeal, counted from receipt; notice is presumed received after some days.

    `least_cents` is the amount that must be in dispute, null where none is asked for.
    """

    within: Within
    presumed_receipt_days: int
    least_cents: Cents | None


class EstimateWindow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Scheduled at least so many business days ahead, the estimate is due in so many business days."""

    ahead: int
    due: int


class GoodFaithEstimate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When an estimate for the uninsured is due (longest lead first), and when its bill can be disputed."""

    windows: tuple[EstimateWindow, ...]
    on_request_due: int
    dispute_over_cents: Cents
    dispute_days: int


class CreditTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many instalments without a charge are no credit, and what makes a creditor regular."""

    free_installments: int
    regular_over_per_year: int


class OverpaymentReturn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days to return what was overpaid once known, and how long an investigation may suspend them."""

    return_days: int
    investigation_days: int | None


DEADLINE_SHAPES: dict[str, Any] = {
    PLAN_OF_CARE_TERMS: PlanOfCareTerms,
    PROGRESS_REPORT_TREATMENT_DAYS: int,
    PROGRESS_REPORT_OVERDUE: Literal["holds", "warns"],
    APPEAL_LEVELS: dict[str, AppealLevel],
    GOOD_FAITH_ESTIMATE: GoodFaithEstimate,
    CREDIT_TERMS: CreditTerms,
    OVERPAYMENT_RETURN: OverpaymentReturn,
}
"""The type of each of these rules' values."""
