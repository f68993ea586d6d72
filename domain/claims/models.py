"""Claims: what is asked of a payer, its versions, its findings, its events, and the files it went out in."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from domain.ledger.invariants import register_owner
from tenants.columns import Grants, PracticeOwned, health, money, public, secret, within_practice

register_owner("claim_line", "claim_lines")


class Claim(PracticeOwned):
    """A request for payment; `status` is what its events say. `control_number` is CLM01."""

    __tablename__ = "claims"
    __table_args__ = (
        within_practice("case_id", "cases"),
        within_practice("patient_id", "patients"),
        within_practice("coverage_id", "coverages"),
        within_practice("payer_id", "payers"),
        within_practice("rendering_provider_id", "providers"),
        within_practice("location_id", "locations"),
        within_practice("replaces", "claims"),
        UniqueConstraint("practice_id", "assembly_key"),
        UniqueConstraint("practice_id", "control_number"),
        Index("ix_claims_status", "practice_id", "status"),
        Index("ix_claims_patient", "practice_id", "patient_id"),
        CheckConstraint(
            "status in ('held', 'ready', 'queued', 'written', 'sent', 'received', 'accepted', 'rejected', "
            "'paid', 'denied', 'voided')",
            name="status",
        ),
        CheckConstraint("frequency in ('1', '7', '8')", name="frequency"),
    )

    case_id: Mapped[UUID] = public()
    patient_id: Mapped[UUID] = public()
    coverage_id: Mapped[UUID] = public()
    payer_id: Mapped[UUID] = public()
    rendering_provider_id: Mapped[UUID] = public()
    location_id: Mapped[UUID] = public()
    replaces: Mapped[UUID | None] = public()
    assembly_key: Mapped[str] = public()
    control_number: Mapped[str] = public()
    payer_control_number: Mapped[str | None] = public()
    frequency: Mapped[str] = public()
    status: Mapped[str] = public()
    discipline: Mapped[str] = health()
    first_on: Mapped[date] = health()
    last_on: Mapped[date] = health()
    billed_cents: Mapped[int] = money()
    version: Mapped[int] = public()
    created_at: Mapped[datetime] = public()
    sent_at: Mapped[datetime | None] = public()


class ClaimLine(PracticeOwned):
    """A service line; `line_control` (REF*6R) comes back in the remittance."""

    __tablename__ = "claim_lines"
    __table_args__ = (
        within_practice("claim_id", "claims"),
        within_practice("authorization_id", "authorizations"),
        UniqueConstraint("practice_id", "claim_id", "number"),
        UniqueConstraint("practice_id", "line_control"),
        CheckConstraint("units > 0", name="units"),
        CheckConstraint("charge_cents > 0", name="charge"),
    )

    claim_id: Mapped[UUID] = public()
    number: Mapped[int] = public()
    line_control: Mapped[str] = public()
    code: Mapped[str] = health()
    modifiers: Mapped[list[str]] = health()
    units: Mapped[int] = health()
    charge_cents: Mapped[int] = money()
    date_of_service: Mapped[date] = health()
    place_of_service: Mapped[str] = public()
    authorization_id: Mapped[UUID | None] = public()


class ClaimLineSource(PracticeOwned):
    """Which charges stand behind a claim line; several become one where the payer wants it so."""

    __tablename__ = "claim_line_sources"
    __table_args__ = (
        within_practice("claim_line_id", "claim_lines"),
        within_practice("charge_line_id", "charge_lines"),
        within_practice("visit_id", "visits"),
        UniqueConstraint("practice_id", "charge_line_id", "claim_line_id"),
        Index("ix_claim_line_sources_line", "practice_id", "claim_line_id"),
    )
    __grants__ = Grants.FACTS

    claim_line_id: Mapped[UUID] = public()
    charge_line_id: Mapped[UUID] = public()
    visit_id: Mapped[UUID] = public()


class ClaimVersion(PracticeOwned):
    """An immutable snapshot of what is sent."""

    __tablename__ = "claim_versions"
    __table_args__ = (
        within_practice("claim_id", "claims"),
        UniqueConstraint("practice_id", "claim_id", "number"),
    )
    __grants__ = Grants.FACTS

    claim_id: Mapped[UUID] = public()
    number: Mapped[int] = public()
    content: Mapped[dict[str, Any]] = health()
    content_sha256: Mapped[str] = public()
    created_at: Mapped[datetime] = public()


class ClaimEvent(PracticeOwned):
    """Something that happened to a claim; appended, never changed."""

    __tablename__ = "claim_events"
    __table_args__ = (
        within_practice("claim_id", "claims"),
        UniqueConstraint("practice_id", "claim_id", "kind", "source"),
        Index("ix_claim_events_claim", "practice_id", "claim_id", "at"),
    )
    __grants__ = Grants.FACTS

    claim_id: Mapped[UUID] = public()
    at: Mapped[datetime] = public()
    kind: Mapped[str] = public()
    source: Mapped[str] = public()
    actor_kind: Mapped[str] = public()
    actor_id: Mapped[UUID] = public()
    detail: Mapped[dict[str, Any]] = health()


class ClaimFinding(PracticeOwned):
    """A result of a check on one version; a blocking one holds the claim until fixed or released by name."""

    __tablename__ = "claim_findings"
    __table_args__ = (
        within_practice("claim_id", "claims"),
        Index("ix_claim_findings_claim", "practice_id", "claim_id", "version"),
        Index("ix_claim_findings_rule", "practice_id", "rule", "found_at"),
        CheckConstraint("severity in ('blocks', 'warns', 'informs')", name="severity"),
        CheckConstraint("family in ('payer', 'specialty', 'history', 'trend')", name="family"),
        CheckConstraint("risk in ('low', 'high', 'not_fixable')", name="risk"),
    )

    claim_id: Mapped[UUID] = public()
    version: Mapped[int] = public()
    ordinal: Mapped[int] = public()
    rule: Mapped[str] = public()
    severity: Mapped[str] = public()
    subject: Mapped[str] = public()
    message: Mapped[str] = public()
    fix: Mapped[str] = public()
    source: Mapped[str] = public()
    evidence: Mapped[dict[str, Any]] = health()
    found_at: Mapped[datetime] = public()
    family: Mapped[str] = public()
    risk: Mapped[str] = public()
    row: Mapped[str | None] = public()
    starts_on: Mapped[date | None] = public()
    ends_on: Mapped[date | None] = public()
    correction: Mapped[dict[str, Any] | None] = health()
    released_at: Mapped[datetime | None] = public()
    released_by: Mapped[UUID | None] = public()
    release_reason: Mapped[str | None] = public()
    acknowledged_at: Mapped[datetime | None] = public()
    acknowledged_by: Mapped[UUID | None] = public()


class Interchange(PracticeOwned):
    """A file that we wrote for a connection; its text is encrypted at rest."""

    __tablename__ = "interchanges"
    __table_args__ = (
        UniqueConstraint("practice_id", "connection_id", "control_number"),
        CheckConstraint(
            "status in ('written', 'sent', 'accepted', 'partly_accepted', 'rejected')", name="status"
        ),
    )

    connection_id: Mapped[UUID] = public()
    control_number: Mapped[int] = public()
    name: Mapped[str] = public()
    status: Mapped[str] = public()
    content: Mapped[bytes] = secret()
    created_at: Mapped[datetime] = public()
    sent_at: Mapped[datetime | None] = public()


class InterchangeClaim(PracticeOwned):
    """Which claim stood where in a file, so that an acknowledgement finds it."""

    __tablename__ = "interchange_claims"
    __table_args__ = (
        within_practice("interchange_id", "interchanges"),
        within_practice("claim_id", "claims"),
        UniqueConstraint("practice_id", "interchange_id", "claim_id"),
        Index("ix_interchange_claims_claim", "practice_id", "claim_id"),
    )
    __grants__ = Grants.FACTS

    interchange_id: Mapped[UUID] = public()
    claim_id: Mapped[UUID] = public()
    version: Mapped[int] = public()
    transaction_control: Mapped[str] = public()


class InboundTransaction(PracticeOwned):
    """One transaction of a received file that belongs to this practice, kept as its own small interchange."""

    __tablename__ = "inbound_transactions"
    __table_args__ = (
        UniqueConstraint("practice_id", "received_file_id", "ordinal"),
        CheckConstraint("status in ('received', 'applied', 'quarantined')", name="status"),
    )

    received_file_id: Mapped[UUID] = public()
    connection_id: Mapped[UUID] = public()
    ordinal: Mapped[int] = public()
    kind: Mapped[str] = public()
    content: Mapped[bytes] = secret()
    received_at: Mapped[datetime] = public()
    status: Mapped[str] = public()
    reason: Mapped[str | None] = public()


class ClaimNumber(PracticeOwned):
    """The practice's last claim number; CLM01 is short, unique and without meaning."""

    __tablename__ = "claim_numbers"
    __table_args__ = (UniqueConstraint("practice_id"),)

    last: Mapped[int] = public(server_default=text("0"))
