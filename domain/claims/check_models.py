"""What is kept of judging a claim: every check as it was, and every correction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from tenants.columns import Grants, PracticeOwned, health, public, within_practice


class ClaimCheck(PracticeOwned):
    """One run of the checks: the facts they saw, and byte for byte what they said, by which book.

    `packs` are the checksums of the book's tables, `checks` the names of what was run, in its order.
    """

    __tablename__ = "claim_checks"
    __table_args__ = (
        within_practice("claim_id", "claims"),
        Index("ix_claim_checks_claim", "practice_id", "claim_id", "checked_at"),
    )
    __grants__ = Grants.FACTS

    claim_id: Mapped[UUID] = public()
    version: Mapped[int] = public()
    checked_at: Mapped[datetime] = public()
    facts: Mapped[dict[str, Any]] = health()
    findings: Mapped[bytes] = health()
    findings_sha256: Mapped[str] = public()
    book_version: Mapped[str] = public()
    packs: Mapped[list[str]] = public()
    checks: Mapped[list[str]] = public()


class RuleBookCopy(PracticeOwned):
    """The rows of a rule book that claims were checked by, once for each version of it."""

    __tablename__ = "rule_book_copies"
    __table_args__ = (UniqueConstraint("practice_id", "version"),)
    __grants__ = Grants.FACTS

    version: Mapped[str] = public()
    rows: Mapped[list[Any]] = public()
    kept_at: Mapped[datetime] = public()


class ClaimCorrection(PracticeOwned):
    """A change made to a claim because of a finding; one that needs a reviewer is proposed until then.

    `version` is the one that the change led to; that of a proposed one is the version it was found in.
    """

    __tablename__ = "claim_corrections"
    __table_args__ = (
        within_practice("claim_id", "claims"),
        Index("ix_claim_corrections_claim", "practice_id", "claim_id", "made_at"),
        CheckConstraint("state in ('proposed', 'applied', 'refused')", name="state"),
        CheckConstraint("risk in ('low', 'high')", name="risk"),
    )

    claim_id: Mapped[UUID] = public()
    version: Mapped[int] = public()
    rule: Mapped[str] = public()
    risk: Mapped[str] = public()
    pointer: Mapped[str] = public()
    was: Mapped[str] = health()
    becomes: Mapped[str] = health()
    evidence: Mapped[dict[str, Any] | None] = health()
    state: Mapped[str] = public()
    made_by: Mapped[UUID] = public()
    made_at: Mapped[datetime] = public()
    reviewed_by: Mapped[UUID | None] = public()
    reviewed_at: Mapped[datetime | None] = public()
