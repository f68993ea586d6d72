"""The tables of patient billing, with who may see them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import practice_owned

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, with who may see them."""
    op.create_table(
        "statements",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "party_id"],
            ["parties.practice_id", "parties.id"],
            name=op.f("fk_statements_practice_id_party_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_statements_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_statements")),
    )
    op.create_index(
        "ix_statements_party", "statements", ["practice_id", "party_id", "issued_on"], unique=False
    )
    practice_owned("statements", "SELECT, INSERT")
    op.create_table(
        "payment_links",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "closed_because in ('paid', 'replaced', 'revoked', 'locked')",
            name=op.f("ck_payment_links_closed"),
        ),
        sa.CheckConstraint("tries between 0 and 5", name=op.f("ck_payment_links_tries")),
        sa.ForeignKeyConstraint(
            ["practice_id", "party_id"],
            ["parties.practice_id", "parties.id"],
            name=op.f("fk_payment_links_practice_id_party_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "statement_id"],
            ["statements.practice_id", "statements.id"],
            name=op.f("fk_payment_links_practice_id_statement_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_payment_links_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_payment_links")),
    )
    op.create_index("ix_payment_links_party", "payment_links", ["practice_id", "party_id"], unique=False)
    practice_owned("payment_links", "SELECT, INSERT, UPDATE")
    op.create_table(
        "link_sessions",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("csrf_token", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "link_id"],
            ["payment_links.practice_id", "payment_links.id"],
            name=op.f("fk_link_sessions_practice_id_link_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_link_sessions_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_link_sessions")),
    )
    practice_owned("link_sessions", "SELECT, INSERT, UPDATE")
    op.create_table(
        "payments",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("merchant_account", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("checkout_url", sa.Text(), nullable=True),
        sa.Column("payment_reference", sa.Text(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("paid_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status in ('opening', 'opened', 'paid', 'expired', 'failed')", name=op.f("ck_payments_status")
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payments_amount")),
        sa.ForeignKeyConstraint(
            ["practice_id", "link_id"],
            ["payment_links.practice_id", "payment_links.id"],
            name=op.f("fk_payments_practice_id_link_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "party_id"],
            ["parties.practice_id", "parties.id"],
            name=op.f("fk_payments_practice_id_party_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_payments_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_payments")),
        sa.UniqueConstraint(
            "practice_id",
            "merchant_account",
            "session_id",
            name=op.f("uq_payments_practice_id_merchant_account_session_id"),
        ),
    )
    op.create_index("ix_payments_party", "payments", ["practice_id", "party_id"], unique=False)
    practice_owned("payments", "SELECT, INSERT, UPDATE")
    op.create_table(
        "statement_lines",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("claim_line_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("is_due", sa.Boolean(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("is_due or amount_cents = 0", name=op.f("ck_statement_lines_not_due")),
        sa.ForeignKeyConstraint(
            ["practice_id", "claim_line_id"],
            ["claim_lines.practice_id", "claim_lines.id"],
            name=op.f("fk_statement_lines_practice_id_claim_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name=op.f("fk_statement_lines_practice_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "statement_id"],
            ["statements.practice_id", "statements.id"],
            name=op.f("fk_statement_lines_practice_id_statement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_statement_lines_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_statement_lines")),
        sa.UniqueConstraint(
            "practice_id",
            "statement_id",
            "ordinal",
            name=op.f("uq_statement_lines_practice_id_statement_id_ordinal"),
        ),
    )
    practice_owned("statement_lines", "SELECT, INSERT")
