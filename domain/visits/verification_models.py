"""What somebody else says of a session: an aggregator's verified visits, and supervision that took place."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped

from tenants.columns import PracticeOwned, health, public, within_practice


class VisitVerification(PracticeOwned):
    """A visit as the aggregator verified it, in the six elements of 42 USC 1396b(l); corrected, superseded.

    `member_number` is the individual receiving, `provider_npi` or `provider_id` the individual providing.
    """

    __tablename__ = "visit_verifications"
    __table_args__ = (
        within_practice("provider_id", "providers"),
        Index(
            "uq_visit_verifications_current",
            "practice_id",
            "aggregator",
            "external_id",
            unique=True,
            postgresql_where=text("superseded_at is null"),
        ),
        Index("ix_visit_verifications_day", "practice_id", "served_on"),
        CheckConstraint("ends_at > starts_at", name="order"),
    )

    aggregator: Mapped[str] = public()
    external_id: Mapped[str] = public()
    visit_source_id: Mapped[str | None] = public()
    code: Mapped[str] = health()
    member_number: Mapped[str] = health()
    provider_id: Mapped[UUID] = public()
    served_on: Mapped[date] = health()
    place_of_service: Mapped[str] = health()
    state: Mapped[str] = health()
    starts_at: Mapped[datetime] = health()
    ends_at: Mapped[datetime] = health()
    recorded_at: Mapped[datetime] = public()
    superseded_at: Mapped[datetime | None] = public()


class SupervisionRecord(PracticeOwned):
    """Minutes in which a supervisor observed treatment of a patient, whether billed or not (BC-20)."""

    __tablename__ = "supervision_records"
    __table_args__ = (
        within_practice("patient_id", "patients"),
        within_practice("supervisor_id", "providers"),
        within_practice("supervisee_id", "providers"),
        Index("ix_supervision_records_patient", "practice_id", "patient_id", "supervised_on"),
        CheckConstraint("minutes > 0 and minutes <= 1440", name="minutes"),
    )

    patient_id: Mapped[UUID] = public()
    supervisor_id: Mapped[UUID] = public()
    supervisee_id: Mapped[UUID] = public()
    supervised_on: Mapped[date] = health()
    minutes: Mapped[int] = health()
    recorded_at: Mapped[datetime] = public()
