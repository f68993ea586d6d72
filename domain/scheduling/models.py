"""Appointments: what is planned, and whether it holds a reservation."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from tenants.columns import PracticeOwned, health, public, within_practice


class Appointment(PracticeOwned):
    """A planned session; `service_on` is its date in the practice's time zone."""

    __tablename__ = "appointments"
    __table_args__ = (
        within_practice("case_id", "cases"),
        within_practice("patient_id", "patients"),
        within_practice("provider_id", "providers"),
        within_practice("location_id", "locations"),
        UniqueConstraint("practice_id", "source_system", "source_id"),
        Index("ix_appointments_case", "practice_id", "case_id", "service_on"),
        Index("ix_appointments_provider", "practice_id", "provider_id", "service_on"),
        CheckConstraint("status in ('booked', 'cancelled', 'no_show', 'attended')", name="status"),
        CheckConstraint("reservation in ('reserved', 'unreserved', 'none')", name="reservation"),
        CheckConstraint("ends_at > starts_at", name="order"),
    )

    case_id: Mapped[UUID] = public()
    patient_id: Mapped[UUID] = public()
    provider_id: Mapped[UUID] = public()
    location_id: Mapped[UUID] = public()
    discipline: Mapped[str] = health()
    starts_at: Mapped[datetime] = health()
    ends_at: Mapped[datetime] = health()
    service_on: Mapped[date] = health()
    planned_codes: Mapped[list[str]] = health()
    status: Mapped[str] = public()
    reservation: Mapped[str] = public()
    reservation_reason: Mapped[str] = public()
    source_system: Mapped[str] = public()
    source_id: Mapped[str] = public()
    source_version: Mapped[str] = public()
    recorded_at: Mapped[datetime] = public()
