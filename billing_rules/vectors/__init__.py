"""Run a published test vector: a rule's name and input in, an answer in the vector's own shape out."""

from collections.abc import Mapping
from typing import Any

from billing_rules.rule_book import RuleBook
from billing_rules.vectors import (
    answers,
    bundling,
    circumstances,
    coding,
    duties,
    modifiers,
    payment,
    units,
)
from billing_rules.vectors.reading import InputMisshapen
from billing_rules.vectors.runners import Answer, Runners, asking

RUNNERS: Runners = {
    **units.RUNNERS,
    **circumstances.RUNNERS,
    **duties.RUNNERS,
    **answers.RUNNERS,
    **payment.RUNNERS,
    **modifiers.RUNNERS,
    **bundling.RUNNERS,
    **coding.RUNNERS,
}


class RuleNotRunnable(LookupError):
    """Raised for a vector whose rule this product has not built."""


def run(rule: str, given: Mapping[str, Any], book: RuleBook | None = None) -> Answer:
    """Answer a vector by a book, the shipped one unless another is given.

    Raises RuleNotRunnable, InputMisshapen, or what the rule raises for input it refuses.
    """
    if rule not in RUNNERS:
        raise RuleNotRunnable(f"No rule answers vectors of {rule}.")
    with asking(book):
        try:
            return RUNNERS[rule](given)
        except (KeyError, TypeError, AttributeError, OverflowError) as wrong:
            raise InputMisshapen(rule, wrong) from wrong
