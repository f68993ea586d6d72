"""What a check has to say: which rule, how serious, about which field, why, and what to do."""

from collections.abc import Iterable
from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from billing_rules.check_catalogue import Family, Risk, check_entry
from billing_rules.rule_book import Resolved

Severity: TypeAlias = Literal["blocks", "warns", "informs"]
"""Blocks holds the claim, warns asks for a look, informs only tells."""

_WEIGHT: dict[Severity, int] = {"blocks": 0, "warns": 1, "informs": 2}


class Correction(Struct, frozen=True, kw_only=True):
    """A change that a low-risk finding offers: the field as a JSON pointer, what it says and should say."""

    pointer: str
    was: str
    becomes: str


class Finding(Struct, frozen=True, kw_only=True):
    """One thing a check found; the subject is a JSON pointer into the facts, no text carries patient data.

    `row` is the rule row that decided, in words, `starts_on` and `ends_on` the dates it is in force.
    """

    rule: str
    severity: Severity
    subject: str
    message: str
    fix: str
    source: str
    evidence: dict[str, str]
    family: Family
    risk: Risk
    row: str | None
    starts_on: date | None
    ends_on: date | None
    correction: Correction | None


def finding(
    rule: str,
    severity: Severity,
    subject: str,
    message: str,
    *,
    fix: str,
    source: str,
    by: Resolved | None = None,
    correction: Correction | None = None,
    **evidence: object,
) -> Finding:
    """Make a finding; its family and risk come from the catalogue of checks, evidence is shown as text."""
    entry = check_entry(rule)
    return Finding(
        rule=rule,
        severity=severity,
        subject=subject,
        message=message,
        fix=fix,
        source=source,
        evidence={name: str(value) for name, value in evidence.items()},
        family=entry.family,
        risk=entry.risk,
        row=str(by.row) if by else None,
        starts_on=by.row.starts_on if by else None,
        ends_on=by.row.ends_on if by else None,
        correction=correction,
    )


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Sort what blocks first, then by field (line 2 before line 10), then by rule: one set, one list."""
    return sorted(findings, key=_place)


def blocks(findings: Iterable[Finding]) -> bool:
    """Whether any of the findings holds the claim."""
    return any(finding.severity == "blocks" for finding in findings)


def _place(finding: Finding) -> tuple[int, tuple[tuple[int, str], ...], str, str]:
    path = tuple(
        (int(step), "") if step.isdigit() else (-1, step) for step in finding.subject.strip("/").split("/")
    )
    return (_WEIGHT[finding.severity], path, finding.rule, finding.message)
