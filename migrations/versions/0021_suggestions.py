"""What was suggested for a claim, and the rules that repeated rejections propose."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import practice_owned

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)
JSONB = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    """Keep suggestions apart from claims: nothing that writes a claim reads them."""
    _suggestions()
    _proposals()


def _suggestions() -> None:
    op.create_table(
        "coding_suggestions",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("made_with", sa.Text(), nullable=False),
        sa.Column("pointer", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("becomes", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("evidence", JSONB, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("confirmed", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("evidence_seen", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("led_to_version", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("source in ('ai', 'rule')", name=op.f("ck_coding_suggestions_source")),
        sa.CheckConstraint(
            "state in ('open', 'accepted', 'rejected')", name=op.f("ck_coding_suggestions_state")
        ),
        sa.CheckConstraint(
            "state <> 'accepted' or (decided_by is not null and decided_at is not null "
            "and evidence_seen <> '' and cardinality(confirmed) = 4)",
            name=op.f("ck_coding_suggestions_accepted"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "claim_id"],
            ["claims.practice_id", "claims.id"],
            name=op.f("fk_coding_suggestions_practice_id_claim_id"),
        ),
        *_of_practice("coding_suggestions"),
    )
    op.create_index("ix_coding_suggestions_claim", "coding_suggestions", ["practice_id", "claim_id"])
    practice_owned("coding_suggestions", "SELECT, INSERT, UPDATE")


def _proposals() -> None:
    op.create_table(
        "rule_proposals",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("value", JSONB, nullable=False),
        sa.Column("claim_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("payer_rule_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "state in ('proposed', 'approved', 'rejected')", name=op.f("ck_rule_proposals_state")
        ),
        sa.CheckConstraint(
            "state = 'proposed' or decided_by is not null", name=op.f("ck_rule_proposals_decided")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "payer_id"],
            ["payers.practice_id", "payers.id"],
            name=op.f("fk_rule_proposals_practice_id_payer_id"),
        ),
        sa.UniqueConstraint(
            "practice_id", "payer_id", "pattern", name=op.f("uq_rule_proposals_practice_id_payer_id_pattern")
        ),
        *_of_practice("rule_proposals"),
    )
    practice_owned("rule_proposals", "SELECT, INSERT, UPDATE")


def _of_practice(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{table}_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f(f"pk_{table}")),
    )
