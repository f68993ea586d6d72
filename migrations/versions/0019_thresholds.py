"""What counts toward the year's therapy threshold: look-ups, payers' allowed amounts, and what we decided."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import practice_owned

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    """Make the tables, with who may see them."""
    _observations()
    _accruals()
    _decisions()


def _own() -> tuple[sa.Column, ...]:
    return (sa.Column("practice_id", sa.Uuid(), nullable=False), sa.Column("id", sa.Uuid(), nullable=False))


def _bucketed(table: str) -> tuple[sa.Column | sa.CheckConstraint, ...]:
    return (
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.CheckConstraint("bucket in ('PT_SLP', 'OT')", name=op.f(f"ck_{table}_bucket")),
    )


def _keys(table: str, **references: str) -> list[sa.Constraint]:
    made: list[sa.Constraint] = [
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{table}_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f(f"pk_{table}")),
    ]
    for column, target in references.items():
        made.append(
            sa.ForeignKeyConstraint(
                ["practice_id", column],
                [f"{target}.practice_id", f"{target}.id"],
                name=op.f(f"fk_{table}_practice_id_{column}"),
            )
        )
    return made


def _observations() -> None:
    op.create_table(
        "threshold_observations",
        *_own(),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        *_bucketed("threshold_observations"),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_threshold_observations_amount")),
        *_keys("threshold_observations", patient_id="patients"),
    )
    op.create_index(
        "ix_threshold_observations_patient",
        "threshold_observations",
        ["practice_id", "patient_id", "year", "bucket", "as_of"],
    )
    practice_owned("threshold_observations", "SELECT, INSERT")


def _accruals() -> None:
    op.create_table(
        "therapy_accruals",
        *_own(),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("claim_line_id", sa.Uuid(), nullable=False),
        *_bucketed("therapy_accruals"),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("processed_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.UniqueConstraint("practice_id", "source", name=op.f("uq_therapy_accruals_practice_id_source")),
        *_keys("therapy_accruals", patient_id="patients", claim_line_id="claim_lines"),
    )
    op.create_index(
        "ix_therapy_accruals_patient", "therapy_accruals", ["practice_id", "patient_id", "year", "bucket"]
    )
    op.create_index("ix_therapy_accruals_line", "therapy_accruals", ["practice_id", "claim_line_id"])
    practice_owned("therapy_accruals", "SELECT, INSERT, UPDATE, DELETE")


def _decisions() -> None:
    op.create_table(
        "threshold_decisions",
        *_own(),
        sa.Column("claim_line_id", sa.Uuid(), nullable=False),
        *_bucketed("threshold_decisions"),
        sa.Column("threshold_cents", sa.BigInteger(), nullable=False),
        sa.Column("threshold_year", sa.BigInteger(), nullable=False),
        sa.Column("accrued_cents", sa.BigInteger(), nullable=False),
        sa.Column("allowed_cents", sa.BigInteger(), nullable=True),
        sa.Column("marked", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        *_keys("threshold_decisions", claim_line_id="claim_lines"),
    )
    op.create_index(
        "ix_threshold_decisions_line", "threshold_decisions", ["practice_id", "claim_line_id", "decided_at"]
    )
    practice_owned("threshold_decisions", "SELECT, INSERT")
