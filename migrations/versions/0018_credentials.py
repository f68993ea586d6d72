"""Who may treat and sign, since when; verified visits, supervision, and what Medicaid wants to know."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import practice_owned

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, with who may see them."""
    op.create_table(
        "provider_credentials",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "standing in ('associate', 'independent')", name=op.f("ck_provider_credentials_standing")
        ),
        sa.CheckConstraint(
            "ends_on is null or ends_on >= starts_on", name=op.f("ck_provider_credentials_order")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name=op.f("fk_provider_credentials_practice_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_provider_credentials_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_provider_credentials")),
    )
    op.create_index(
        "ix_provider_credentials_provider",
        "provider_credentials",
        ["practice_id", "provider_id", "starts_on"],
        unique=False,
    )
    practice_owned("provider_credentials", "SELECT, INSERT, UPDATE")
    op.create_table(
        "provider_licences",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("compact", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'compact_privilege') = (compact is not null)", name=op.f("ck_provider_licences_compact")
        ),
        sa.CheckConstraint("kind <> 'licence' or state is not null", name=op.f("ck_provider_licences_state")),
        sa.CheckConstraint(
            "kind in ('licence', 'compact_privilege', 'certification')",
            name=op.f("ck_provider_licences_kind"),
        ),
        sa.CheckConstraint(
            "ends_on is null or ends_on >= starts_on", name=op.f("ck_provider_licences_order")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name=op.f("fk_provider_licences_practice_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_provider_licences_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_provider_licences")),
    )
    op.create_index(
        "ix_provider_licences_provider",
        "provider_licences",
        ["practice_id", "provider_id", "kind"],
        unique=False,
    )
    practice_owned("provider_licences", "SELECT, INSERT, UPDATE")
    op.create_table(
        "supervision_assignments",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supervisee_id", sa.Uuid(), nullable=False),
        sa.Column("supervisor_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "ends_on is null or ends_on >= starts_on", name=op.f("ck_supervision_assignments_order")
        ),
        sa.CheckConstraint(
            "supervisee_id <> supervisor_id", name=op.f("ck_supervision_assignments_themselves")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "supervisee_id"],
            ["providers.practice_id", "providers.id"],
            name=op.f("fk_supervision_assignments_practice_id_supervisee_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "supervisor_id"],
            ["providers.practice_id", "providers.id"],
            name=op.f("fk_supervision_assignments_practice_id_supervisor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_supervision_assignments_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_supervision_assignments")),
    )
    op.create_index(
        "ix_supervision_assignments_supervisee",
        "supervision_assignments",
        ["practice_id", "supervisee_id", "starts_on"],
        unique=False,
    )
    practice_owned("supervision_assignments", "SELECT, INSERT, UPDATE")
    op.create_table(
        "provider_absences",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_provider_absences_order")),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name=op.f("fk_provider_absences_practice_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_provider_absences_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_provider_absences")),
    )
    op.create_index(
        "ix_provider_absences_provider",
        "provider_absences",
        ["practice_id", "provider_id", "starts_on"],
        unique=False,
    )
    practice_owned("provider_absences", "SELECT, INSERT, UPDATE")
    op.create_table(
        "ordering_enrolments",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("npi", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "ends_on is null or ends_on >= starts_on", name=op.f("ck_ordering_enrolments_order")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "payer_id"],
            ["payers.practice_id", "payers.id"],
            name=op.f("fk_ordering_enrolments_practice_id_payer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_ordering_enrolments_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_ordering_enrolments")),
        sa.UniqueConstraint(
            "practice_id",
            "payer_id",
            "npi",
            "starts_on",
            name=op.f("uq_ordering_enrolments_practice_id_payer_id_npi_starts_on"),
        ),
    )
    practice_owned("ordering_enrolments", "SELECT, INSERT, UPDATE")
    op.create_table(
        "cost_shares",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("coverage_id", sa.Uuid(), nullable=False),
        sa.Column("month_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('spend_down', 'share_of_cost')", name=op.f("ck_cost_shares_kind")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_cost_shares_amount")),
        sa.CheckConstraint("extract(day from month_on) = 1", name=op.f("ck_cost_shares_month")),
        sa.ForeignKeyConstraint(
            ["practice_id", "coverage_id"],
            ["coverages.practice_id", "coverages.id"],
            name=op.f("fk_cost_shares_practice_id_coverage_id"),
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_cost_shares_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_cost_shares")),
        sa.UniqueConstraint(
            "practice_id",
            "coverage_id",
            "month_on",
            name=op.f("uq_cost_shares_practice_id_coverage_id_month_on"),
        ),
    )
    practice_owned("cost_shares", "SELECT, INSERT, UPDATE")
    op.create_table(
        "cost_share_uses",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cost_share_id", sa.Uuid(), nullable=False),
        sa.Column("incurred_on", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_cost_share_uses_amount")),
        sa.ForeignKeyConstraint(
            ["practice_id", "cost_share_id"],
            ["cost_shares.practice_id", "cost_shares.id"],
            name=op.f("fk_cost_share_uses_practice_id_cost_share_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_cost_share_uses_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_cost_share_uses")),
        sa.UniqueConstraint(
            "practice_id",
            "cost_share_id",
            "source_id",
            name=op.f("uq_cost_share_uses_practice_id_cost_share_id_source_id"),
        ),
    )
    practice_owned("cost_share_uses", "SELECT, INSERT")
    op.create_table(
        "treatment_orders",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("discipline", sa.Text(), nullable=True),
        sa.Column("npi", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on is null or ends_on >= starts_on", name=op.f("ck_treatment_orders_order")),
        sa.ForeignKeyConstraint(
            ["practice_id", "case_id"],
            ["cases.practice_id", "cases.id"],
            name=op.f("fk_treatment_orders_practice_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_treatment_orders_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_treatment_orders")),
    )
    op.create_index(
        "ix_treatment_orders_case", "treatment_orders", ["practice_id", "case_id", "starts_on"], unique=False
    )
    practice_owned("treatment_orders", "SELECT, INSERT, UPDATE")
    op.create_table(
        "visit_verifications",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("aggregator", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("visit_source_id", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("member_number", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("place_of_service", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("starts_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("superseded_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_visit_verifications_order")),
        sa.ForeignKeyConstraint(
            ["practice_id", "provider_id"],
            ["providers.practice_id", "providers.id"],
            name=op.f("fk_visit_verifications_practice_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_visit_verifications_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_visit_verifications")),
    )
    op.create_index(
        "ix_visit_verifications_day", "visit_verifications", ["practice_id", "served_on"], unique=False
    )
    op.create_index(
        "uq_visit_verifications_current",
        "visit_verifications",
        ["practice_id", "aggregator", "external_id"],
        unique=True,
        postgresql_where=sa.text("superseded_at is null"),
    )
    practice_owned("visit_verifications", "SELECT, INSERT, UPDATE")
    op.create_table(
        "supervision_records",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("supervisor_id", sa.Uuid(), nullable=False),
        sa.Column("supervisee_id", sa.Uuid(), nullable=False),
        sa.Column("supervised_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("minutes > 0 and minutes <= 1440", name=op.f("ck_supervision_records_minutes")),
        sa.ForeignKeyConstraint(
            ["practice_id", "patient_id"],
            ["patients.practice_id", "patients.id"],
            name=op.f("fk_supervision_records_practice_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "supervisee_id"],
            ["providers.practice_id", "providers.id"],
            name=op.f("fk_supervision_records_practice_id_supervisee_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "supervisor_id"],
            ["providers.practice_id", "providers.id"],
            name=op.f("fk_supervision_records_practice_id_supervisor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_supervision_records_practice_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f("pk_supervision_records")),
    )
    op.create_index(
        "ix_supervision_records_patient",
        "supervision_records",
        ["practice_id", "patient_id", "supervised_on"],
        unique=False,
    )
    practice_owned("supervision_records", "SELECT, INSERT, UPDATE")
