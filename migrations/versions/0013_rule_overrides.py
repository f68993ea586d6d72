"""Rules that are withdrawn instead of edited, a billing company's own, and what stands for a signature."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import organization_owned

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    """Extend the practice's rules, make the company's, and give plans of care their order."""
    _payer_rules()
    _organization_rules()
    _publications()
    for name in ("order_signed_on", "sent_to_orderer_on"):
        op.add_column("plans_of_care", sa.Column(name, sa.Date(), nullable=True))


def _payer_rules() -> None:
    """Rows from before are the practice's own, in force, without vectors."""
    for column in (
        sa.Column("level", sa.Text(), server_default=sa.text("'practice'"), nullable=False),
        sa.Column("payer_key", sa.Text(), nullable=True),
        sa.Column("source_link", sa.Text(), nullable=True),
        sa.Column("vectors", JSON, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("author_name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
    ):
        op.add_column("payer_rules", column)
    op.create_check_constraint(
        op.f("ck_payer_rules_level"), "payer_rules", "level in ('organization', 'practice')"
    )
    op.create_check_constraint(
        op.f("ck_payer_rules_payer"), "payer_rules", "payer_id is null or payer_key is null"
    )


def _organization_rules() -> None:
    op.create_table(
        "organization_rules",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("payer_key", sa.Text(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("value", JSON, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_link", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("vectors", JSON, nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name=op.f("fk_organization_rules_organization_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_organization_rules")),
    )
    op.create_index("ix_organization_rules_rule", "organization_rules", ["organization_id", "rule"])
    organization_owned("organization_rules", "SELECT, INSERT, UPDATE")


def _publications() -> None:
    op.create_table(
        "rule_publications",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("at_practice_id", sa.Uuid(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name=op.f("fk_rule_publications_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "rule_id"],
            ["organization_rules.organization_id", "organization_rules.id"],
            name=op.f("fk_rule_publications_organization_id_rule_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_rule_publications")),
        sa.UniqueConstraint(
            "organization_id",
            "rule_id",
            "at_practice_id",
            name=op.f("uq_rule_publications_organization_id_rule_id_at_practice_id"),
        ),
    )
    organization_owned("rule_publications", "SELECT, INSERT, UPDATE")
