"""Questions to clinicians: what a coder or a check could not read from a note, and what was answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped

from tenants.columns import PracticeOwned, health, public, within_practice


class ClinicianQuery(PracticeOwned):
    """One question about a session; a null `asked_by` is a check's, and `rule` says which.

    A check's question that the note no longer raises is `settled`. `earlier` are replies before a reopening;
    `items` are checklist items that the answer supplied; `elapsed_days` are calendar days of the practice.
    """

    __tablename__ = "clinician_queries"
    __table_args__ = (
        within_practice("visit_id", "visits"),
        within_practice("claim_id", "claims"),
        within_practice("provider_id", "providers"),
        Index(
            "uq_clinician_queries_open",
            "practice_id",
            "visit_id",
            "rule",
            text("md5(question)"),
            unique=True,
            postgresql_where=text("status = 'open'"),
        ),
        Index("ix_clinician_queries_provider", "practice_id", "provider_id", "status"),
        Index("ix_clinician_queries_visit", "practice_id", "visit_id"),
        CheckConstraint("status in ('open', 'answered', 'withdrawn', 'settled')", name="status"),
        CheckConstraint(
            "status <> 'answered' or (answered_at is not null and answered_by is not null)", name="answered"
        ),
    )

    visit_id: Mapped[UUID] = public()
    claim_id: Mapped[UUID | None] = public()
    provider_id: Mapped[UUID] = public()
    service_ordinal: Mapped[int | None] = public()
    rule: Mapped[str] = public()
    question: Mapped[str] = health()
    asked_by: Mapped[UUID | None] = public()
    asked_at: Mapped[datetime] = public()
    status: Mapped[str] = public()
    answered_at: Mapped[datetime | None] = public()
    answered_by: Mapped[UUID | None] = public()
    answer: Mapped[str | None] = health()
    addendum: Mapped[str | None] = health()
    items: Mapped[dict[str, Any]] = health(server_default=text("'{}'::jsonb"))
    elapsed_days: Mapped[int | None] = public()
    closed_reason: Mapped[str | None] = public()
    earlier: Mapped[list[Any]] = health(server_default=text("'[]'::jsonb"))
