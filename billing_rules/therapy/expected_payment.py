"""What a payer should pay for the lines of one patient, step by step: what is allowed, then who pays it."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from billing_rules.money import BASIS_POINTS, Cents
from billing_rules.rule_book import NoRuleInForce
from billing_rules.therapy.contracts import contract_on
from billing_rules.therapy.cost_sharing import (
    ASSISTANT_MODIFIERS,
    NO_ASSISTANT_CUT,
    NO_SEQUESTRATION,
    CostSharing,
    Reduction,
    share_out,
)
from billing_rules.therapy.expected_allowed import AllowedLine, Pricing, ServiceLine, expected_allowed
from billing_rules.therapy.payer_rules import ask
from billing_rules.therapy.payment_rules import ASSISTANT_PAYMENT, COINSURANCE, SEQUESTRATION
from billing_rules.therapy.payment_trace import Step


class ExpectedLine(Struct, frozen=True, kw_only=True):
    """What should come of one line; every null amount has its reason, every amount its steps."""

    key: str
    charge_cents: Cents
    allowed_cents: Cents | None
    rate_cents: Cents | None
    at_least_cents: Cents | None
    at_most_cents: Cents | None
    patient_cents: Cents | None
    payer_cents: Cents | None
    row: str
    reasons: tuple[str, ...]
    steps: tuple[Step, ...]


class Expected(Struct, frozen=True, kw_only=True):
    """What should come of a claim; a sum is null as soon as one line's part is unknown."""

    lines: tuple[ExpectedLine, ...]
    allowed_cents: Cents | None
    patient_cents: Cents | None
    payer_cents: Cents | None
    reasons: tuple[str, ...]


class _Remaining:
    """What earlier lines left of deductible, copay and maximum; an unknown one spoils what follows."""

    def __init__(self, sharing: CostSharing) -> None:
        self.sharing = sharing
        self.copays: dict[tuple[date, str], Cents] = {}
        self.is_spoilt = False

    def for_line(self, line: ServiceLine) -> CostSharing:
        copay = self.copays.setdefault((line.served_on, line.visit), self.sharing.copay_cents or 0)
        return replace(self.sharing, copay_cents=copay)

    def take(self, line: ServiceLine, deductible: Cents, copay: Cents, patient: Cents) -> None:
        self.copays[line.served_on, line.visit] -= copay
        left, most = self.sharing.deductible_remaining_cents, self.sharing.out_of_pocket_remaining_cents
        self.sharing = replace(
            self.sharing,
            deductible_remaining_cents=(left or 0) - deductible,
            out_of_pocket_remaining_cents=None if most is None else most - patient,
        )

    def spoil(self) -> None:
        """An amount is missing: where anything of it was still to be used up, nobody knows what is left."""
        open_maximum = self.sharing.out_of_pocket_remaining_cents is not None
        self.is_spoilt = (
            self.is_spoilt
            or open_maximum
            or bool(self.sharing.deductible_remaining_cents or self.sharing.copay_cents)
        )


def expected_payment(lines: Sequence[ServiceLine], pricing: Pricing, sharing: CostSharing | None) -> Expected:
    """What the payer and the patient should pay for each line, in the order given, with every step.

    `sharing` is what the coverage leaves to the patient before these lines; None when nothing is recorded.
    """
    answered = [line for line in lines if not line.is_elsewhere]
    allowed = expected_allowed(lines, pricing)
    remaining = _Remaining(with_payers_rule(sharing or CostSharing(), pricing, answered))
    told = [_line(line, known, remaining, pricing) for line, known in zip(answered, allowed, strict=True)]
    return Expected(
        lines=tuple(told),
        allowed_cents=_sum([line.allowed_cents for line in told]),
        patient_cents=_sum([line.patient_cents for line in told]),
        payer_cents=_sum([line.payer_cents for line in told]),
        reasons=tuple(dict.fromkeys(reason for line in told for reason in line.reasons)),
    )


def with_payers_rule(sharing: CostSharing, pricing: Pricing, lines: Sequence[ServiceLine]) -> CostSharing:
    """What a payer's rule fixes for everybody where nothing is recorded: Medicare's fifth, and no copay."""
    if sharing.coinsurance_basis_points is not None or not lines:
        return sharing
    try:
        resolved = ask(pricing.book, COINSURANCE, pricing.asked(lines[0].served_on))
    except NoRuleInForce:
        return sharing
    return replace(
        sharing,
        coinsurance_basis_points=resolved.read(int),
        copay_cents=sharing.copay_cents or 0,
        source=sharing.source or str(resolved.row),
    )


def _line(line: ServiceLine, allowed: AllowedLine, remaining: _Remaining, pricing: Pricing) -> ExpectedLine:
    reasons = [*allowed.reasons]
    unknown = remaining.sharing.unknown
    if unknown:
        reasons.append(f"not recorded for the coverage: {', '.join(unknown)}")
    elif remaining.is_spoilt:
        reasons.append("an earlier line's amount is unknown, so what remains of the patient's part is too")
    if allowed.allowed_cents is None:
        remaining.spoil()
    if reasons or allowed.allowed_cents is None:
        return _told(line, allowed, None, None, reasons, ())
    shared = share_out(
        allowed.allowed_cents,
        remaining.for_line(line),
        assistant=_assistant(line, pricing),
        sequestration=_sequestration(line, pricing),
    )
    remaining.take(line, shared.deductible_cents, shared.copay_cents, shared.patient_cents)
    return _told(line, allowed, shared.patient_cents, shared.payer_cents, reasons, shared.steps)


def _told(
    line: ServiceLine,
    allowed: AllowedLine,
    patient_cents: Cents | None,
    payer_cents: Cents | None,
    reasons: list[str],
    steps: tuple[Step, ...],
) -> ExpectedLine:
    return ExpectedLine(
        key=line.key,
        charge_cents=line.charge_cents,
        allowed_cents=allowed.allowed_cents,
        rate_cents=allowed.rate_cents,
        at_least_cents=allowed.at_least_cents,
        at_most_cents=allowed.at_most_cents,
        patient_cents=patient_cents,
        payer_cents=payer_cents,
        row=allowed.row,
        reasons=tuple(reasons),
        steps=allowed.steps + steps,
    )


def _assistant(line: ServiceLine, pricing: Pricing) -> Reduction:
    """What the payer pays of its part for an assistant: the contract's word, else the payer's rule."""
    if not ASSISTANT_MODIFIERS & set(line.modifiers):
        return NO_ASSISTANT_CUT
    contract = contract_on(pricing.contracts, line.served_on)
    if contract is not None:
        terms = contract.terms.assistant_basis_points
        return Reduction(basis_points=terms, rule=ASSISTANT_PAYMENT, source=str(contract))
    return _by_rule(ASSISTANT_PAYMENT, line, pricing, BASIS_POINTS)


def _sequestration(line: ServiceLine, pricing: Pricing) -> Reduction:
    contract = contract_on(pricing.contracts, line.served_on)
    if contract is not None:
        terms = contract.terms.sequestration_basis_points
        return Reduction(basis_points=terms, rule=SEQUESTRATION, source=str(contract))
    return _by_rule(SEQUESTRATION, line, pricing, NO_SEQUESTRATION.basis_points)


def _by_rule(rule: str, line: ServiceLine, pricing: Pricing, otherwise: int) -> Reduction:
    try:
        resolved = ask(pricing.book, rule, pricing.asked(line.served_on))
    except NoRuleInForce:
        return Reduction(basis_points=otherwise, rule=rule, source="no row of the rule book")
    return Reduction(basis_points=resolved.read(int), rule=rule, source=str(resolved.row))


def _sum(parts: Sequence[Cents | None]) -> Cents | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
