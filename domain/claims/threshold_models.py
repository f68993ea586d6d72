"""What counts toward a patient's yearly therapy threshold, and how each line of ours was decided by it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from tenants.columns import Grants, PracticeOwned, health, money, public, within_practice

BUCKETS = "bucket in ('PT_SLP', 'OT')"


class ThresholdObservation(PracticeOwned):
    """What the payer's portal said was accrued, by all providers, at the end of a day; appended only."""

    __tablename__ = "threshold_observations"
    __table_args__ = (
        within_practice("patient_id", "patients"),
        Index("ix_threshold_observations_patient", "practice_id", "patient_id", "year", "bucket", "as_of"),
        CheckConstraint(BUCKETS, name="bucket"),
        CheckConstraint("amount_cents >= 0", name="amount"),
    )
    __grants__ = Grants.FACTS

    patient_id: Mapped[UUID] = public()
    year: Mapped[int] = public()
    bucket: Mapped[str] = health()
    amount_cents: Mapped[int] = money()
    as_of: Mapped[date] = public()
    source: Mapped[str] = public()
    recorded_by: Mapped[UUID] = public()
    recorded_at: Mapped[datetime] = public()


class TherapyAccrual(PracticeOwned):
    """What a payer allowed on a line of ours, on the day it said so; a payer's reversal is negative.

    `source` names the line of the remittance; un-posting takes the row away again.
    """

    __tablename__ = "therapy_accruals"
    __table_args__ = (
        within_practice("patient_id", "patients"),
        within_practice("claim_line_id", "claim_lines"),
        UniqueConstraint("practice_id", "source"),
        Index("ix_therapy_accruals_patient", "practice_id", "patient_id", "year", "bucket"),
        Index("ix_therapy_accruals_line", "practice_id", "claim_line_id"),
        CheckConstraint(BUCKETS, name="bucket"),
    )
    __grants__ = Grants.LINKS

    patient_id: Mapped[UUID] = public()
    claim_line_id: Mapped[UUID] = public()
    year: Mapped[int] = public()
    bucket: Mapped[str] = health()
    amount_cents: Mapped[int] = money()
    processed_on: Mapped[date] = money()
    source: Mapped[str] = public()
    recorded_at: Mapped[datetime] = public()


class ThresholdDecision(PracticeOwned):
    """Why a line carries KX or not; by another year's sum while the year's own is not known."""

    __tablename__ = "threshold_decisions"
    __table_args__ = (
        within_practice("claim_line_id", "claim_lines"),
        Index("ix_threshold_decisions_line", "practice_id", "claim_line_id", "decided_at"),
        CheckConstraint(BUCKETS, name="bucket"),
    )
    __grants__ = Grants.FACTS

    claim_line_id: Mapped[UUID] = public()
    year: Mapped[int] = public()
    bucket: Mapped[str] = health()
    threshold_cents: Mapped[int] = money()
    threshold_year: Mapped[int] = public()
    accrued_cents: Mapped[int] = money()
    allowed_cents: Mapped[int | None] = money()
    marked: Mapped[bool] = public()
    why: Mapped[str] = health()
    decided_at: Mapped[datetime] = public()
