"""Writing a remittance down as the payer said it: once, line by line, every code kept."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as insert_if_new
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.use import due_on
from domain.practices.models import Payer
from domain.remittances.effects import Adjusted, denial_of_claim
from domain.remittances.matching import Ours, load_ours
from domain.remittances.models import (
    ProviderAdjustment,
    Remittance,
    RemittanceAdjustment,
    RemittanceClaim,
    RemittanceLine,
)
from domain.remittances.ports import AdjustmentContent, RemittanceContent, RemittedClaim, RemittedLine
from domain.work.items import open_item
from tenants.ids import new_id

INFORMATION_ONLY = frozenset({"25"})
DAYS_TO_REVIEW = 2


async def record(
    session: AsyncSession,
    practice_id: UUID,
    received_file_id: UUID,
    content: RemittanceContent,
    now: datetime,
) -> tuple[Remittance, bool]:
    """Record an 835 transaction; returns it, and whether it is new.

    The same payee, payer, trace, amount and date is the same payment, whatever file brings it (MON-11).
    One that does not add up as a whole is quarantined and posts nothing.
    """
    remittance_id = await _insert(session, practice_id, received_file_id, content, now)
    if remittance_id is None:
        return await _standing(session, practice_id, content), False
    ours = await load_ours(session, practice_id, content.claims)
    await _insert_parts(session, practice_id, remittance_id, content, ours)
    remittance = await session.get_one(Remittance, (practice_id, remittance_id))
    if content.problems:
        await _open_quarantine(session, remittance, content, now)
    return remittance, True


async def _insert(
    session: AsyncSession, practice_id: UUID, file_id: UUID, content: RemittanceContent, now: datetime
) -> UUID | None:
    remittance_id = new_id()
    first = content.problems[0] if content.problems else None
    values = {
        "practice_id": practice_id,
        "id": remittance_id,
        "received_file_id": file_id,
        "transaction_position": content.position,
        "quarantine_key": str(remittance_id) if first else "",
        "payer_id": await _payer(session, practice_id, content.payer_identifier),
        "payer_name": content.payer_name,
        "payer_identifier": content.payer_identifier,
        "payee_npi": content.payee_npi,
        "trace_number": content.trace_number,
        "payment_cents": content.payment_cents,
        "payment_method": content.payment_method,
        "paid_on": content.paid_on,
        "status": "quarantined" if first else "received",
        "reason": f"{first.segment} at {first.position}: {first.detail}" if first else None,
        "problems": [msgspec.to_builtins(p) for p in content.problems],
        "recorded_at": now,
    }
    statement = insert_if_new(Remittance).values(values).on_conflict_do_nothing().returning(Remittance.id)
    return (await session.execute(statement)).scalar_one_or_none()


async def _payer(session: AsyncSession, practice_id: UUID, identifier: str) -> UUID | None:
    wanted = select(Payer.id).where(Payer.practice_id == practice_id, Payer.electronic_id == identifier)
    return (await session.execute(wanted)).scalar_one_or_none()


async def _standing(session: AsyncSession, practice_id: UUID, content: RemittanceContent) -> Remittance:
    same = select(Remittance).where(
        Remittance.practice_id == practice_id,
        Remittance.payee_npi == content.payee_npi,
        Remittance.payer_identifier == content.payer_identifier,
        Remittance.trace_number == content.trace_number,
        Remittance.payment_cents == content.payment_cents,
        Remittance.paid_on == content.paid_on,
        Remittance.quarantine_key == "",
    )
    return (await session.execute(same)).scalar_one()


async def _insert_parts(
    session: AsyncSession, practice_id: UUID, remittance_id: UUID, content: RemittanceContent, ours: Ours
) -> None:
    rows: dict[type[Any], list[dict[str, Any]]] = {
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


def _claim_rows(
    rows: dict[type[Any], list[dict[str, Any]]], key: dict[str, Any], claim: RemittedClaim, ours: Ours
) -> None:
    match = ours.claim(claim)
    claim_row_id = new_id()
    outcome = "unmatched" if match is None else ("waiting" if _adds_up(claim) else "parked")
    if claim.status_code in INFORMATION_ONLY:
        outcome = "information"
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
            "outcome": outcome,
            "matched_by": match.matched_by if match else None,
            "difference_cents": _difference(claim),
            "position": claim.position,
            "remarks": list(claim.remarks),
        }
    )
    practice_id = key["practice_id"]
    for at, adjustment in enumerate(claim.adjustments, 1):
        rows[RemittanceAdjustment].append(_adjustment(practice_id, claim_row_id, None, at, adjustment))
    taken: set[UUID] = set()
    for at, line in enumerate(claim.lines, 1):
        found = ours.line(match.claim_id, line, taken) if match else None
        if found is not None:
            taken.add(found.id)
        line_id = new_id()
        rows[RemittanceLine].append(
            _line(practice_id, claim_row_id, line_id, at, line, found.id if found else None)
        )
        rows[RemittanceAdjustment].extend(
            _adjustment(practice_id, claim_row_id, line_id, n, a) for n, a in enumerate(line.adjustments, 1)
        )


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


async def _open_quarantine(
    session: AsyncSession, remittance: Remittance, content: RemittanceContent, now: datetime
) -> None:
    await open_item(
        session,
        remittance.practice_id,
        kind="remittance_quarantined",
        subject_kind="remittance",
        subject_id=remittance.id,
        reason=f"The remittance does not add up: {remittance.reason}",
        next_action="Ask the payer for a corrected file; nothing of this one was posted",
        due_on=due_on(now, DAYS_TO_REVIEW),
        value_cents=abs(content.payment_cents),
        now=now,
    )
