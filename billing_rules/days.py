"""Spans of days as rules and records have them: both ends belong to it, and no end is still in force."""

from datetime import date


def within(on: date, starts_on: date | None, ends_on: date | None) -> bool:
    """Whether a day lies in the span; a null start or end leaves that side open."""
    return (starts_on is None or starts_on <= on) and (ends_on is None or on <= ends_on)
