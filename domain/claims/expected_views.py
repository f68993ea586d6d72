"""What a claim should be paid, as screens and programs read it."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from billing_rules.money import Cents
from billing_rules.therapy.expected_payment import Expected, ExpectedLine
from billing_rules.therapy.payment_trace import Step
from domain.claims.models import Claim, ClaimLine
from domain.patients.models import Coverage

SECOND_PAYER = "this payer pays after another, so its part follows from the first payer's answer"


class StepView(Struct, frozen=True, kw_only=True):
    """One step of the arithmetic: the rule, its source, the inputs, and what stood before and after."""

    name: str
    rule: str
    source: str
    formula: str
    before_cents: Cents | None
    after_cents: Cents | None


class ExpectedLineView(Struct, frozen=True, kw_only=True):
    """What should come of one claim line; `row` names the rate that prices it, null amounts have reasons."""

    claim_line_id: UUID
    number: int
    code: str
    modifiers: list[str]
    units: int
    date_of_service: date
    charge_cents: Cents
    rate_cents: Cents | None
    allowed_cents: Cents | None
    at_least_cents: Cents | None
    at_most_cents: Cents | None
    patient_cents: Cents | None
    payer_cents: Cents | None
    row: str
    reasons: list[str]
    steps: list[StepView]


class ExpectedView(Struct, frozen=True, kw_only=True):
    """What should come of a claim; `rules` is the version of the book that it was computed by."""

    claim_id: UUID
    payer_id: UUID
    allowed_cents: Cents | None
    patient_cents: Cents | None
    payer_cents: Cents | None
    reasons: list[str]
    lines: list[ExpectedLineView]
    rules: str
    known_at: datetime | None


def expected_view(
    claim: Claim,
    coverage: Coverage,
    lines: Sequence[ClaimLine],
    expected: Expected,
    rules: str,
    known_at: datetime | None,
) -> ExpectedView:
    """The expected payment of a claim's lines; after a first payer's answer no part is known."""
    first = coverage.ordinal == 1
    reasons = list(expected.reasons) if first else [*expected.reasons, SECOND_PAYER]
    return ExpectedView(
        claim_id=claim.id,
        payer_id=claim.payer_id,
        allowed_cents=expected.allowed_cents,
        patient_cents=expected.patient_cents if first else None,
        payer_cents=expected.payer_cents if first else None,
        reasons=reasons,
        lines=[_line(line, told, first=first) for line, told in zip(lines, expected.lines, strict=True)],
        rules=rules,
        known_at=known_at,
    )


def _line(line: ClaimLine, told: ExpectedLine, *, first: bool) -> ExpectedLineView:
    return ExpectedLineView(
        claim_line_id=line.id,
        number=line.number,
        code=line.code,
        modifiers=list(line.modifiers),
        units=line.units,
        date_of_service=line.date_of_service,
        charge_cents=line.charge_cents,
        rate_cents=told.rate_cents,
        allowed_cents=told.allowed_cents,
        at_least_cents=told.at_least_cents,
        at_most_cents=told.at_most_cents,
        patient_cents=told.patient_cents if first else None,
        payer_cents=told.payer_cents if first else None,
        row=told.row,
        reasons=list(told.reasons) if first else [*told.reasons, SECOND_PAYER],
        steps=[_step(step) for step in told.steps],
    )


def _step(step: Step) -> StepView:
    return StepView(
        name=step.name,
        rule=step.rule,
        source=step.source,
        formula=step.formula,
        before_cents=step.before_cents,
        after_cents=step.after_cents,
    )
