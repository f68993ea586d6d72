"""What payers agreed to pay: versions of contracts, their rate rows, and where Medicare's fees are read."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from tenants.columns import Grants, PracticeOwned, money, public, within_practice


class ContractVersion(PracticeOwned):
    """One rate sheet of a payer: previewed, then active from its date on; withdrawn by name, never deleted.

    Of the active versions that cover a date of service the one that started last answers.
    """

    __tablename__ = "contract_versions"
    __table_args__ = (
        within_practice("payer_id", "payers"),
        CheckConstraint("status in ('previewed', 'active', 'withdrawn')", name="status"),
        CheckConstraint("ends_on is null or ends_on >= starts_on", name="order"),
        CheckConstraint("(status = 'previewed') = (activated_at is null)", name="activated"),
        CheckConstraint("(status = 'withdrawn') = (withdrawn_at is not null)", name="withdrawn"),
        Index("ix_contract_versions_payer", "practice_id", "payer_id", "starts_on"),
        Index(
            "uq_contract_versions_start",
            "practice_id",
            "payer_id",
            "starts_on",
            unique=True,
            postgresql_where=text("status = 'active'"),
        ),
    )

    payer_id: Mapped[UUID] = public()
    name: Mapped[str] = public()
    file_name: Mapped[str] = public()
    content_sha256: Mapped[str] = public()
    status: Mapped[str] = public()
    starts_on: Mapped[date] = public()
    ends_on: Mapped[date | None] = public()
    terms: Mapped[Any] = money(JSONB)
    renews_on: Mapped[date | None] = public()
    notice_days: Mapped[int | None] = public()
    recorded_at: Mapped[datetime] = public()
    recorded_by: Mapped[UUID] = public()
    activated_at: Mapped[datetime | None] = public()
    activated_by: Mapped[UUID | None] = public()
    withdrawn_at: Mapped[datetime | None] = public()
    withdrawn_by: Mapped[UUID | None] = public()
    withdraw_reason: Mapped[str | None] = public()


class ContractRate(PracticeOwned):
    """One row of a rate sheet; `row_number` is its line in the file that was imported."""

    __tablename__ = "contract_rates"
    __table_args__ = (
        within_practice("contract_version_id", "contract_versions"),
        UniqueConstraint("practice_id", "contract_version_id", "row_number"),
        CheckConstraint(
            "method in ('flat', 'steps', 'percent_of_medicare', 'percent_of_charge', 'case_rate', "
            "'per_diem')",
            name="method",
        ),
        CheckConstraint(
            "coalesce(rate_cents, 0) >= 0 and coalesce(further_cents, 0) >= 0 "
            "and coalesce(basis_points, 0) >= 0",
            name="amount",
        ),
    )
    __grants__ = Grants.FACTS

    contract_version_id: Mapped[UUID] = public()
    row_number: Mapped[int] = public()
    code: Mapped[str] = public()
    modifiers: Mapped[list[str]] = public()
    credential: Mapped[str | None] = public()
    method: Mapped[str] = public()
    rate_cents: Mapped[int | None] = money()
    further_cents: Mapped[int | None] = money()
    basis_points: Mapped[int | None] = money()
    medicare_on: Mapped[date | None] = public()
    carrier: Mapped[str | None] = public()
    locality: Mapped[str | None] = public()
    units_per_day: Mapped[int | None] = public()
    starts_on: Mapped[date | None] = public()
    ends_on: Mapped[date | None] = public()


class FeeLocality(PracticeOwned):
    """Medicare's carrier and locality of the practice from a date of service on; the latest recorded wins."""

    __tablename__ = "fee_localities"
    __table_args__ = (Index("ix_fee_localities_start", "practice_id", "starts_on"),)
    __grants__ = Grants.FACTS

    carrier: Mapped[str] = public()
    locality: Mapped[str] = public()
    starts_on: Mapped[date] = public()
    source: Mapped[str] = public()
    recorded_at: Mapped[datetime] = public()
    recorded_by: Mapped[UUID] = public()
