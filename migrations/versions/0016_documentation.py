"""What the signer attests of a note, what was found about it, and the questions put to clinicians."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import practice_owned

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)
JSONB = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    """Add the attestation and its findings; of sessions recorded before nobody attested anything."""
    for column in (
        sa.Column("documentation", JSONB, nullable=True),
        sa.Column("note_sketch", sa.LargeBinary(), nullable=True),
        sa.Column("findings", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
        sa.Column("waiting_cents", sa.BigInteger(), nullable=True),
    ):
        op.add_column("visits", column)
    op.create_index(
        "ix_visits_unsigned",
        "visits",
        ["practice_id", "date_of_service"],
        postgresql_where=sa.text("signed_at is null and status <> 'void'"),
    )
    op.create_index("ix_visits_patient", "visits", ["practice_id", "patient_id", "discipline", "starts_at"])
    for column in (
        sa.Column("verbal_order_on", sa.Date(), nullable=True),
        sa.Column("delay_reason", sa.Text(), nullable=True),
        sa.Column("progress_reports", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    ):
        op.add_column("plans_of_care", column)
    _clinician_queries()


def _clinician_queries() -> None:
    table = "clinician_queries"
    op.create_table(
        table,
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=True),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("service_ordinal", sa.BigInteger(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("addendum", sa.Text(), nullable=True),
        sa.Column("items", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.Column("elapsed_days", sa.BigInteger(), nullable=True),
        sa.Column("closed_reason", sa.Text(), nullable=True),
        sa.Column("earlier", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
        sa.CheckConstraint(
            "status in ('open', 'answered', 'withdrawn', 'settled')", name=op.f(f"ck_{table}_status")
        ),
        sa.CheckConstraint(
            "status <> 'answered' or (answered_at is not null and answered_by is not null)",
            name=op.f(f"ck_{table}_answered"),
        ),
        *(
            sa.ForeignKeyConstraint(
                ["practice_id", column],
                [f"{other}.practice_id", f"{other}.id"],
                name=op.f(f"fk_{table}_practice_id_{column}"),
            )
            for column, other in (
                ("visit_id", "visits"),
                ("claim_id", "claims"),
                ("provider_id", "providers"),
            )
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{table}_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f(f"pk_{table}")),
    )
    open_ones = sa.text("status = 'open'")
    columns = ["practice_id", "visit_id", "rule", sa.text("md5(question)")]
    op.create_index(f"uq_{table}_open", table, columns, unique=True, postgresql_where=open_ones)
    op.create_index(f"ix_{table}_provider", table, ["practice_id", "provider_id", "status"])
    op.create_index(f"ix_{table}_visit", table, ["practice_id", "visit_id"])
    practice_owned(table, "SELECT, INSERT, UPDATE")
