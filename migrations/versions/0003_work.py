"""The tables of work, with who may see them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import practice_owned

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, with who may see them."""
    op.create_table(
        "work_items",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("value_cents", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("next_action", sa.Text(), nullable=False),
        sa.Column("repeats", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint("next_action <> '' and reason <> ''", name=op.f("ck_work_items_action")),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_work_items_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_work_items")),
    )
    op.create_index(
        "ix_work_items_due",
        "work_items",
        ["practice_id", "due_on"],
        unique=False,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_index(
        "uq_work_items_open",
        "work_items",
        ["practice_id", "kind", "subject_kind", "subject_id"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )
    practice_owned("work_items", "SELECT, INSERT, UPDATE")
