"""Do the lines stay within their approvals and the plan's limits?"""

from collections.abc import Iterator

from billing_rules.days import within
from billing_rules.findings import Finding, finding
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.checks.medicaid import lifted_cap
from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts
from billing_rules.therapy.facts.allowances import ApprovalFacts, LineApproval

APPROVAL = "Final approval of the payer"
MATCH = "Move the line to the approval that fits, or ask the payer to change its approval."


def check_approvals(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """A line's number is one on file, and what it approves is what was done: each dimension by itself."""
    for at, line in enumerate(facts.lines):
        approval = line.approval
        if approval is None or not approval.number:
            continue
        blocks = [held for held in facts.approvals if held.number == approval.number]
        if facts.approvals and not blocks:
            yield _mismatch(at, "number", "no approval of the case has it")
        elif blocks:
            faults = min((list(_faults(held, line, approval)) for held in blocks), key=len)
            for dimension, value in faults:
                yield _mismatch(at, dimension, value)
        if approval.over > 0:
            yield _mismatch(at, "quantity", f"{approval.over} {approval.unit} more than were left")


def check_limits(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """No line exceeds a limit of the plan; a soft limit warns, for the payer may review it."""
    for limit in facts.limits:
        if limit.over <= 0 or limit.line >= len(facts.lines):
            continue
        if lifted_cap(facts, book, facts.lines[limit.line].served_on) is None:
            yield finding(
                "limit.exceeded",
                "blocks" if limit.hard else "warns",
                f"/lines/{limit.line}/code",
                f"The line exceeds the plan's limit of {limit.quantity} ({limit.unit}) by {limit.over}.",
                fix="Ask the payer for more, or agree with the patient before the next session.",
                source=limit.source,
                unit=limit.unit,
                quantity=limit.quantity,
                over=limit.over,
                starts_on=limit.starts_on,
                ends_on=limit.ends_on,
            )


def _faults(held: ApprovalFacts, line: LineFacts, approval: LineApproval) -> Iterator[tuple[str, str]]:
    if held.codes is not None and line.code not in held.codes:
        yield "code", line.code
    on = line.served_on
    if on is not None and not within(on, held.starts_on, held.ends_on):
        yield "date", on.isoformat()
    if held.discipline is not None and line.discipline and held.discipline != line.discipline:
        yield "discipline", line.discipline
    if held.provider is not None and approval.provider and held.provider != approval.provider:
        yield "provider", "another clinician's"
    if held.location is not None and approval.location and held.location != approval.location:
        yield "facility", "another place's"


def _mismatch(at: int, dimension: str, value: str) -> Finding:
    return finding(
        "authorization.mismatch",
        "blocks",
        f"/lines/{at}/approval",
        f"The approval on the line does not fit it by {dimension}: {value}.",
        fix=MATCH,
        source=APPROVAL,
        dimension=dimension,
        value=value,
    )
