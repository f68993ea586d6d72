"""Findings about a line's staff: one shape for licences, certificates and supervision."""

from billing_rules.findings import Finding, Severity, finding
from billing_rules.rule_book import Resolved


def staff_finding(
    rule: str,
    at: int,
    message: str,
    fix: str,
    by: Resolved,
    *,
    severity: Severity = "blocks",
    **evidence: object,
) -> Finding:
    """A finding about who treated or signed a line, by the payer's row and its source."""
    subject = f"/lines/{at}/staffing"
    return finding(
        rule, severity, subject, message, fix=fix, source=by.row.source, by=by, correction=None, **evidence
    )
