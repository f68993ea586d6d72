"""What Medicaid wants to know of a patient: the share of cost by month, and who ordered the treatment."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from tenants.columns import Grants, PracticeOwned, health, money, public, within_practice


class CostShare(PracticeOwned):
    """What a patient must bear in one month before Medicaid pays: a spend-down or a share of cost."""

    __tablename__ = "cost_shares"
    __table_args__ = (
        within_practice("coverage_id", "coverages"),
        UniqueConstraint("practice_id", "coverage_id", "month_on"),
        CheckConstraint("kind in ('spend_down', 'share_of_cost')", name="kind"),
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("extract(day from month_on) = 1", name="month"),
    )

    coverage_id: Mapped[UUID] = public()
    month_on: Mapped[date] = public()
    kind: Mapped[str] = public()
    amount_cents: Mapped[int] = money()
    source: Mapped[str] = public()
    recorded_at: Mapped[datetime] = public()


class CostShareUse(PracticeOwned):
    """What counted towards a month's share: an expense that the patient bore; written once, never changed."""

    __tablename__ = "cost_share_uses"
    __table_args__ = (
        within_practice("cost_share_id", "cost_shares"),
        UniqueConstraint("practice_id", "cost_share_id", "source_id"),
        CheckConstraint("amount_cents > 0", name="amount"),
    )
    __grants__ = Grants.FACTS

    cost_share_id: Mapped[UUID] = public()
    incurred_on: Mapped[date] = health()
    amount_cents: Mapped[int] = money()
    source_id: Mapped[str] = health()
    recorded_at: Mapped[datetime] = public()


class TreatmentOrder(PracticeOwned):
    """Who ordered or referred the treatment of a case, by NPI; dates are inclusive."""

    __tablename__ = "treatment_orders"
    __table_args__ = (
        within_practice("case_id", "cases"),
        Index("ix_treatment_orders_case", "practice_id", "case_id", "starts_on"),
        CheckConstraint("ends_on is null or ends_on >= starts_on", name="order"),
    )

    case_id: Mapped[UUID] = public()
    discipline: Mapped[str | None] = health()
    npi: Mapped[str] = health()
    name: Mapped[str] = health()
    starts_on: Mapped[date] = health()
    ends_on: Mapped[date | None] = health()
    recorded_at: Mapped[datetime] = public()
