"""What is only proposed: codes for a claim, and rules that repeated refusals speak for."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from tenants.columns import PracticeOwned, health, public, within_practice


class CodingSuggestion(PracticeOwned):
    """A change to a line that a program or a rule suggests; it does nothing until a member accepts it.

    `source` is who suggests, `made_with` the model or the rule. An accepted one names who, when, the four
    confirmations and the evidence that was seen.
    """

    __tablename__ = "coding_suggestions"
    __table_args__ = (
        within_practice("claim_id", "claims"),
        Index("ix_coding_suggestions_claim", "practice_id", "claim_id"),
        CheckConstraint("source in ('ai', 'rule')", name="source"),
        CheckConstraint("state in ('open', 'accepted', 'rejected')", name="state"),
        CheckConstraint(
            "state <> 'accepted' or (decided_by is not null and decided_at is not null "
            "and evidence_seen <> '' and cardinality(confirmed) = 4)",
            name="accepted",
        ),
    )

    claim_id: Mapped[UUID] = public()
    source: Mapped[str] = public()
    made_with: Mapped[str] = public()
    pointer: Mapped[str] = public()
    was: Mapped[str] = health()
    becomes: Mapped[str] = health()
    why: Mapped[str] = health()
    evidence: Mapped[dict[str, Any]] = health()
    state: Mapped[str] = public()
    made_by: Mapped[UUID] = public()
    made_at: Mapped[datetime] = public()
    decided_by: Mapped[UUID | None] = public()
    decided_at: Mapped[datetime | None] = public()
    confirmed: Mapped[list[str]] = public()
    evidence_seen: Mapped[str | None] = health()
    reason: Mapped[str | None] = health()
    led_to_version: Mapped[int | None] = public()


class RuleProposal(PracticeOwned):
    """A rule that repeated refusals of one payer propose; a member approves it or does not."""

    __tablename__ = "rule_proposals"
    __table_args__ = (
        within_practice("payer_id", "payers"),
        UniqueConstraint("practice_id", "payer_id", "pattern"),
        CheckConstraint("state in ('proposed', 'approved', 'rejected')", name="state"),
        CheckConstraint("state = 'proposed' or decided_by is not null", name="decided"),
    )

    payer_id: Mapped[UUID] = public()
    pattern: Mapped[str] = public()
    reason_code: Mapped[str] = public()
    rule: Mapped[str] = public()
    value: Mapped[dict[str, Any]] = public()
    claim_ids: Mapped[list[UUID]] = public()
    state: Mapped[str] = public()
    proposed_at: Mapped[datetime] = public()
    seen_at: Mapped[datetime] = public()
    decided_by: Mapped[UUID | None] = public()
    decided_at: Mapped[datetime | None] = public()
    reason: Mapped[str | None] = public()
    payer_rule_id: Mapped[UUID | None] = public()
