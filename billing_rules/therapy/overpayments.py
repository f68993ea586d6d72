"""Overpayments: by when what a payer paid too much must be reported and returned."""

from datetime import date, timedelta

from billing_rules.therapy.deadlines import OverpaymentReturn


class InvestigationRefused(ValueError):
    """Raised for an investigation that ended before the overpayment was known."""


def suspended_until(
    identified_on: date, rule: OverpaymentReturn, *, investigated: bool, completed_on: date | None
) -> date | None:
    """The last day of the suspension for a timely good-faith investigation; none when there is none.

    Raises InvestigationRefused.
    """
    if not investigated or rule.investigation_days is None:
        return None
    if completed_on is not None and completed_on < identified_on:
        raise InvestigationRefused("The investigation ended before the overpayment was known.")
    longest_on = identified_on + timedelta(days=rule.investigation_days)
    return longest_on if completed_on is None else min(completed_on, longest_on)


def return_by(
    identified_on: date, rule: OverpaymentReturn, *, investigated: bool, completed_on: date | None
) -> date:
    """The last day to report and return; the days run on once a suspension has ended."""
    until = suspended_until(identified_on, rule, investigated=investigated, completed_on=completed_on)
    return (until or identified_on) + timedelta(days=rule.return_days)
