"""An 835 in the words that remittances understand; what does not add up is said, not corrected."""

from domain.claims.ports import FileProblem
from domain.remittances.ports import (
    AdjustmentContent,
    ProviderAdjustmentContent,
    RemittanceContent,
    RemittedClaim,
    RemittedLine,
)
from integrations.x12.problems import X12Refused
from integrations.x12.remittance_balance import Imbalance, balance_problems
from integrations.x12.remittance_values import Adjustment, ClaimPayment, Remittance, ServiceLine


def remittance_content(told: Remittance) -> RemittanceContent:
    """The content of one 835; raises X12Refused for one without a payment date or a payee."""
    header = told.header
    if header.effective_on is None:
        raise X12Refused("payment_date_missing", "BPR", header.position, "BPR16 names no day")
    payee = header.payee.npi or header.payee.tax_id
    if payee is None:
        raise X12Refused("payee_missing", "N1", header.position, "N1*PE names no NPI and no tax id")
    problems = balance_problems(told)
    return RemittanceContent(
        payer_name=header.payer.name,
        payer_identifier=header.payer.id or header.trace_originator_id,
        payee_npi=payee,
        trace_number=header.trace_number,
        payment_cents=header.paid_cents,
        payment_method=header.method,
        paid_on=header.effective_on,
        claims=tuple(_claim(claim, problems) for claim in told.claims),
        provider_adjustments=tuple(
            ProviderAdjustmentContent(
                reason_code=one.reason, reference=one.reference or None, amount_cents=one.amount_cents
            )
            for one in told.provider_adjustments
        ),
        problems=tuple(_problem(p) for p in problems if p.level == "transaction"),
        position=header.position,
    )


def _problem(imbalance: Imbalance) -> FileProblem:
    held = imbalance.problem
    return FileProblem(code=held.code, segment=held.segment, position=held.position, detail=held.detail)


def _claim(claim: ClaimPayment, problems: tuple[Imbalance, ...]) -> RemittedClaim:
    mine = [p for p in problems if p.level != "transaction" and p.claim_position == claim.position]
    return RemittedClaim(
        claim_control_number=claim.patient_control_number,
        status_code=claim.status,
        charge_cents=claim.charge_cents,
        paid_cents=claim.paid_cents,
        patient_cents=claim.patient_responsibility_cents,
        payer_control_number=claim.payer_control_number or None,
        adjustments=tuple(_adjustment(one) for one in claim.adjustments),
        lines=tuple(_line(line) for line in claim.lines),
        remarks=claim.remark_codes,
        problems=tuple(_problem(p) for p in mine),
        position=claim.position,
    )


def _adjustment(told: Adjustment) -> AdjustmentContent:
    quantity = None if told.quantity is None else str(told.quantity)
    return AdjustmentContent(
        group_code=told.group, reason_code=told.reason, amount_cents=told.amount_cents, quantity=quantity
    )


def _line(line: ServiceLine) -> RemittedLine:
    """The line as it was billed: the original code, where the payer paid under another."""
    billed = line.original_procedure or line.procedure
    return RemittedLine(
        line_control=line.line_control_number,
        code=billed.code,
        modifiers=billed.modifiers,
        units=str(line.units),
        original_units=None if line.original_units is None else str(line.original_units),
        served_on=line.service_from_on,
        charge_cents=line.charge_cents,
        paid_cents=line.paid_cents,
        allowed_cents=line.allowed_cents,
        adjustments=tuple(_adjustment(one) for one in line.adjustments),
        remarks=tuple(one.code for one in line.remarks),
        position=line.position,
    )
