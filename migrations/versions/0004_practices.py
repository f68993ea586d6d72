"""The tables of practices, with who may see them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import practice_owned

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, with who may see them."""
    op.create_table(
        "charge_rates",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("charge_cents", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_charge_rates_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_charge_rates")),
    )
    op.create_index(
        "ix_charge_rates_code", "charge_rates", ["practice_id", "code", "starts_on"], unique=False
    )
    practice_owned("charge_rates", "SELECT, INSERT, UPDATE")
    op.create_table(
        "locations",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("npi", sa.Text(), nullable=True),
        sa.Column("place_of_service", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("zip_code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_locations_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_locations")),
    )
    practice_owned("locations", "SELECT, INSERT, UPDATE")
    op.create_table(
        "payers",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("electronic_id", sa.Text(), nullable=False),
        sa.Column("rule_key", sa.Text(), nullable=False),
        sa.Column("filing_indicator", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("zip_code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_payers_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_payers")),
        sa.UniqueConstraint("practice_id", "electronic_id", name=op.f("uq_payers_practice_id_electronic_id")),
    )
    practice_owned("payers", "SELECT, INSERT, UPDATE")
    op.create_table(
        "practice_profiles",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("billing_name", sa.Text(), nullable=False),
        sa.Column("specialty", sa.Text(), nullable=False),
        sa.Column("npi", sa.Text(), nullable=False),
        sa.Column("tax_id", sa.Text(), nullable=False),
        sa.Column("taxonomy", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("zip_code", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("schedule_mode", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=True),
        sa.Column("merchant_account", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "schedule_mode in ('kept', 'mirrored', 'none')", name=op.f("ck_practice_profiles_schedule_mode")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_practice_profiles_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_practice_profiles")),
        sa.UniqueConstraint("practice_id", name=op.f("uq_practice_profiles_practice_id")),
    )
    practice_owned("practice_profiles", "SELECT, INSERT, UPDATE")
    op.create_table(
        "providers",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("disciplines", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("npi", sa.Text(), nullable=True),
        sa.Column("taxonomy", sa.Text(), nullable=True),
        sa.Column("supervisor_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("status in ('active', 'left')", name=op.f("ck_providers_status")),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_providers_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_providers")),
    )
    practice_owned("providers", "SELECT, INSERT, UPDATE")
    op.create_table(
        "identifiers",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("payer_id", sa.Uuid(), nullable=True),
        sa.Column("npi", sa.Text(), nullable=False),
        sa.Column("taxonomy", sa.Text(), nullable=True),
        sa.Column("legacy_id", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "role in ('rendering', 'billing', 'supervising', 'facility')", name=op.f("ck_identifiers_role")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "location_id"],
            ["locations.practice_id", "locations.id"],
            name=op.f("fk_identifiers_practice_id_location_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "payer_id"],
            ["payers.practice_id", "payers.id"],
            name=op.f("fk_identifiers_practice_id_payer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name=op.f("fk_identifiers_practice_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_identifiers_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_identifiers")),
    )
    op.create_index(
        "ix_identifiers_role", "identifiers", ["practice_id", "role", "provider_id"], unique=False
    )
    practice_owned("identifiers", "SELECT, INSERT, UPDATE")
    op.create_table(
        "payer_rules",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "payer_id"],
            ["payers.practice_id", "payers.id"],
            name=op.f("fk_payer_rules_practice_id_payer_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_payer_rules_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_payer_rules")),
    )
    op.create_index("ix_payer_rules_rule", "payer_rules", ["practice_id", "rule", "payer_id"], unique=False)
    practice_owned("payer_rules", "SELECT, INSERT, UPDATE")
