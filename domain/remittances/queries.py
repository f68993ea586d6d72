"""What screens and reports read of remittances."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.models import Claim
from domain.remittances.models import (
    ProviderAdjustment,
    Remittance,
    RemittanceAdjustment,
    RemittanceClaim,
    RemittanceLine,
)
from domain.views import read_view, read_views
from tenants.audit import note_patients
from tenants.errors import NotFound

RemittanceStatus = Literal["received", "quarantined", "posted", "unposted"]


class RemittanceSummary(Struct, frozen=True, kw_only=True):
    """A remittance in a list; `reason` says why one is quarantined."""

    id: UUID
    payer_name: str
    trace_number: str
    payment_cents: int
    paid_on: date
    status: str
    reason: str | None
    recorded_at: datetime
    posted_at: datetime | None


class AdjustmentView(Struct, frozen=True, kw_only=True):
    """One adjustment, as the payer coded it."""

    group_code: str
    reason_code: str
    amount_cents: int


class RemittanceLineView(Struct, frozen=True, kw_only=True):
    """One line: billed, allowed and how that is known, paid, and every adjustment."""

    claim_line_id: UUID | None
    code: str
    modifiers: list[str]
    units: str
    service_on: date | None
    charge_cents: int
    allowed_cents: int
    allowed_how: str
    paid_cents: int
    adjustments: list[AdjustmentView]
    remarks: list[str]


class RemittanceClaimView(Struct, frozen=True, kw_only=True):
    """One claim of a remittance, and what was done with it."""

    id: UUID
    ordinal: int
    claim_control_number: str
    claim_id: UUID | None
    status_code: str
    charge_cents: int
    paid_cents: int
    patient_cents: int
    payer_control_number: str | None
    outcome: str
    matched_by: str | None
    difference_cents: int
    adjustments: list[AdjustmentView]
    lines: list[RemittanceLineView]


class ProviderAdjustmentView(Struct, frozen=True, kw_only=True):
    """A provider-level adjustment; a positive amount lowered the payment."""

    reason_code: str
    reference: str | None
    amount_cents: int


class RemittanceView(Struct, frozen=True, kw_only=True):
    """A remittance whole."""

    summary: RemittanceSummary
    claims: list[RemittanceClaimView]
    provider_adjustments: list[ProviderAdjustmentView]


async def list_remittances(
    session: AsyncSession,
    practice_id: UUID,
    *,
    status: str | None,
    limit: int,
    after: UUID | None = None,
) -> list[RemittanceSummary]:
    """Remittances, the newest payment first, a page at a time; raises NotFound for an unknown `after`."""
    where: list[ColumnElement[bool]] = [Remittance.practice_id == practice_id]
    if status is not None:
        where.append(Remittance.status == status)
    if after is not None:
        last = await session.get(Remittance, (practice_id, after))
        if last is None:
            raise NotFound(f"no remittance {after}")
        where.append(tuple_(Remittance.paid_on, Remittance.id) < tuple_(last.paid_on, last.id))
    order = [Remittance.paid_on.desc(), Remittance.id.desc()]
    return await read_views(session, RemittanceSummary, Remittance, *where, order=order, limit=limit)


async def read_remittance(session: AsyncSession, practice_id: UUID, remittance_id: UUID) -> RemittanceView:
    """One remittance with its claims and lines; raises NotFound."""
    summary = await read_view(session, RemittanceSummary, Remittance, practice_id, remittance_id)
    rows = await _rows(session, practice_id, remittance_id)
    lines, adjustments = await _parts(session, practice_id, [row.id for row in rows])
    mine = (
        ProviderAdjustment.practice_id == practice_id,
        ProviderAdjustment.remittance_id == remittance_id,
    )
    provider = await read_views(
        session, ProviderAdjustmentView, ProviderAdjustment, *mine, order=[ProviderAdjustment.ordinal]
    )
    return RemittanceView(
        summary=summary,
        claims=[_claim(row, lines, adjustments) for row in rows],
        provider_adjustments=provider,
    )


async def _rows(session: AsyncSession, practice_id: UUID, remittance_id: UUID) -> list[RemittanceClaim]:
    wanted = (
        select(RemittanceClaim, Claim.patient_id)
        .outerjoin(
            Claim, (Claim.practice_id == RemittanceClaim.practice_id) & (Claim.id == RemittanceClaim.claim_id)
        )
        .where(RemittanceClaim.practice_id == practice_id, RemittanceClaim.remittance_id == remittance_id)
        .order_by(RemittanceClaim.ordinal)
    )
    rows = list(await session.execute(wanted))
    note_patients(session, *{patient_id for _, patient_id in rows if patient_id})
    return [row for row, _ in rows]


async def _parts(
    session: AsyncSession, practice_id: UUID, row_ids: list[UUID]
) -> tuple[list[RemittanceLine], list[RemittanceAdjustment]]:
    lines = select(RemittanceLine).where(
        RemittanceLine.practice_id == practice_id, RemittanceLine.remittance_claim_id.in_(row_ids)
    )
    adjustments = select(RemittanceAdjustment).where(
        RemittanceAdjustment.practice_id == practice_id,
        RemittanceAdjustment.remittance_claim_id.in_(row_ids),
    )
    return (
        list((await session.execute(lines.order_by(RemittanceLine.ordinal))).scalars()),
        list((await session.execute(adjustments.order_by(RemittanceAdjustment.ordinal))).scalars()),
    )


def _claim(
    row: RemittanceClaim, lines: list[RemittanceLine], adjustments: list[RemittanceAdjustment]
) -> RemittanceClaimView:
    mine = [a for a in adjustments if a.remittance_claim_id == row.id]
    own = {name: getattr(row, name) for name in RemittanceClaimView.__struct_fields__ if hasattr(row, name)}
    own["adjustments"] = [_adjustment(a) for a in mine if a.remittance_line_id is None]
    own["lines"] = [_line(line, mine) for line in lines if line.remittance_claim_id == row.id]
    return RemittanceClaimView(**own)


def _line(line: RemittanceLine, adjustments: list[RemittanceAdjustment]) -> RemittanceLineView:
    own = {name: getattr(line, name) for name in RemittanceLineView.__struct_fields__ if hasattr(line, name)}
    own["adjustments"] = [_adjustment(a) for a in adjustments if a.remittance_line_id == line.id]
    return RemittanceLineView(**own)


def _adjustment(row: RemittanceAdjustment) -> AdjustmentView:
    return AdjustmentView(
        group_code=row.group_code, reason_code=row.reason_code, amount_cents=row.amount_cents
    )
