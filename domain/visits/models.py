"""Visits: what happened and is documented, minute by minute, and the charges that follow."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from tenants.columns import Grants, PracticeOwned, health, money, public, secret, within_practice


class Visit(PracticeOwned):
    """A documented session; without a case it is held. The source system's id and version are its keys.

    `unit_choices` is the clinician's word where minutes tie: by discipline, the codes that take the unit.
    `signatures` are further names under it, `coding` how far its codes were reviewed. `documentation` is the
    signer's attestation, `note_sketch` hashes of the note's shingles (never its text), `findings` what was
    found about both; `waiting_cents` is what a held session would charge, null where nobody has counted it.
    """

    __tablename__ = "visits"
    __table_args__ = (
        within_practice("case_id", "cases"),
        within_practice("patient_id", "patients"),
        within_practice("provider_id", "providers"),
        within_practice("location_id", "locations"),
        within_practice("appointment_id", "appointments"),
        within_practice("plan_of_care_id", "plans_of_care"),
        within_practice("supervisor_id", "providers"),
        UniqueConstraint("practice_id", "source_system", "source_id"),
        Index("ix_visits_case", "practice_id", "case_id", "date_of_service"),
        Index("ix_visits_provider", "practice_id", "provider_id", "date_of_service"),
        Index("ix_visits_status", "practice_id", "status"),
        Index("ix_visits_patient", "practice_id", "patient_id", "discipline", "starts_at"),
        Index(
            "ix_visits_unsigned",
            "practice_id",
            "date_of_service",
            postgresql_where=text("signed_at is null and status <> 'void'"),
        ),
        CheckConstraint("status in ('documented', 'held', 'charged', 'void')", name="status"),
        CheckConstraint("ends_at > starts_at", name="order"),
        CheckConstraint("telehealth in ('none', 'audio_video', 'audio_only')", name="telehealth"),
        CheckConstraint("benefit in ('habilitative', 'rehabilitative')", name="benefit"),
        CheckConstraint("total_timed_minutes >= 0 and total_minutes >= 0", name="totals"),
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
    telehealth: Mapped[str] = health(server_default=text("'none'"))
    patient_at_home: Mapped[bool] = health(server_default=text("false"))
    patient_state: Mapped[str | None] = health()
    supervisor_id: Mapped[UUID | None] = public()
    cosigned_at: Mapped[datetime | None] = public()
    cosigned_by: Mapped[str | None] = health()
    benefit: Mapped[str | None] = health()
    total_timed_minutes: Mapped[int | None] = health()
    total_minutes: Mapped[int | None] = health()
    signatures: Mapped[list[Any]] = health(server_default=text("'[]'::jsonb"))
    coding: Mapped[dict[str, Any]] = public(server_default=text("'{}'::jsonb"))
    documentation: Mapped[dict[str, Any] | None] = health(JSONB(none_as_null=True))
    note_sketch: Mapped[bytes | None] = secret()
    findings: Mapped[list[Any]] = health(server_default=text("'[]'::jsonb"))
    method_conflict: Mapped[dict[str, Any] | None] = health(JSONB(none_as_null=True))
    waiting_cents: Mapped[int | None] = money()


class VisitService(PracticeOwned):
    """One procedure of a visit as the note states it: code, minutes, and units if the note names them.

    `assistant_minutes` (worked alone) and `joint_minutes` (with the therapist) are part of `minutes`.
    """

    __tablename__ = "visit_services"
    __grants__ = Grants.LINKS
    __table_args__ = (
        within_practice("visit_id", "visits"),
        UniqueConstraint("practice_id", "visit_id", "ordinal"),
        within_practice("assistant_id", "providers"),
        CheckConstraint("minutes is null or minutes >= 0", name="minutes"),
        CheckConstraint("ends_at > starts_at", name="order"),
        CheckConstraint("assistant_minutes >= 0 and joint_minutes >= 0", name="assistance"),
        CheckConstraint("patients_at_once >= 1", name="patients_at_once"),
        CheckConstraint(
            "notice in ('none', 'required_on_file', 'voluntary', 'expected_denial', 'excluded')",
            name="notice",
        ),
        CheckConstraint("days_with_data between 0 and 30", name="days_with_data"),
        CheckConstraint(
            "decision_making in ('straightforward', 'low', 'moderate', 'high')", name="decision_making"
        ),
    )

    visit_id: Mapped[UUID] = public()
    ordinal: Mapped[int] = public()
    code: Mapped[str] = health()
    minutes: Mapped[int | None] = health()
    units_in_note: Mapped[int | None] = health()
    starts_at: Mapped[datetime | None] = health()
    ends_at: Mapped[datetime | None] = health()
    assistant_id: Mapped[UUID | None] = public()
    assistant_minutes: Mapped[int] = health(server_default=text("0"))
    joint_minutes: Mapped[int] = health(server_default=text("0"))
    patients_at_once: Mapped[int] = health(server_default=text("1"))
    body_site: Mapped[str | None] = health()
    separate_encounter: Mapped[bool] = health(server_default=text("false"))
    notice: Mapped[str] = health(server_default=text("'none'"))
    decision_making: Mapped[str | None] = health()
    days_with_data: Mapped[int | None] = health()
    modifiers_in_note: Mapped[list[str]] = health(server_default=text("'{}'"))


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
