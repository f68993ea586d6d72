"""Reading a vector's input: dates, amounts and words as the rules want them; ValueError for anything else."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from billing_rules.money import Cents, cents_from_decimal
from billing_rules.rule_book import NoRuleInForce, Resolved
from billing_rules.therapy.payer_rules import Asked
from billing_rules.vectors.runners import asked_book

PAYERS = {"medicare": "medicare", "medicare part b": "medicare"}


class InputRefused(ValueError):
    """Raised for a vector's input that the rule cannot take; names the field."""

    def __init__(self, field: str, reason: str) -> None:
        """Name the field and what is wrong with it."""
        super().__init__(f"/{field}: {reason}.")
        self.field = field


class InputMisshapen(ValueError):
    """Raised for a vector's input that lacks a name or has another type than the rule reads."""

    def __init__(self, rule: str, wrong: Exception) -> None:
        """Name the rule and what it stumbled over."""
        what = f"there is no {wrong}" if isinstance(wrong, KeyError) else str(wrong)
        super().__init__(f"/: the input has not the shape that {rule} reads: {what}.")


def needed(given: Mapping[str, Any], field: str) -> Any:
    """The value of a field; raises InputRefused when it is missing."""
    if given.get(field) is None:
        raise InputRefused(field, "it is missing")
    return given[field]


def a_text(given: Mapping[str, Any], field: str) -> str:
    """A word or a code; raises InputRefused."""
    value = needed(given, field)
    if not isinstance(value, str):
        raise InputRefused(field, "it is no text")
    return value


def a_list(given: Mapping[str, Any], field: str) -> list[Any]:
    """A list, empty when absent; raises InputRefused."""
    value = given.get(field, [])
    if not isinstance(value, list | tuple):
        raise InputRefused(field, "it is no list")
    return list(value)


def a_date(given: Mapping[str, Any], field: str) -> date:
    """A date as year-month-day; raises InputRefused."""
    try:
        return date.fromisoformat(needed(given, field))
    except (TypeError, ValueError) as wrong:
        raise InputRefused(field, "it is no date") from wrong


def perhaps_date(given: Mapping[str, Any], field: str) -> date | None:
    """A date, or none when the field is absent or null; raises InputRefused."""
    return None if given.get(field) is None else a_date(given, field)


def a_count(given: Mapping[str, Any], field: str) -> int:
    """A whole number that is not negative; raises InputRefused."""
    value = needed(given, field)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InputRefused(field, "it is no whole number")
    return value


def a_flag(given: Mapping[str, Any], field: str, *, absent: bool = False) -> bool:
    """True or false; what it is when absent, false unless said otherwise. Raises InputRefused."""
    value = given.get(field, absent)
    if not isinstance(value, bool):
        raise InputRefused(field, "it is neither true nor false")
    return value


def an_amount(given: Mapping[str, Any], field: str) -> Cents:
    """Dollars as text in cents; raises InputRefused or AmountRefused."""
    value = needed(given, field)
    if not isinstance(value, str):
        raise InputRefused(field, "an amount is text, such as 12.50")
    try:
        return cents_from_decimal(Decimal(value))
    except ArithmeticError as wrong:
        raise InputRefused(field, "it is no amount") from wrong


def amount_text(cents: Cents) -> str:
    """Cents as plain dollars, such as 12.50."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:02d}"


def payer_on(given: Mapping[str, Any], on: date) -> Asked:
    """Whom to ask the book for; raises InputRefused for a payer that the shipped rules do not know."""
    named = str(needed(given, "payer")).lower()
    if named not in PAYERS:
        raise InputRefused("payer", "the shipped rules do not answer for this payer")
    return Asked(payer=PAYERS[named], on=on)


def answered(rule: str, on: date, payer: str | None = None) -> Resolved:
    """The book's answer on a date, ready to be read as a type; raises InputRefused."""
    try:
        return asked_book().resolve(rule, payer=payer, on=on)
    except NoRuleInForce as absent:
        raise InputRefused("date", str(absent)) from absent
