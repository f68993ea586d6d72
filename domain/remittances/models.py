"""Remittances: what payers answered, line by line, with every adjustment kept."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from tenants.columns import Grants, PracticeOwned, health, money, public, within_practice


class Remittance(PracticeOwned):
    """One 835 transaction, once per payee, trace number, payer, amount and date, whatever file it came in.

    `quarantine_key` is empty for the one that counts, and sets apart those that are quarantined or replaced.
    """

    __tablename__ = "remittances"
    __table_args__ = (
        within_practice("payer_id", "payers"),
        UniqueConstraint(
            "practice_id",
            "payee_npi",
            "payer_identifier",
            "trace_number",
            "payment_cents",
            "paid_on",
            "quarantine_key",
        ),
        Index("ix_remittances_status", "practice_id", "status"),
        CheckConstraint("status in ('received', 'quarantined', 'posted', 'unposted')", name="status"),
    )

    received_file_id: Mapped[UUID] = public()
    transaction_position: Mapped[int] = public()
    quarantine_key: Mapped[str] = public()
    content_sha256: Mapped[str] = public(server_default=text("''"))
    payer_id: Mapped[UUID | None] = public()
    payer_name: Mapped[str] = public()
    payer_identifier: Mapped[str] = public()
    payee_npi: Mapped[str] = public()
    trace_number: Mapped[str] = money()
    payment_cents: Mapped[int] = money()
    payment_method: Mapped[str] = money()
    paid_on: Mapped[date] = money()
    status: Mapped[str] = public()
    reason: Mapped[str | None] = public()
    problems: Mapped[list[Any]] = public()
    recorded_at: Mapped[datetime] = public()
    posted_at: Mapped[datetime | None] = public()


class RemittanceClaim(PracticeOwned):
    """One claim of a remittance: what the payer says of it, and what we did with it."""

    __tablename__ = "remittance_claims"
    __table_args__ = (
        within_practice("remittance_id", "remittances"),
        within_practice("claim_id", "claims"),
        UniqueConstraint("practice_id", "remittance_id", "ordinal"),
        Index("ix_remittance_claims_claim", "practice_id", "claim_id"),
        CheckConstraint(
            "outcome in ('waiting', 'posted', 'parked', 'unmatched', 'information')", name="outcome"
        ),
    )

    remittance_id: Mapped[UUID] = public()
    ordinal: Mapped[int] = public()
    claim_control_number: Mapped[str] = public()
    claim_id: Mapped[UUID | None] = public()
    status_code: Mapped[str] = public()
    charge_cents: Mapped[int] = money()
    paid_cents: Mapped[int] = money()
    patient_cents: Mapped[int] = money()
    payer_control_number: Mapped[str | None] = public()
    outcome: Mapped[str] = public()
    matched_by: Mapped[str | None] = public()
    difference_cents: Mapped[int] = money()
    position: Mapped[int] = public()
    remarks: Mapped[list[str]] = health()


class RemittanceLine(PracticeOwned):
    """One service line of a remittance; `allowed_how` says where the allowed amount comes from (PO-02)."""

    __tablename__ = "remittance_lines"
    __table_args__ = (
        within_practice("remittance_claim_id", "remittance_claims"),
        within_practice("claim_line_id", "claim_lines"),
        UniqueConstraint("practice_id", "remittance_claim_id", "ordinal"),
        Index("ix_remittance_lines_line", "practice_id", "claim_line_id"),
    )

    remittance_claim_id: Mapped[UUID] = public()
    ordinal: Mapped[int] = public()
    claim_line_id: Mapped[UUID | None] = public()
    line_control: Mapped[str | None] = public()
    code: Mapped[str] = health()
    modifiers: Mapped[list[str]] = health()
    units: Mapped[str] = health()
    original_units: Mapped[str | None] = health()
    service_on: Mapped[date | None] = health()
    charge_cents: Mapped[int] = money()
    paid_cents: Mapped[int] = money()
    allowed_cents: Mapped[int] = money()
    allowed_how: Mapped[str] = public()
    remarks: Mapped[list[str]] = health()
    position: Mapped[int] = public()


class RemittanceAdjustment(PracticeOwned):
    """One adjustment of a line, or (no line) of a whole claim; unknown codes are kept."""

    __tablename__ = "remittance_adjustments"
    __table_args__ = (
        within_practice("remittance_claim_id", "remittance_claims"),
        within_practice("remittance_line_id", "remittance_lines"),
        Index("ix_remittance_adjustments_claim", "practice_id", "remittance_claim_id"),
    )
    __grants__ = Grants.FACTS

    remittance_claim_id: Mapped[UUID] = public()
    remittance_line_id: Mapped[UUID | None] = public()
    ordinal: Mapped[int] = public()
    group_code: Mapped[str] = public()
    reason_code: Mapped[str] = public()
    amount_cents: Mapped[int] = money()
    quantity: Mapped[str | None] = public()


class ProviderAdjustment(PracticeOwned):
    """A provider-level adjustment (PLB) of a remittance; a positive amount lowers the payment."""

    __tablename__ = "provider_adjustments"
    __table_args__ = (
        within_practice("remittance_id", "remittances"),
        UniqueConstraint("practice_id", "remittance_id", "ordinal"),
    )
    __grants__ = Grants.FACTS

    remittance_id: Mapped[UUID] = public()
    ordinal: Mapped[int] = public()
    reason_code: Mapped[str] = public()
    reference: Mapped[str | None] = public()
    amount_cents: Mapped[int] = money()
