"""Payers' contracts and their rates, localities, what coverages leave to patients, finer prices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import practice_owned

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    """Make the tables, with who may see them, and let a price speak of modifiers and of one place."""
    _contract_versions()
    _contract_rates()
    _fee_localities()
    _cost_sharings()
    _charge_rates()


def _own() -> tuple[sa.Column, ...]:
    return (sa.Column("practice_id", sa.Uuid(), nullable=False), sa.Column("id", sa.Uuid(), nullable=False))


def _keys(table: str, **references: str) -> list[sa.Constraint]:
    made: list[sa.Constraint] = [
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f(f"fk_{table}_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "id", name=op.f(f"pk_{table}")),
    ]
    for column, target in references.items():
        made.append(
            sa.ForeignKeyConstraint(
                ["practice_id", column],
                [f"{target}.practice_id", f"{target}.id"],
                name=op.f(f"fk_{table}_practice_id_{column}"),
            )
        )
    return made


def _contract_versions() -> None:
    op.create_table(
        "contract_versions",
        *_own(),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("renews_on", sa.Date(), nullable=True),
        sa.Column("notice_days", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("activated_at", INSTANT, nullable=True),
        sa.Column("activated_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdraw_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status in ('previewed', 'active', 'withdrawn')", name=op.f("ck_contract_versions_status")
        ),
        sa.CheckConstraint(
            "ends_on is null or ends_on >= starts_on", name=op.f("ck_contract_versions_order")
        ),
        sa.CheckConstraint(
            "(status = 'previewed') = (activated_at is null)", name=op.f("ck_contract_versions_activated")
        ),
        sa.CheckConstraint(
            "(status = 'withdrawn') = (withdrawn_at is not null)", name=op.f("ck_contract_versions_withdrawn")
        ),
        *_keys("contract_versions", payer_id="payers"),
    )
    op.create_index(
        "ix_contract_versions_payer", "contract_versions", ["practice_id", "payer_id", "starts_on"]
    )
    op.create_index(
        "uq_contract_versions_start",
        "contract_versions",
        ["practice_id", "payer_id", "starts_on"],
        unique=True,
        postgresql_where=sa.text("status = 'active'"),
    )
    practice_owned("contract_versions", "SELECT, INSERT, UPDATE")


def _contract_rates() -> None:
    op.create_table(
        "contract_rates",
        *_own(),
        sa.Column("contract_version_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("modifiers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("credential", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("rate_cents", sa.BigInteger(), nullable=True),
        sa.Column("further_cents", sa.BigInteger(), nullable=True),
        sa.Column("basis_points", sa.BigInteger(), nullable=True),
        sa.Column("medicare_on", sa.Date(), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("locality", sa.Text(), nullable=True),
        sa.Column("units_per_day", sa.BigInteger(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "method in ('flat', 'steps', 'percent_of_medicare', 'percent_of_charge', 'case_rate', 'per_diem')",
            name=op.f("ck_contract_rates_method"),
        ),
        sa.CheckConstraint(
            "coalesce(rate_cents, 0) >= 0 and coalesce(further_cents, 0) >= 0 and coalesce(basis_points, 0) >= 0",
            name=op.f("ck_contract_rates_amount"),
        ),
        sa.UniqueConstraint(
            "practice_id",
            "contract_version_id",
            "row_number",
            name=op.f("uq_contract_rates_practice_id_contract_version_id_row_number"),
        ),
        *_keys("contract_rates", contract_version_id="contract_versions"),
    )
    practice_owned("contract_rates", "SELECT, INSERT")


def _fee_localities() -> None:
    op.create_table(
        "fee_localities",
        *_own(),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("locality", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        *_keys("fee_localities"),
    )
    op.create_index("ix_fee_localities_start", "fee_localities", ["practice_id", "starts_on"])
    practice_owned("fee_localities", "SELECT, INSERT")


def _cost_sharings() -> None:
    op.create_table(
        "cost_sharings",
        *_own(),
        sa.Column("coverage_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("deductible_remaining_cents", sa.BigInteger(), nullable=True),
        sa.Column("coinsurance_basis_points", sa.BigInteger(), nullable=True),
        sa.Column("copay_cents", sa.BigInteger(), nullable=True),
        sa.Column("out_of_pocket_remaining_cents", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "coinsurance_basis_points between 0 and 10000", name=op.f("ck_cost_sharings_coinsurance")
        ),
        sa.CheckConstraint(
            "coalesce(deductible_remaining_cents, 0) >= 0 and coalesce(copay_cents, 0) >= 0 "
            "and coalesce(out_of_pocket_remaining_cents, 0) >= 0",
            name=op.f("ck_cost_sharings_amount"),
        ),
        *_keys("cost_sharings", coverage_id="coverages"),
    )
    op.create_index("ix_cost_sharings_coverage", "cost_sharings", ["practice_id", "coverage_id", "starts_on"])
    practice_owned("cost_sharings", "SELECT, INSERT")


def _charge_rates() -> None:
    op.add_column(
        "charge_rates",
        sa.Column("modifiers", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column("charge_rates", sa.Column("location_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_charge_rates_practice_id_location_id"),
        "charge_rates",
        "locations",
        ["practice_id", "location_id"],
        ["practice_id", "id"],
    )
