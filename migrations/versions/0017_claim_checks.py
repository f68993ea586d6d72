"""What every check of a claim rested on and said, what was corrected, and who acknowledged a warning."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import practice_owned

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)
JSONB = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    """Say more of each finding, and keep checks and corrections."""
    _findings()
    _checks()
    _books()
    _corrections()
    _named_by_claims()


def _findings() -> None:
    """Findings from before say the family and the risk that every rule of theirs had."""
    before = {"family": "payer", "risk": "high"}
    for name, value in before.items():
        told = sa.Column(name, sa.Text(), server_default=sa.text(f"'{value}'"), nullable=False)
        op.add_column("claim_findings", told)
        op.alter_column("claim_findings", name, server_default=None)
    added = (
        sa.Column("row", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("correction", JSONB, nullable=True),
        sa.Column("acknowledged_at", INSTANT, nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
    )
    for column in added:
        op.add_column("claim_findings", column)
    op.create_check_constraint(
        "family", "claim_findings", "family in ('payer', 'specialty', 'history', 'trend')"
    )
    op.create_check_constraint("risk", "claim_findings", "risk in ('low', 'high', 'not_fixable')")
    op.create_index("ix_claim_findings_rule", "claim_findings", ["practice_id", "rule", "found_at"])


def _checks() -> None:
    op.create_table(
        "claim_checks",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", INSTANT, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("findings", sa.LargeBinary(), nullable=False),
        sa.Column("findings_sha256", sa.Text(), nullable=False),
        sa.Column("book_version", sa.Text(), nullable=False),
        sa.Column("packs", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("checks", postgresql.ARRAY(sa.Text()), nullable=False),
        *_of_claim("claim_checks"),
    )
    op.create_index("ix_claim_checks_claim", "claim_checks", ["practice_id", "claim_id", "checked_at"])
    practice_owned("claim_checks", "SELECT, INSERT")


def _books() -> None:
    op.create_table(
        "rule_book_copies",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("rows", JSONB, nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_rule_book_copies_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_rule_book_copies")),
        sa.UniqueConstraint("practice_id", "version", name=op.f("uq_rule_book_copies_practice_id_version")),
    )
    practice_owned("rule_book_copies", "SELECT, INSERT")


def _named_by_claims() -> None:
    """Who certified a plan by number, and how hard the medical decision of a visit was."""
    op.add_column("plans_of_care", sa.Column("certifier_npi", sa.Text(), nullable=True))
    op.add_column("visit_services", sa.Column("decision_making", sa.Text(), nullable=True))
    op.create_check_constraint(
        "decision_making",
        "visit_services",
        "decision_making in ('straightforward', 'low', 'moderate', 'high')",
    )


def _corrections() -> None:
    op.create_table(
        "claim_corrections",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("pointer", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("becomes", sa.Text(), nullable=False),
        sa.Column("evidence", JSONB, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state in ('proposed', 'applied', 'refused')", name=op.f("ck_claim_corrections_state")
        ),
        sa.CheckConstraint("risk in ('low', 'high')", name=op.f("ck_claim_corrections_risk")),
        *_of_claim("claim_corrections"),
    )
    op.create_index("ix_claim_corrections_claim", "claim_corrections", ["practice_id", "claim_id", "made_at"])
    practice_owned("claim_corrections", "SELECT, INSERT, UPDATE")


def _of_claim(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["practice_id", "claim_id"],
            ["claims.practice_id", "claims.id"],
            name=op.f(f"fk_{table}_practice_id_claim_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{table}_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f(f"pk_{table}")),
    )
