"""Plans of care: until when they must be signed, how long they count, when a progress report is due."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, TypeAlias

from msgspec import Struct

from billing_rules.therapy.deadlines import PlanOfCareTerms
from billing_rules.therapy.payer_rules import OrderException

Certification: TypeAlias = Literal["initial", "recertification"]


class HistoryRefused(ValueError):
    """Raised for treatment days or reports that cannot have been, such as a report on a day to come."""


class ReportDue(Struct, frozen=True, kw_only=True):
    """The treatment day by which the next progress report must be written, and whether it has passed."""

    due_by_treatment_day: int
    overdue: bool


def certification_due_on(first_treatment_on: date, due_days: int) -> date:
    """The last day on which the initial certification is timely; the evaluation is the first treatment."""
    return first_treatment_on + timedelta(days=due_days)


def verbal_signature_due_on(verbal_on: date, terms: PlanOfCareTerms) -> date:
    """The last day for the signature that must follow a verbal certification."""
    return verbal_on + timedelta(days=terms.verbal_signature_days)


def last_covered_on(first_treatment_on: date, planned_days: int, terms: PlanOfCareTerms) -> date:
    """The last day that the plan covers: its own length or the longest allowed, the first day being day 1.

    Raises HistoryRefused for a plan of no days.
    """
    if planned_days < 1:
        raise HistoryRefused(f"A plan of {planned_days} days covers nothing.")
    return first_treatment_on + timedelta(days=min(planned_days, terms.longest_days) - 1)


def covers(first_treatment_on: date, planned_days: int, served_on: date, terms: PlanOfCareTerms) -> bool:
    """Whether the plan covers a date of service; raises HistoryRefused."""
    return first_treatment_on <= served_on <= last_covered_on(first_treatment_on, planned_days, terms)


def order_replaces_signature(
    kind: Certification,
    *,
    order_on_file: bool,
    sent_after_days: int | None,
    exception: OrderException | None,
) -> bool:
    """Whether a signed order and the plan sent in time stand in for the signature; initial only.

    Raises HistoryRefused for a plan sent before the evaluation.
    """
    if sent_after_days is not None and sent_after_days < 0:
        raise HistoryRefused("A plan cannot be sent before the evaluation it rests on.")
    if exception is None or kind != "initial" or sent_after_days is None:
        return False
    return sent_after_days <= exception.sent_within_days and (order_on_file or not exception.signed_order)


def progress_report_due(treatment_days: int, reported_on: Sequence[int], every_days: int) -> ReportDue:
    """When the next progress report is due, in treatment days of the episode counted from 1.

    A period begins on the treatment day after the last report's. Raises HistoryRefused.
    """
    if treatment_days < 0 or any(not 1 <= day <= treatment_days for day in reported_on):
        raise HistoryRefused("A report lies outside the treatment days of the episode.")
    due = max(reported_on, default=0) + every_days
    return ReportDue(due_by_treatment_day=due, overdue=treatment_days > due)
