"""The tables of scheduling, with who may see them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import practice_owned

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, with who may see them."""
    op.create_table(
        "appointments",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("discipline", sa.Text(), nullable=False),
        sa.Column("starts_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("planned_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reservation", sa.Text(), nullable=False),
        sa.Column("reservation_reason", sa.Text(), nullable=False),
        sa.Column("source_system", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("source_version", sa.Text(), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reservation in ('reserved', 'unreserved', 'none')", name=op.f("ck_appointments_reservation")
        ),
        sa.CheckConstraint(
            "status in ('booked', 'cancelled', 'no_show', 'attended')", name=op.f("ck_appointments_status")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_appointments_order")),
        sa.ForeignKeyConstraint(
            ["practice_id", "case_id"],
            ["cases.practice_id", "cases.id"],
            name=op.f("fk_appointments_practice_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "location_id"],
            ["locations.practice_id", "locations.id"],
            name=op.f("fk_appointments_practice_id_location_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name=op.f("fk_appointments_practice_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name=op.f("fk_appointments_practice_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_appointments_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_appointments")),
        sa.UniqueConstraint(
            "practice_id",
            "source_system",
            "source_id",
            name=op.f("uq_appointments_practice_id_source_system_source_id"),
        ),
    )
    op.create_index(
        "ix_appointments_case", "appointments", ["practice_id", "case_id", "service_on"], unique=False
    )
    op.create_index(
        "ix_appointments_provider", "appointments", ["practice_id", "provider_id", "service_on"], unique=False
    )
    practice_owned("appointments", "SELECT, INSERT, UPDATE")
