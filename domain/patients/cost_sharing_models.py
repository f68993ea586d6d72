"""What a coverage leaves to the patient, as somebody learned it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from tenants.columns import Grants, PracticeOwned, health, public, within_practice


class CostSharing(PracticeOwned):
    """What is left to the patient from a date of service on, null where unknown; the latest learned wins."""

    __tablename__ = "cost_sharings"
    __table_args__ = (
        within_practice("coverage_id", "coverages"),
        CheckConstraint("coinsurance_basis_points between 0 and 10000", name="coinsurance"),
        CheckConstraint(
            "coalesce(deductible_remaining_cents, 0) >= 0 and coalesce(copay_cents, 0) >= 0 "
            "and coalesce(out_of_pocket_remaining_cents, 0) >= 0",
            name="amount",
        ),
        Index("ix_cost_sharings_coverage", "practice_id", "coverage_id", "starts_on"),
    )
    __grants__ = Grants.FACTS

    coverage_id: Mapped[UUID] = public()
    starts_on: Mapped[date] = public()
    deductible_remaining_cents: Mapped[int | None] = health()
    coinsurance_basis_points: Mapped[int | None] = health()
    copay_cents: Mapped[int | None] = health()
    out_of_pocket_remaining_cents: Mapped[int | None] = health()
    source: Mapped[str] = public()
    recorded_at: Mapped[datetime] = public()
    recorded_by: Mapped[UUID] = public()
