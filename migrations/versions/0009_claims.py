"""The tables of claims, with who may see them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import practice_owned

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, with who may see them."""
    op.create_table(
        "claim_numbers",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("last", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_claim_numbers_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_claim_numbers")),
        sa.UniqueConstraint("practice_id", name=op.f("uq_claim_numbers_practice_id")),
    )
    practice_owned("claim_numbers", "SELECT, INSERT, UPDATE")
    op.create_table(
        "inbound_transactions",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("received_file_id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status in ('received', 'applied', 'quarantined')", name=op.f("ck_inbound_transactions_status")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_inbound_transactions_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_inbound_transactions")),
        sa.UniqueConstraint(
            "practice_id",
            "received_file_id",
            "ordinal",
            name=op.f("uq_inbound_transactions_practice_id_received_file_id_ordinal"),
        ),
    )
    practice_owned("inbound_transactions", "SELECT, INSERT, UPDATE")
    op.create_table(
        "interchanges",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("control_number", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status in ('written', 'sent', 'accepted', 'partly_accepted', 'rejected')",
            name=op.f("ck_interchanges_status"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_interchanges_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_interchanges")),
        sa.UniqueConstraint(
            "practice_id",
            "connection_id",
            "control_number",
            name=op.f("uq_interchanges_practice_id_connection_id_control_number"),
        ),
    )
    practice_owned("interchanges", "SELECT, INSERT, UPDATE")
    op.create_table(
        "claims",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("coverage_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("rendering_provider_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("replaces", sa.Uuid(), nullable=True),
        sa.Column("assembly_key", sa.Text(), nullable=False),
        sa.Column("control_number", sa.Text(), nullable=False),
        sa.Column("payer_control_number", sa.Text(), nullable=True),
        sa.Column("frequency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("discipline", sa.Text(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("billed_cents", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("frequency in ('1', '7', '8')", name=op.f("ck_claims_frequency")),
        sa.CheckConstraint(
            "status in ('held', 'ready', 'queued', 'written', 'sent', 'received', 'accepted', 'rejected', 'paid', 'denied', 'voided')",
            name=op.f("ck_claims_status"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "case_id"],
            ["cases.practice_id", "cases.id"],
            name=op.f("fk_claims_practice_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "coverage_id"],
            ["coverages.practice_id", "coverages.id"],
            name=op.f("fk_claims_practice_id_coverage_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "location_id"],
            ["locations.practice_id", "locations.id"],
            name=op.f("fk_claims_practice_id_location_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name=op.f("fk_claims_practice_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "payer_id"],
            ["payers.practice_id", "payers.id"],
            name=op.f("fk_claims_practice_id_payer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "rendering_provider_id"],
            ["providers.practice_id", "providers.id"],
            name=op.f("fk_claims_practice_id_rendering_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "replaces"],
            ["claims.practice_id", "claims.id"],
            name=op.f("fk_claims_practice_id_replaces"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_claims_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_claims")),
        sa.UniqueConstraint("practice_id", "assembly_key", name=op.f("uq_claims_practice_id_assembly_key")),
        sa.UniqueConstraint(
            "practice_id", "control_number", name=op.f("uq_claims_practice_id_control_number")
        ),
    )
    op.create_index("ix_claims_patient", "claims", ["practice_id", "patient_id"], unique=False)
    op.create_index("ix_claims_status", "claims", ["practice_id", "status"], unique=False)
    practice_owned("claims", "SELECT, INSERT, UPDATE")
    op.create_table(
        "claim_events",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "claim_id"],
            ["claims.practice_id", "claims.id"],
            name=op.f("fk_claim_events_practice_id_claim_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_claim_events_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_claim_events")),
        sa.UniqueConstraint(
            "practice_id",
            "claim_id",
            "kind",
            "source",
            name=op.f("uq_claim_events_practice_id_claim_id_kind_source"),
        ),
    )
    op.create_index("ix_claim_events_claim", "claim_events", ["practice_id", "claim_id", "at"], unique=False)
    practice_owned("claim_events", "SELECT, INSERT")
    op.create_table(
        "claim_findings",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("fix", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("found_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("released_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        sa.Column("release_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "severity in ('blocks', 'warns', 'informs')", name=op.f("ck_claim_findings_severity")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "claim_id"],
            ["claims.practice_id", "claims.id"],
            name=op.f("fk_claim_findings_practice_id_claim_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_claim_findings_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_claim_findings")),
    )
    op.create_index(
        "ix_claim_findings_claim", "claim_findings", ["practice_id", "claim_id", "version"], unique=False
    )
    practice_owned("claim_findings", "SELECT, INSERT, UPDATE")
    op.create_table(
        "claim_lines",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("line_control", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("modifiers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("charge_cents", sa.BigInteger(), nullable=False),
        sa.Column("date_of_service", sa.Date(), nullable=False),
        sa.Column("place_of_service", sa.Text(), nullable=False),
        sa.Column("authorization_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("charge_cents > 0", name=op.f("ck_claim_lines_charge")),
        sa.CheckConstraint("units > 0", name=op.f("ck_claim_lines_units")),
        sa.ForeignKeyConstraint(
            ["practice_id", "authorization_id"],
            ["authorizations.practice_id", "authorizations.id"],
            name=op.f("fk_claim_lines_practice_id_authorization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "claim_id"],
            ["claims.practice_id", "claims.id"],
            name=op.f("fk_claim_lines_practice_id_claim_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_claim_lines_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_claim_lines")),
        sa.UniqueConstraint(
            "practice_id", "claim_id", "number", name=op.f("uq_claim_lines_practice_id_claim_id_number")
        ),
        sa.UniqueConstraint(
            "practice_id", "line_control", name=op.f("uq_claim_lines_practice_id_line_control")
        ),
    )
    practice_owned("claim_lines", "SELECT, INSERT, UPDATE")
    op.create_table(
        "claim_versions",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "claim_id"],
            ["claims.practice_id", "claims.id"],
            name=op.f("fk_claim_versions_practice_id_claim_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_claim_versions_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_claim_versions")),
        sa.UniqueConstraint(
            "practice_id", "claim_id", "number", name=op.f("uq_claim_versions_practice_id_claim_id_number")
        ),
    )
    practice_owned("claim_versions", "SELECT, INSERT")
    op.create_table(
        "interchange_claims",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("interchange_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("transaction_control", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "claim_id"],
            ["claims.practice_id", "claims.id"],
            name=op.f("fk_interchange_claims_practice_id_claim_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "interchange_id"],
            ["interchanges.practice_id", "interchanges.id"],
            name=op.f("fk_interchange_claims_practice_id_interchange_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_interchange_claims_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_interchange_claims")),
        sa.UniqueConstraint(
            "practice_id",
            "interchange_id",
            "claim_id",
            name=op.f("uq_interchange_claims_practice_id_interchange_id_claim_id"),
        ),
    )
    op.create_index(
        "ix_interchange_claims_claim", "interchange_claims", ["practice_id", "claim_id"], unique=False
    )
    practice_owned("interchange_claims", "SELECT, INSERT")
    op.create_table(
        "claim_line_sources",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_line_id", sa.Uuid(), nullable=False),
        sa.Column("charge_line_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "charge_line_id"],
            ["charge_lines.practice_id", "charge_lines.id"],
            name=op.f("fk_claim_line_sources_practice_id_charge_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "claim_line_id"],
            ["claim_lines.practice_id", "claim_lines.id"],
            name=op.f("fk_claim_line_sources_practice_id_claim_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "visit_id"],
            ["visits.practice_id", "visits.id"],
            name=op.f("fk_claim_line_sources_practice_id_visit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_claim_line_sources_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_claim_line_sources")),
        sa.UniqueConstraint(
            "practice_id",
            "charge_line_id",
            "claim_line_id",
            name=op.f("uq_claim_line_sources_practice_id_charge_line_id_claim_line_id"),
        ),
    )
    op.create_index(
        "ix_claim_line_sources_line", "claim_line_sources", ["practice_id", "claim_line_id"], unique=False
    )
    practice_owned("claim_line_sources", "SELECT, INSERT")
