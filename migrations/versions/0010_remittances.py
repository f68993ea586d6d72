"""The tables of remittances, with who may see them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import practice_owned

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, with who may see them."""
    op.create_table(
        "remittances",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("received_file_id", sa.Uuid(), nullable=False),
        sa.Column("transaction_position", sa.BigInteger(), nullable=False),
        sa.Column("quarantine_key", sa.Text(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=True),
        sa.Column("payer_name", sa.Text(), nullable=False),
        sa.Column("payer_identifier", sa.Text(), nullable=False),
        sa.Column("payee_npi", sa.Text(), nullable=False),
        sa.Column("trace_number", sa.Text(), nullable=False),
        sa.Column("payment_cents", sa.BigInteger(), nullable=False),
        sa.Column("payment_method", sa.Text(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("problems", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("posted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status in ('received', 'quarantined', 'posted', 'unposted')", name=op.f("ck_remittances_status")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "payer_id"],
            ["payers.practice_id", "payers.id"],
            name=op.f("fk_remittances_practice_id_payer_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_remittances_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_remittances")),
        sa.UniqueConstraint(
            "practice_id",
            "payee_npi",
            "payer_identifier",
            "trace_number",
            "payment_cents",
            "paid_on",
            "quarantine_key",
            name=op.f(
                "uq_remittances_practice_id_payee_npi_payer_identifier_trace_number_payment_cents_paid_on_quarantine_key"
            ),
        ),
    )
    op.create_index("ix_remittances_status", "remittances", ["practice_id", "status"], unique=False)
    practice_owned("remittances", "SELECT, INSERT, UPDATE")
    op.create_table(
        "provider_adjustments",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("remittance_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "remittance_id"],
            ["remittances.practice_id", "remittances.id"],
            name=op.f("fk_provider_adjustments_practice_id_remittance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_provider_adjustments_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_provider_adjustments")),
        sa.UniqueConstraint(
            "practice_id",
            "remittance_id",
            "ordinal",
            name=op.f("uq_provider_adjustments_practice_id_remittance_id_ordinal"),
        ),
    )
    practice_owned("provider_adjustments", "SELECT, INSERT")
    op.create_table(
        "remittance_claims",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("remittance_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("claim_control_number", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=True),
        sa.Column("status_code", sa.Text(), nullable=False),
        sa.Column("charge_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_cents", sa.BigInteger(), nullable=False),
        sa.Column("patient_cents", sa.BigInteger(), nullable=False),
        sa.Column("payer_control_number", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("matched_by", sa.Text(), nullable=True),
        sa.Column("difference_cents", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("remarks", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint(
            "outcome in ('waiting', 'posted', 'parked', 'unmatched', 'information')",
            name=op.f("ck_remittance_claims_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "claim_id"],
            ["claims.practice_id", "claims.id"],
            name=op.f("fk_remittance_claims_practice_id_claim_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "remittance_id"],
            ["remittances.practice_id", "remittances.id"],
            name=op.f("fk_remittance_claims_practice_id_remittance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_remittance_claims_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_remittance_claims")),
        sa.UniqueConstraint(
            "practice_id",
            "remittance_id",
            "ordinal",
            name=op.f("uq_remittance_claims_practice_id_remittance_id_ordinal"),
        ),
    )
    op.create_index(
        "ix_remittance_claims_claim", "remittance_claims", ["practice_id", "claim_id"], unique=False
    )
    practice_owned("remittance_claims", "SELECT, INSERT, UPDATE")
    op.create_table(
        "remittance_lines",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("remittance_claim_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("claim_line_id", sa.Uuid(), nullable=True),
        sa.Column("line_control", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("modifiers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("units", sa.Text(), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=True),
        sa.Column("charge_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_cents", sa.BigInteger(), nullable=False),
        sa.Column("allowed_cents", sa.BigInteger(), nullable=False),
        sa.Column("allowed_how", sa.Text(), nullable=False),
        sa.Column("remarks", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "claim_line_id"],
            ["claim_lines.practice_id", "claim_lines.id"],
            name=op.f("fk_remittance_lines_practice_id_claim_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "remittance_claim_id"],
            ["remittance_claims.practice_id", "remittance_claims.id"],
            name=op.f("fk_remittance_lines_practice_id_remittance_claim_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_remittance_lines_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_remittance_lines")),
        sa.UniqueConstraint(
            "practice_id",
            "remittance_claim_id",
            "ordinal",
            name=op.f("uq_remittance_lines_practice_id_remittance_claim_id_ordinal"),
        ),
    )
    op.create_index(
        "ix_remittance_lines_line", "remittance_lines", ["practice_id", "claim_line_id"], unique=False
    )
    practice_owned("remittance_lines", "SELECT, INSERT, UPDATE")
    op.create_table(
        "remittance_adjustments",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("remittance_claim_id", sa.Uuid(), nullable=False),
        sa.Column("remittance_line_id", sa.Uuid(), nullable=True),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("group_code", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["practice_id", "remittance_claim_id"],
            ["remittance_claims.practice_id", "remittance_claims.id"],
            name=op.f("fk_remittance_adjustments_practice_id_remittance_claim_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "remittance_line_id"],
            ["remittance_lines.practice_id", "remittance_lines.id"],
            name=op.f("fk_remittance_adjustments_practice_id_remittance_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_remittance_adjustments_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_remittance_adjustments")),
    )
    op.create_index(
        "ix_remittance_adjustments_claim",
        "remittance_adjustments",
        ["practice_id", "remittance_claim_id"],
        unique=False,
    )
    practice_owned("remittance_adjustments", "SELECT, INSERT")
