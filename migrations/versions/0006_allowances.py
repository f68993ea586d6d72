"""The tables of allowances, with who may see them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import practice_owned

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, with who may see them."""
    op.create_table(
        "plans_of_care",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("discipline", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("certified_on", sa.Date(), nullable=True),
        sa.Column("certified_by", sa.Text(), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_plans_of_care_order")),
        sa.ForeignKeyConstraint(
            ["practice_id", "case_id"],
            ["cases.practice_id", "cases.id"],
            name=op.f("fk_plans_of_care_practice_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name=op.f("fk_plans_of_care_practice_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_plans_of_care_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_plans_of_care")),
    )
    op.create_index(
        "ix_plans_of_care_case", "plans_of_care", ["practice_id", "case_id", "discipline"], unique=False
    )
    practice_owned("plans_of_care", "SELECT, INSERT, UPDATE")
    op.create_table(
        "authorizations",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("coverage_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("status in ('approved', 'ended')", name=op.f("ck_authorizations_status")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_authorizations_order")),
        sa.ForeignKeyConstraint(
            ["practice_id", "case_id"],
            ["cases.practice_id", "cases.id"],
            name=op.f("fk_authorizations_practice_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "coverage_id"],
            ["coverages.practice_id", "coverages.id"],
            name=op.f("fk_authorizations_practice_id_coverage_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name=op.f("fk_authorizations_practice_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_authorizations_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_authorizations")),
        sa.UniqueConstraint(
            "practice_id",
            "coverage_id",
            "number",
            name=op.f("uq_authorizations_practice_id_coverage_id_number"),
        ),
    )
    op.create_index("ix_authorizations_case", "authorizations", ["practice_id", "case_id"], unique=False)
    practice_owned("authorizations", "SELECT, INSERT, UPDATE")
    op.create_table(
        "benefit_limits",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("coverage_id", sa.Uuid(), nullable=False),
        sa.Column("ledger_unit", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("disciplines", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("hard", sa.Boolean(), nullable=False),
        sa.Column("once_a_day", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "ledger_unit in ('visit', 'minute', 'day', 'usd')", name=op.f("ck_benefit_limits_ledger_unit")
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_benefit_limits_order")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_benefit_limits_quantity")),
        sa.ForeignKeyConstraint(
            ["practice_id", "coverage_id"],
            ["coverages.practice_id", "coverages.id"],
            name=op.f("fk_benefit_limits_practice_id_coverage_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_benefit_limits_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_benefit_limits")),
    )
    op.create_index(
        "ix_benefit_limits_coverage", "benefit_limits", ["practice_id", "coverage_id"], unique=False
    )
    practice_owned("benefit_limits", "SELECT, INSERT, UPDATE")
    op.create_table(
        "limit_choices",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("line_key", sa.Text(), nullable=False),
        sa.Column("coverage_id", sa.Uuid(), nullable=False),
        sa.Column("limit_kind", sa.Text(), nullable=False),
        sa.Column("limit_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("discipline", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=True),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("chosen_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("limit_id is not null or reason <> ''", name=op.f("ck_limit_choices_answer")),
        sa.CheckConstraint(
            "stage in ('booked', 'attended', 'documented', 'billed', 'adjudicated')",
            name=op.f("ck_limit_choices_stage"),
        ),
        sa.CheckConstraint(
            "subject_kind in ('appointment', 'visit')", name=op.f("ck_limit_choices_subject_kind")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "coverage_id"],
            ["coverages.practice_id", "coverages.id"],
            name=op.f("fk_limit_choices_practice_id_coverage_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_limit_choices_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_limit_choices")),
        sa.UniqueConstraint(
            "practice_id",
            "subject_id",
            "line_key",
            "coverage_id",
            "limit_kind",
            name=op.f("uq_limit_choices_practice_id_subject_id_line_key_coverage_id_limit_kind"),
        ),
    )
    op.create_index(
        "ix_limit_choices_coverage",
        "limit_choices",
        ["practice_id", "coverage_id", "limit_kind", "service_on"],
        unique=False,
    )
    practice_owned("limit_choices", "SELECT, INSERT, UPDATE, DELETE")
    op.create_table(
        "authorization_blocks",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authorization_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ledger_unit", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("codes", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("discipline", sa.Text(), nullable=True),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("per_day", sa.BigInteger(), nullable=True),
        sa.Column("per_week", sa.BigInteger(), nullable=True),
        sa.Column("per_month", sa.BigInteger(), nullable=True),
        sa.Column("week_starts_on", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind in ('visits', 'units', 'hours', 'days')", name=op.f("ck_authorization_blocks_kind")
        ),
        sa.CheckConstraint(
            "ledger_unit in ('visit', 'minute', 'day')", name=op.f("ck_authorization_blocks_ledger_unit")
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_authorization_blocks_order")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_authorization_blocks_quantity")),
        sa.CheckConstraint("week_starts_on between 0 and 6", name=op.f("ck_authorization_blocks_week")),
        sa.ForeignKeyConstraint(
            ["practice_id", "authorization_id"],
            ["authorizations.practice_id", "authorizations.id"],
            name=op.f("fk_authorization_blocks_practice_id_authorization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "location_id"],
            ["locations.practice_id", "locations.id"],
            name=op.f("fk_authorization_blocks_practice_id_location_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name=op.f("fk_authorization_blocks_practice_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_authorization_blocks_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_authorization_blocks")),
    )
    op.create_index(
        "ix_authorization_blocks_authorization",
        "authorization_blocks",
        ["practice_id", "authorization_id"],
        unique=False,
    )
    practice_owned("authorization_blocks", "SELECT, INSERT, UPDATE")
