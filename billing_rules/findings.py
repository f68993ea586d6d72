"""What a check has to say: which rule, how serious, about which field, why, and what to do."""

from collections.abc import Iterable
from typing import Literal, TypeAlias

from msgspec import Struct

Severity: TypeAlias = Literal["blocks", "warns", "informs"]
"""Blocks holds the claim, warns asks for a look, informs only tells."""

_WEIGHT: dict[Severity, int] = {"blocks": 0, "warns": 1, "informs": 2}


class Finding(Struct, frozen=True, kw_only=True):
    """One thing a check found; the subject is a JSON pointer into the facts, no text carries patient data."""

    rule: str
    severity: Severity
    subject: str
    message: str
    fix: str
    source: str
    evidence: dict[str, str]


def finding(
    rule: str, severity: Severity, subject: str, message: str, *, fix: str, source: str, **evidence: object
) -> Finding:
    """Make a finding; evidence is shown as text."""
    return Finding(
        rule=rule,
        severity=severity,
        subject=subject,
        message=message,
        fix=fix,
        source=source,
        evidence={name: str(value) for name, value in evidence.items()},
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
