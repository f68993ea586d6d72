"""Work items: what needs a person, once per subject and kind."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped

from tenants.columns import PracticeOwned, money, public


class WorkItem(PracticeOwned):
    """One thing that a person must do, with its next action and its date; repeats update it."""

    __tablename__ = "work_items"
    __table_args__ = (
        Index(
            "uq_work_items_open",
            "practice_id",
            "kind",
            "subject_kind",
            "subject_id",
            unique=True,
            postgresql_where=text("closed_at is null"),
        ),
        Index("ix_work_items_due", "practice_id", "due_on", postgresql_where=text("closed_at is null")),
        CheckConstraint("next_action <> '' and reason <> ''", name="action"),
    )

    kind: Mapped[str] = public()
    subject_kind: Mapped[str] = public()
    subject_id: Mapped[UUID] = public()
    reason: Mapped[str] = public()
    value_cents: Mapped[int] = money()
    due_on: Mapped[date] = public()
    owner_id: Mapped[UUID | None] = public()
    next_action: Mapped[str] = public()
    repeats: Mapped[int] = public(server_default=text("0"))
    created_at: Mapped[datetime] = public()
    updated_at: Mapped[datetime] = public()
    closed_at: Mapped[datetime | None] = public()
    outcome: Mapped[str | None] = public()
