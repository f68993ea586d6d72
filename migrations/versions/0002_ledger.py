"""The tables of ledger, with who may see them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import practice_owned

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, with who may see them."""
    op.create_table(
        "accounts",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("owner_kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("floor", sa.BigInteger(), nullable=True),
        sa.Column("debits", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("credits", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("unit in ('usd', 'visit', 'minute', 'day')", name=op.f("ck_accounts_unit")),
        sa.CheckConstraint("debits >= 0 and credits >= 0", name=op.f("ck_accounts_totals")),
        sa.CheckConstraint("floor is null or credits - debits >= floor", name=op.f("ck_accounts_floor")),
        sa.CheckConstraint("kept or floor is null", name=op.f("ck_accounts_kept")),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_accounts_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_accounts")),
        sa.UniqueConstraint(
            "practice_id",
            "owner_kind",
            "owner_id",
            "kind",
            "unit",
            name=op.f("uq_accounts_practice_id_owner_kind_owner_id_kind_unit"),
        ),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index("uq_accounts_unit", "accounts", ["practice_id", "id", "unit"], unique=True)
    practice_owned("accounts", "SELECT, INSERT, UPDATE (debits, credits)")
    op.create_table(
        "draws",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("limit_kind", sa.Text(), nullable=False),
        sa.Column("limit_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("counted_key", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("drawn_on", sa.Date(), nullable=False),
        sa.Column("over", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "stage in ('booked', 'attended', 'documented', 'billed', 'adjudicated')",
            name=op.f("ck_draws_stage"),
        ),
        sa.CheckConstraint("amount > 0 and over >= 0", name=op.f("ck_draws_amount")),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_draws_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_draws")),
        sa.UniqueConstraint(
            "practice_id",
            "limit_kind",
            "limit_id",
            "unit",
            "counted_key",
            "subject_id",
            name=op.f("uq_draws_practice_id_limit_kind_limit_id_unit_counted_key_subject_id"),
        ),
    )
    op.create_index("ix_draws_subject", "draws", ["practice_id", "subject_id"], unique=False)
    practice_owned("draws", "SELECT, INSERT, UPDATE, DELETE")
    op.create_table(
        "journals",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "reverses"],
            ["journals.practice_id", "journals.id"],
            name=op.f("fk_journals_practice_id_reverses"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_journals_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_journals")),
        sa.UniqueConstraint(
            "practice_id", "kind", "source", "round", name=op.f("uq_journals_practice_id_kind_source_round")
        ),
    )
    op.create_index("uq_journals_reverses", "journals", ["practice_id", "reverses"], unique=True)
    practice_owned("journals", "SELECT, INSERT")
    op.create_table(
        "transfers",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("debit_account", sa.Uuid(), nullable=False),
        sa.Column("credit_account", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_transfers_amount")),
        sa.CheckConstraint("debit_account <> credit_account", name=op.f("ck_transfers_sides")),
        sa.ForeignKeyConstraint(
            ["practice_id", "credit_account", "unit"],
            ["accounts.practice_id", "accounts.id", "accounts.unit"],
            name=op.f("fk_transfers_practice_id_credit_account_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "debit_account", "unit"],
            ["accounts.practice_id", "accounts.id", "accounts.unit"],
            name=op.f("fk_transfers_practice_id_debit_account_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "journal_id"],
            ["journals.practice_id", "journals.id"],
            name=op.f("fk_transfers_practice_id_journal_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "reverses"],
            ["transfers.practice_id", "transfers.id"],
            name=op.f("fk_transfers_practice_id_reverses"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_transfers_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_transfers")),
    )
    op.create_index("ix_transfers_credit", "transfers", ["practice_id", "credit_account"], unique=False)
    op.create_index("ix_transfers_debit", "transfers", ["practice_id", "debit_account"], unique=False)
    op.create_index("ix_transfers_journal", "transfers", ["practice_id", "journal_id"], unique=False)
    practice_owned("transfers", "SELECT, INSERT")
