"""Writing down what a remittance says of each claim and line, as the payer said it: every code kept."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.remittances.effects import Adjusted, denial_of_claim
from domain.remittances.matching import Ours
from domain.remittances.models import (
    ProviderAdjustment,
    RemittanceAdjustment,
    RemittanceClaim,
    RemittanceLine,
)
from domain.remittances.ports import AdjustmentContent, RemittanceContent, RemittedClaim, RemittedLine
from tenants.audit import note_change
from tenants.ids import new_id

# 23: forwarded to another payer; 25: an estimate. Neither decides anything.
INFORMATION_ONLY = frozenset({"23", "25"})
Rows = dict[type[Any], list[dict[str, Any]]]


async def insert_parts(
    session: AsyncSession, practice_id: UUID, remittance_id: UUID, content: RemittanceContent, ours: Ours
) -> None:
    """Insert the claims, lines and adjustments of a remittance, and what the payer adjusted beside them."""
    rows: Rows = {
        RemittanceClaim: [],
        RemittanceLine: [],
        RemittanceAdjustment: [],
        ProviderAdjustment: [],
    }
    for ordinal, claim in enumerate(content.claims, 1):
        key = {"practice_id": practice_id, "remittance_id": remittance_id, "ordinal": ordinal}
        _claim_rows(rows, key, claim, ours)
    for ordinal, adjustment in enumerate(content.provider_adjustments, 1):
        key = {"practice_id": practice_id, "id": new_id(), "remittance_id": remittance_id, "ordinal": ordinal}
        rows[ProviderAdjustment].append(key | msgspec.structs.asdict(adjustment))
    for table, values in rows.items():
        if values:
            await session.execute(insert(table), values)
        for row in values:
            note_change(session, "insert", table.__tablename__, row["id"])


def _claim_rows(rows: Rows, key: dict[str, Any], claim: RemittedClaim, ours: Ours) -> None:
    match = ours.claim(claim)
    claim_row_id = new_id()
    rows[RemittanceClaim].append(
        key
        | {
            "id": claim_row_id,
            "claim_control_number": claim.claim_control_number,
            "claim_id": match.claim_id if match else None,
            "status_code": claim.status_code,
            "charge_cents": claim.charge_cents,
            "paid_cents": claim.paid_cents,
            "patient_cents": claim.patient_cents,
            "payer_control_number": claim.payer_control_number,
            "outcome": _outcome(claim, is_ours=match is not None),
            "matched_by": match.matched_by if match else None,
            "difference_cents": _difference(claim),
            "position": claim.position,
            "remarks": list(claim.remarks),
        }
    )
    practice_id = key["practice_id"]
    for at, adjustment in enumerate(claim.adjustments, 1):
        rows[RemittanceAdjustment].append(_adjustment(practice_id, claim_row_id, None, at, adjustment))
    _line_rows(rows, practice_id, claim_row_id, claim, match.claim_id if match else None, ours)


def _line_rows(
    rows: Rows, practice_id: UUID, claim_row_id: UUID, claim: RemittedClaim, claim_id: UUID | None, ours: Ours
) -> None:
    taken: set[UUID] = set()
    for at, line in enumerate(claim.lines, 1):
        found = ours.line(claim_id, line, taken) if claim_id else None
        if found is not None:
            taken.add(found.id)
        line_id = new_id()
        rows[RemittanceLine].append(
            _line(practice_id, claim_row_id, line_id, at, line, found.id if found else None)
        )
        rows[RemittanceAdjustment].extend(
            _adjustment(practice_id, claim_row_id, line_id, n, a) for n, a in enumerate(line.adjustments, 1)
        )


def _outcome(claim: RemittedClaim, *, is_ours: bool) -> str:
    if claim.status_code in INFORMATION_ONLY:
        return "information"
    if not is_ours:
        return "unmatched"
    return "waiting" if _adds_up(claim) else "parked"


def _adds_up(claim: RemittedClaim) -> bool:
    """Whether the claim can be posted by its lines: it balances, and money moves on lines only."""
    on_claim = [Adjusted(a.group_code, a.reason_code, a.amount_cents) for a in claim.adjustments]
    on_lines = sum(line.paid_cents for line in claim.lines)
    return not claim.problems and on_lines == claim.paid_cents and denial_of_claim(on_claim) is not None


def _difference(claim: RemittedClaim) -> int:
    """Charge − paid − all adjustments, which is zero for a claim that adds up."""
    adjusted = sum(a.amount_cents for a in claim.adjustments)
    adjusted += sum(a.amount_cents for line in claim.lines for a in line.adjustments)
    return claim.charge_cents - claim.paid_cents - adjusted


def _line(
    practice_id: UUID,
    claim_row_id: UUID,
    line_id: UUID,
    ordinal: int,
    line: RemittedLine,
    claim_line_id: UUID | None,
) -> dict[str, Any]:
    allowed, how = _allowed(line)
    return {
        "practice_id": practice_id,
        "id": line_id,
        "remittance_claim_id": claim_row_id,
        "ordinal": ordinal,
        "claim_line_id": claim_line_id,
        "line_control": line.line_control,
        "code": line.code,
        "modifiers": list(line.modifiers),
        "units": line.units,
        "original_units": line.original_units,
        "service_on": line.served_on,
        "charge_cents": line.charge_cents,
        "paid_cents": line.paid_cents,
        "allowed_cents": allowed,
        "allowed_how": how,
        "remarks": list(line.remarks),
        "position": line.position,
    }


def _allowed(line: RemittedLine) -> tuple[int, str]:
    """The allowed amount as the payer states it, else what it paid and left to the patient (PO-02)."""
    if line.allowed_cents is not None:
        return line.allowed_cents, "stated by the payer"
    patient = sum(a.amount_cents for a in line.adjustments if a.group_code == "PR")
    return line.paid_cents + patient, "paid plus patient responsibility"


def _adjustment(
    practice_id: UUID, claim_row_id: UUID, line_id: UUID | None, ordinal: int, adjustment: AdjustmentContent
) -> dict[str, Any]:
    return {
        "practice_id": practice_id,
        "id": new_id(),
        "remittance_claim_id": claim_row_id,
        "remittance_line_id": line_id,
        "ordinal": ordinal,
    } | msgspec.structs.asdict(adjustment)
