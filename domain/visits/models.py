"""Visits: what happened and is documented, minute by minute, and the charges that follow."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from tenants.columns import Grants, PracticeOwned, health, money, public, within_practice


class Visit(PracticeOwned):
    """A documented session; without a case it is held. The source system's id and version are its keys.

    `unit_choices` is the clinician's word where minutes tie: by discipline, the codes that take the unit.
    """

    __tablename__ = "visits"
    __table_args__ = (
        within_practice("case_id", "cases"),
        within_practice("patient_id", "patients"),
        within_practice("provider_id", "providers"),
        within_practice("location_id", "locations"),
        within_practice("appointment_id", "appointments"),
        within_practice("plan_of_care_id", "plans_of_care"),
        UniqueConstraint("practice_id", "source_system", "source_id"),
        Index("ix_visits_case", "practice_id", "case_id", "date_of_service"),
        Index("ix_visits_provider", "practice_id", "provider_id", "date_of_service"),
        Index("ix_visits_status", "practice_id", "status"),
        CheckConstraint("status in ('documented', 'held', 'charged', 'void')", name="status"),
        CheckConstraint("ends_at > starts_at", name="order"),
    )

    case_id: Mapped[UUID | None] = public()
    patient_id: Mapped[UUID] = public()
    provider_id: Mapped[UUID] = public()
    location_id: Mapped[UUID] = public()
    appointment_id: Mapped[UUID | None] = public()
    plan_of_care_id: Mapped[UUID | None] = public()
    discipline: Mapped[str] = health()
    date_of_service: Mapped[date] = health()
    starts_at: Mapped[datetime] = health()
    ends_at: Mapped[datetime] = health()
    status: Mapped[str] = public()
    held_reason: Mapped[str | None] = public()
    signed_at: Mapped[datetime | None] = public()
    signed_by: Mapped[str | None] = health()
    source_system: Mapped[str] = public()
    source_id: Mapped[str] = public()
    source_version: Mapped[str] = public()
    content_sha256: Mapped[str] = public()
    unit_choices: Mapped[dict[str, Any]] = health()
    recorded_at: Mapped[datetime] = public()


class VisitService(PracticeOwned):
    """One procedure of a visit as the note states it: code, minutes, and units if the note names them."""

    __tablename__ = "visit_services"
    __grants__ = Grants.LINKS
    __table_args__ = (
        within_practice("visit_id", "visits"),
        UniqueConstraint("practice_id", "visit_id", "ordinal"),
        CheckConstraint("minutes is null or minutes >= 0", name="minutes"),
    )

    visit_id: Mapped[UUID] = public()
    ordinal: Mapped[int] = public()
    code: Mapped[str] = health()
    minutes: Mapped[int | None] = health()
    units_in_note: Mapped[int | None] = health()


class ChargeLine(PracticeOwned):
    """One chargeable procedure of a visit, in units; `explanation` is how minutes became units."""

    __tablename__ = "charge_lines"
    __grants__ = Grants.LINKS
    __table_args__ = (
        within_practice("visit_id", "visits"),
        UniqueConstraint("practice_id", "visit_id", "ordinal"),
        CheckConstraint("units > 0", name="units"),
        CheckConstraint("charge_cents > 0", name="charge"),
        CheckConstraint("status in ('open', 'claimed', 'void')", name="status"),
        Index("ix_charge_lines_status", "practice_id", "status"),
    )

    visit_id: Mapped[UUID] = public()
    ordinal: Mapped[int] = public()
    code: Mapped[str] = health()
    modifiers: Mapped[list[str]] = health()
    units: Mapped[int] = health()
    minutes: Mapped[int | None] = health()
    charge_cents: Mapped[int] = money()
    method: Mapped[str] = public()
    explanation: Mapped[dict[str, Any]] = health()
    status: Mapped[str] = public()
