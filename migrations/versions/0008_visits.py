"""The tables of visits, with who may see them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import practice_owned

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, with who may see them."""
    op.create_table(
        "visits",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("plan_of_care_id", sa.Uuid(), nullable=True),
        sa.Column("discipline", sa.Text(), nullable=False),
        sa.Column("date_of_service", sa.Date(), nullable=False),
        sa.Column("starts_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("held_reason", sa.Text(), nullable=True),
        sa.Column("signed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("signed_by", sa.Text(), nullable=True),
        sa.Column("source_system", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("source_version", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("unit_choices", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status in ('documented', 'held', 'charged', 'void')", name=op.f("ck_visits_status")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_visits_order")),
        sa.ForeignKeyConstraint(
            ["practice_id", "appointment_id"],
            ["appointments.practice_id", "appointments.id"],
            name=op.f("fk_visits_practice_id_appointment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "case_id"],
            ["cases.practice_id", "cases.id"],
            name=op.f("fk_visits_practice_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "location_id"],
            ["locations.practice_id", "locations.id"],
            name=op.f("fk_visits_practice_id_location_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name=op.f("fk_visits_practice_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "plan_of_care_id"],
            ["plans_of_care.practice_id", "plans_of_care.id"],
            name=op.f("fk_visits_practice_id_plan_of_care_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name=op.f("fk_visits_practice_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_visits_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_visits")),
        sa.UniqueConstraint(
            "practice_id",
            "source_system",
            "source_id",
            name=op.f("uq_visits_practice_id_source_system_source_id"),
        ),
    )
    op.create_index("ix_visits_case", "visits", ["practice_id", "case_id", "date_of_service"], unique=False)
    op.create_index(
        "ix_visits_provider", "visits", ["practice_id", "provider_id", "date_of_service"], unique=False
    )
    op.create_index("ix_visits_status", "visits", ["practice_id", "status"], unique=False)
    practice_owned("visits", "SELECT, INSERT, UPDATE")
    op.create_table(
        "charge_lines",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("modifiers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=True),
        sa.Column("charge_cents", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("status in ('open', 'claimed', 'void')", name=op.f("ck_charge_lines_status")),
        sa.CheckConstraint("charge_cents > 0", name=op.f("ck_charge_lines_charge")),
        sa.CheckConstraint("units > 0", name=op.f("ck_charge_lines_units")),
        sa.ForeignKeyConstraint(
            ["practice_id", "visit_id"],
            ["visits.practice_id", "visits.id"],
            name=op.f("fk_charge_lines_practice_id_visit_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_charge_lines_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_charge_lines")),
        sa.UniqueConstraint(
            "practice_id", "visit_id", "ordinal", name=op.f("uq_charge_lines_practice_id_visit_id_ordinal")
        ),
    )
    op.create_index("ix_charge_lines_status", "charge_lines", ["practice_id", "status"], unique=False)
    practice_owned("charge_lines", "SELECT, INSERT, UPDATE, DELETE")
    op.create_table(
        "visit_services",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=True),
        sa.Column("units_in_note", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("minutes is null or minutes >= 0", name=op.f("ck_visit_services_minutes")),
        sa.ForeignKeyConstraint(
            ["practice_id", "visit_id"],
            ["visits.practice_id", "visits.id"],
            name=op.f("fk_visit_services_practice_id_visit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_visit_services_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_visit_services")),
        sa.UniqueConstraint(
            "practice_id", "visit_id", "ordinal", name=op.f("uq_visit_services_practice_id_visit_id_ordinal")
        ),
    )
    practice_owned("visit_services", "SELECT, INSERT, UPDATE, DELETE")
