"""The tables of patients, with who may see them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import practice_owned

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, with who may see them."""
    op.create_table(
        "parties",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("birth_on", sa.Date(), nullable=True),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("zip_code", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.CheckConstraint("kind in ('person', 'employer', 'agency')", name=op.f("ck_parties_kind")),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_parties_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_parties")),
    )
    practice_owned("parties", "SELECT, INSERT, UPDATE")
    op.create_table(
        "patients",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False),
        sa.Column("birth_on", sa.Date(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("zip_code", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("source_system", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("sex in ('F', 'M', 'U')", name=op.f("ck_patients_sex")),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_patients_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_patients")),
        sa.UniqueConstraint(
            "practice_id",
            "source_system",
            "source_id",
            name=op.f("uq_patients_practice_id_source_system_source_id"),
        ),
    )
    op.create_index("ix_patients_name_key", "patients", ["practice_id", "name_key"], unique=False)
    practice_owned("patients", "SELECT, INSERT, UPDATE")
    op.create_table(
        "cases",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("accident_on", sa.Date(), nullable=True),
        sa.Column("accident_state", sa.Text(), nullable=True),
        sa.Column("accident_claim_number", sa.Text(), nullable=True),
        sa.Column("employer_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind in ('health_plan', 'workers_compensation', 'auto', 'self_pay')", name=op.f("ck_cases_kind")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "employer_id"],
            ["parties.practice_id", "parties.id"],
            name=op.f("fk_cases_practice_id_employer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name=op.f("fk_cases_practice_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_cases_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_cases")),
    )
    op.create_index("ix_cases_patient", "cases", ["practice_id", "patient_id"], unique=False)
    practice_owned("cases", "SELECT, INSERT, UPDATE")
    op.create_table(
        "guarantees",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("share_basis_points", sa.BigInteger(), nullable=False),
        sa.Column("apart", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "share_basis_points > 0 and share_basis_points <= 10000", name=op.f("ck_guarantees_share")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "party_id"],
            ["parties.practice_id", "parties.id"],
            name=op.f("fk_guarantees_practice_id_party_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name=op.f("fk_guarantees_practice_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_guarantees_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_guarantees")),
        sa.UniqueConstraint(
            "practice_id",
            "patient_id",
            "party_id",
            "starts_on",
            name=op.f("uq_guarantees_practice_id_patient_id_party_id_starts_on"),
        ),
    )
    practice_owned("guarantees", "SELECT, INSERT, UPDATE")
    op.create_table(
        "case_diagnoses",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "case_id"],
            ["cases.practice_id", "cases.id"],
            name=op.f("fk_case_diagnoses_practice_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_case_diagnoses_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_case_diagnoses")),
        sa.UniqueConstraint(
            "practice_id", "case_id", "ordinal", name=op.f("uq_case_diagnoses_practice_id_case_id_ordinal")
        ),
    )
    practice_owned("case_diagnoses", "SELECT, INSERT, UPDATE")
    op.create_table(
        "coverages",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("benefit_class", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("member_number", sa.Text(), nullable=False),
        sa.Column("group_number", sa.Text(), nullable=True),
        sa.Column("relationship", sa.Text(), nullable=False),
        sa.Column("subscriber_given_name", sa.Text(), nullable=False),
        sa.Column("subscriber_family_name", sa.Text(), nullable=False),
        sa.Column("subscriber_birth_on", sa.Date(), nullable=True),
        sa.Column("subscriber_sex", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "relationship in ('self', 'spouse', 'child', 'employee', 'other')",
            name=op.f("ck_coverages_relationship"),
        ),
        sa.CheckConstraint("ordinal between 1 and 3", name=op.f("ck_coverages_ordinal")),
        sa.ForeignKeyConstraint(
            ["practice_id", "case_id"],
            ["cases.practice_id", "cases.id"],
            name=op.f("fk_coverages_practice_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name=op.f("fk_coverages_practice_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "payer_id"],
            ["payers.practice_id", "payers.id"],
            name=op.f("fk_coverages_practice_id_payer_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_coverages_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_coverages")),
        sa.UniqueConstraint(
            "practice_id",
            "case_id",
            "ordinal",
            "benefit_class",
            "member_number",
            name=op.f("uq_coverages_practice_id_case_id_ordinal_benefit_class_member_number"),
        ),
    )
    practice_owned("coverages", "SELECT, INSERT, UPDATE")
    op.create_table(
        "coverage_periods",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("coverage_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("superseded_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("ends_on is null or ends_on >= starts_on", name=op.f("ck_coverage_periods_order")),
        sa.ForeignKeyConstraint(
            ["practice_id", "coverage_id"],
            ["coverages.practice_id", "coverages.id"],
            name=op.f("fk_coverage_periods_practice_id_coverage_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_coverage_periods_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_coverage_periods")),
    )
    op.create_index(
        "uq_coverage_periods_current",
        "coverage_periods",
        ["practice_id", "coverage_id"],
        unique=True,
        postgresql_where=sa.text("superseded_at is null"),
    )
    practice_owned("coverage_periods", "SELECT, INSERT, UPDATE")
