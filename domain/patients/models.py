"""Patients: who is treated, in which case, covered by whom, and who else owes."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from tenants.columns import Grants, PracticeOwned, health, public, within_practice


class Patient(PracticeOwned):
    """A person in treatment; `name_key` is the lower-case family and given name, for prefix search."""

    __tablename__ = "patients"
    __table_args__ = (
        UniqueConstraint("practice_id", "source_system", "source_id"),
        Index("ix_patients_name_key", "practice_id", "name_key"),
        CheckConstraint("sex in ('F', 'M', 'U')", name="sex"),
    )

    given_name: Mapped[str] = health()
    family_name: Mapped[str] = health()
    name_key: Mapped[str] = health(Text(collation="C"))
    birth_on: Mapped[date] = health()
    sex: Mapped[str] = health()
    street: Mapped[str] = health()
    city: Mapped[str] = health()
    state: Mapped[str] = health()
    zip_code: Mapped[str] = health()
    phone: Mapped[str | None] = health()
    email: Mapped[str | None] = health()
    source_system: Mapped[str] = public()
    source_id: Mapped[str] = health()
    created_at: Mapped[datetime] = public()


class Party(PracticeOwned):
    """Who can owe a balance beside an insurer: a person, an employer, an agency."""

    __tablename__ = "parties"
    __table_args__ = (CheckConstraint("kind in ('person', 'employer', 'agency')", name="kind"),)

    kind: Mapped[str] = public()
    name: Mapped[str] = health()
    birth_on: Mapped[date | None] = health()
    street: Mapped[str] = health()
    city: Mapped[str] = health()
    state: Mapped[str] = health()
    zip_code: Mapped[str] = health()
    email: Mapped[str | None] = health()
    phone: Mapped[str | None] = health()


class Guarantee(PracticeOwned):
    """A party's share of a patient's balance; `apart` hides the guarantors from each other (BC-03)."""

    __tablename__ = "guarantees"
    __table_args__ = (
        within_practice("patient_id", "patients"),
        within_practice("party_id", "parties"),
        UniqueConstraint("practice_id", "patient_id", "party_id", "starts_on"),
        CheckConstraint("share_basis_points > 0 and share_basis_points <= 10000", name="share"),
    )

    patient_id: Mapped[UUID] = public()
    party_id: Mapped[UUID] = public()
    share_basis_points: Mapped[int] = public()
    apart: Mapped[bool] = health(server_default=text("false"))
    starts_on: Mapped[date] = public()
    ends_on: Mapped[date | None] = public()


class Case(PracticeOwned):
    """An episode: binds diagnoses, plans of care, coverages, authorizations and accident data (BC-01)."""

    __tablename__ = "cases"
    __table_args__ = (
        within_practice("patient_id", "patients"),
        within_practice("employer_id", "parties"),
        Index("ix_cases_patient", "practice_id", "patient_id"),
        CheckConstraint("kind in ('health_plan', 'workers_compensation', 'auto', 'self_pay')", name="kind"),
    )

    patient_id: Mapped[UUID] = public()
    kind: Mapped[str] = public()
    title: Mapped[str] = health()
    opened_on: Mapped[date] = public()
    closed_on: Mapped[date | None] = public()
    accident_on: Mapped[date | None] = health()
    accident_state: Mapped[str | None] = health()
    accident_claim_number: Mapped[str | None] = health()
    employer_id: Mapped[UUID | None] = public()


class CaseDiagnosis(PracticeOwned):
    """A diagnosis of a case (ICD-10-CM without the dot), in the order that claims carry."""

    __tablename__ = "case_diagnoses"
    __grants__ = Grants.LINKS
    __table_args__ = (
        within_practice("case_id", "cases"),
        UniqueConstraint("practice_id", "case_id", "ordinal"),
    )

    case_id: Mapped[UUID] = public()
    ordinal: Mapped[int] = public()
    code: Mapped[str] = health()


class Coverage(PracticeOwned):
    """What a payer promised for a case, in payer order; when it was in force is in `coverage_periods`."""

    __tablename__ = "coverages"
    __table_args__ = (
        within_practice("case_id", "cases"),
        within_practice("patient_id", "patients"),
        within_practice("payer_id", "payers"),
        UniqueConstraint("practice_id", "case_id", "ordinal", "benefit_class", "member_number"),
        CheckConstraint("ordinal between 1 and 3", name="ordinal"),
        CheckConstraint(
            "relationship in ('self', 'spouse', 'child', 'employee', 'other')", name="relationship"
        ),
    )

    case_id: Mapped[UUID] = public()
    patient_id: Mapped[UUID] = public()
    payer_id: Mapped[UUID] = public()
    ordinal: Mapped[int] = public()
    benefit_class: Mapped[str] = public()
    plan: Mapped[str | None] = public()
    member_number: Mapped[str] = health()
    group_number: Mapped[str | None] = health()
    relationship: Mapped[str] = health()
    subscriber_given_name: Mapped[str] = health()
    subscriber_family_name: Mapped[str] = health()
    subscriber_birth_on: Mapped[date | None] = health()
    subscriber_sex: Mapped[str | None] = health()


class CoveragePeriod(PracticeOwned):
    """A belief about when a coverage was in force, held from `recorded_at` to `superseded_at` (BC-02)."""

    __tablename__ = "coverage_periods"
    __table_args__ = (
        within_practice("coverage_id", "coverages"),
        Index(
            "uq_coverage_periods_current",
            "practice_id",
            "coverage_id",
            unique=True,
            postgresql_where=text("superseded_at is null"),
        ),
        CheckConstraint("ends_on is null or ends_on >= starts_on", name="order"),
    )

    coverage_id: Mapped[UUID] = public()
    starts_on: Mapped[date] = health()
    ends_on: Mapped[date | None] = health()
    recorded_at: Mapped[datetime] = public()
    recorded_by: Mapped[UUID] = public()
    superseded_at: Mapped[datetime | None] = public()
    reason: Mapped[str] = public()
