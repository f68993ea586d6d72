"""What the record says of a session and of each procedure beyond code and minutes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)
JSONB = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    """Add the evidence; what was recorded before says nothing of it."""
    _evidence_of_visits()
    _evidence_of_services()


def _evidence_of_visits() -> None:
    for column in (
        sa.Column("telehealth", sa.Text(), nullable=False, server_default=sa.text("'none'")),
        sa.Column("patient_at_home", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("patient_state", sa.Text(), nullable=True),
        sa.Column("supervisor_id", sa.Uuid(), nullable=True),
        sa.Column("cosigned_at", INSTANT, nullable=True),
        sa.Column("cosigned_by", sa.Text(), nullable=True),
        sa.Column("benefit", sa.Text(), nullable=True),
        sa.Column("total_timed_minutes", sa.BigInteger(), nullable=True),
        sa.Column("total_minutes", sa.BigInteger(), nullable=True),
        sa.Column("signatures", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
        sa.Column("coding", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    ):
        op.add_column("visits", column)
    for name, condition in (
        ("telehealth", "telehealth in ('none', 'audio_video', 'audio_only')"),
        ("benefit", "benefit in ('habilitative', 'rehabilitative')"),
        ("totals", "total_timed_minutes >= 0 and total_minutes >= 0"),
    ):
        op.create_check_constraint(op.f(f"ck_visits_{name}"), "visits", condition)
    _reference("visits", "supervisor_id")


def _evidence_of_services() -> None:
    for column in (
        sa.Column("starts_at", INSTANT, nullable=True),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("assistant_id", sa.Uuid(), nullable=True),
        sa.Column("assistant_minutes", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("joint_minutes", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("patients_at_once", sa.BigInteger(), nullable=False, server_default=sa.text("1")),
        sa.Column("body_site", sa.Text(), nullable=True),
        sa.Column("separate_encounter", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("notice", sa.Text(), nullable=False, server_default=sa.text("'none'")),
        sa.Column("modifiers_in_note", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}"),
    ):
        op.add_column("visit_services", column)
    for name, condition in (
        ("order", "ends_at > starts_at"),
        ("assistance", "assistant_minutes >= 0 and joint_minutes >= 0"),
        ("patients_at_once", "patients_at_once >= 1"),
        ("notice", "notice in ('none', 'required_on_file', 'voluntary', 'expected_denial', 'excluded')"),
    ):
        op.create_check_constraint(op.f(f"ck_visit_services_{name}"), "visit_services", condition)
    _reference("visit_services", "assistant_id")


def _reference(table: str, column: str) -> None:
    name = op.f(f"fk_{table}_practice_id_{column}")
    op.create_foreign_key(name, table, "providers", ["practice_id", column], ["practice_id", "id"])
