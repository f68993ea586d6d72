"""The organization's own tables, the directory, and what every practice has whatever it does."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from tenants.columns import (
    Base,
    Grants,
    OrganizationOwned,
    PracticeOwned,
    health,
    public,
    secret,
    within_organization,
)


class Organization(Base):
    """A billing company: the customer of the platform."""

    __tablename__ = "organizations"
    __grants__: ClassVar[str] = Grants.RECORDS

    organization_id: Mapped[UUID] = public(primary_key=True)
    slug: Mapped[str] = public(unique=True)
    name: Mapped[str] = public()
    created_at: Mapped[datetime] = public()


class Practice(OrganizationOwned):
    """A client practice: the isolation boundary. Its settings are practice-owned (`practice_profiles`)."""

    __tablename__ = "practices"
    __table_args__ = (
        UniqueConstraint("id"),
        CheckConstraint("status in ('active', 'closed')", name="status"),
    )

    name: Mapped[str] = public()
    status: Mapped[str] = public()
    created_at: Mapped[datetime] = public()


class Member(OrganizationOwned):
    """A person of the billing company or of a practice, who signs in."""

    __tablename__ = "members"
    __table_args__ = (
        UniqueConstraint("organization_id", "email"),
        CheckConstraint("status in ('active', 'disabled')", name="status"),
    )

    email: Mapped[str] = public()
    name: Mapped[str] = public()
    password_hash: Mapped[str | None] = secret()
    status: Mapped[str] = public()
    created_at: Mapped[datetime] = public()


class Grant(OrganizationOwned):
    """A role of a member or of an API key, in one practice or (null) in all of them."""

    __tablename__ = "grants"
    __table_args__ = (
        Index("ix_grants_holder", "organization_id", "holder_id"),
        ForeignKeyConstraint(
            ["organization_id", "granted_practice_id"], ["practices.organization_id", "practices.id"]
        ),
    )

    holder_id: Mapped[UUID] = public()
    role: Mapped[str] = public()
    granted_practice_id: Mapped[UUID | None] = public()
    provider_id: Mapped[UUID | None] = public()
    granted_at: Mapped[datetime] = public()
    granted_by: Mapped[UUID] = public()
    ends_at: Mapped[datetime | None] = public()


class SignIn(OrganizationOwned):
    """One signed-in browser: a random token whose keyed hash is in the directory, and its limits."""

    __tablename__ = "sign_ins"
    __table_args__ = (within_organization("member_id", "members"),)

    member_id: Mapped[UUID] = public()
    created_at: Mapped[datetime] = public()
    last_seen_at: Mapped[datetime] = public()
    expires_at: Mapped[datetime] = public()
    revoked_at: Mapped[datetime | None] = public()
    address: Mapped[str] = public()
    csrf_token: Mapped[str] = secret()


class ApiKey(OrganizationOwned):
    """A credential of a program; the key itself is shown once, its keyed hash is in the directory."""

    __tablename__ = "api_keys"

    name: Mapped[str] = public()
    created_at: Mapped[datetime] = public()
    created_by: Mapped[UUID] = public()
    expires_at: Mapped[datetime] = public()
    revoked_at: Mapped[datetime | None] = public()


class Connection(OrganizationOwned):
    """A login at a clearinghouse that practices share: sender, receiver, and the next control numbers."""

    __tablename__ = "connections"
    __table_args__ = (
        CheckConstraint("kind in ('simulator', 'sftp')", name="kind"),
        UniqueConstraint("organization_id", "sender_id", "receiver_id"),
    )

    name: Mapped[str] = public()
    kind: Mapped[str] = public()
    sender_id: Mapped[str] = public()
    receiver_id: Mapped[str] = public()
    usage: Mapped[str] = public()
    next_control_number: Mapped[int] = public()


class ReceivedFile(OrganizationOwned):
    """A file that a connection delivered, kept once by content; its text is encrypted at rest."""

    __tablename__ = "received_files"
    __table_args__ = (
        within_organization("connection_id", "connections"),
        UniqueConstraint("organization_id", "connection_id", "content_sha256"),
        CheckConstraint("status in ('received', 'routed', 'quarantined')", name="status"),
    )

    connection_id: Mapped[UUID] = public()
    name: Mapped[str] = public()
    content_sha256: Mapped[str] = public()
    content: Mapped[bytes] = secret()
    received_at: Mapped[datetime] = public()
    status: Mapped[str] = public()
    reason: Mapped[str | None] = public()


class OrganizationWorkItem(OrganizationOwned):
    """What needs a person before its practice is known: a file that routes nowhere."""

    __tablename__ = "organization_work_items"
    __table_args__ = (
        Index(
            "uq_organization_work_items_open",
            "organization_id",
            "kind",
            "subject_kind",
            "subject_id",
            unique=True,
            postgresql_where=text("closed_at is null"),
        ),
    )

    kind: Mapped[str] = public()
    subject_kind: Mapped[str] = public()
    subject_id: Mapped[UUID] = public()
    reason: Mapped[str] = public()
    next_action: Mapped[str] = public()
    due_on: Mapped[date] = public()
    owner_id: Mapped[UUID | None] = public()
    created_at: Mapped[datetime] = public()
    updated_at: Mapped[datetime] = public()
    closed_at: Mapped[datetime | None] = public()


class OrganizationAuditEvent(OrganizationOwned):
    """What was done with the organization's own tables: sign-ins, members, keys, files."""

    __tablename__ = "organization_audit_events"
    __grants__ = Grants.FACTS

    at: Mapped[datetime] = public()
    actor_kind: Mapped[str] = public()
    actor_id: Mapped[UUID] = public()
    roles: Mapped[list[str]] = public()
    action: Mapped[str] = public()
    purpose: Mapped[str] = public()
    changes: Mapped[list[Any]] = public()
    request_id: Mapped[str] = public()
    address: Mapped[str] = public()


class OrganizationIdempotencyRecord(OrganizationOwned):
    """The stored answer to one unsafe request on an organization route."""

    __tablename__ = "organization_idempotency_records"
    __table_args__ = (UniqueConstraint("organization_id", "client_id", "method", "path", "key"),)
    __grants__ = Grants.FACTS

    client_id: Mapped[UUID] = public()
    method: Mapped[str] = public()
    path: Mapped[str] = public()
    key: Mapped[str] = public()
    body_sha256: Mapped[str] = public()
    status: Mapped[int] = public()
    answer: Mapped[bytes] = health()
    created_at: Mapped[datetime] = public()


class DirectoryEntry(Base):
    """An opaque key and the scope it stands for; no health data, no money.

    Kinds: sign_in, api_key, slug, email, payment_link, stripe_account, interchange, payee, session.
    """

    __tablename__ = "entries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "practice_id"], ["practices.organization_id", "practices.id"]
        ),
        {"schema": "directory"},
    )
    __grants__: ClassVar[str] = "SELECT, INSERT, DELETE"

    kind: Mapped[str] = public(primary_key=True)
    key_sha256: Mapped[str] = secret(primary_key=True)
    organization_id: Mapped[UUID] = public(ForeignKey("organizations.organization_id"))
    practice_id: Mapped[UUID | None] = public()
    subject_id: Mapped[UUID] = public()


class Throttle(Base):
    """How often one key was tried in a window; the only thing a look-up may write."""

    __tablename__ = "throttles"
    __table_args__ = ({"schema": "directory"},)
    __grants__: ClassVar[str] = Grants.RECORDS

    kind: Mapped[str] = public(primary_key=True)
    key_sha256: Mapped[str] = secret(primary_key=True)
    window_started_at: Mapped[datetime] = public()
    tries: Mapped[int] = public()


class AuditEvent(PracticeOwned):
    """One transaction on a practice: who, as what, why, which patients, which rows changed."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_at", "practice_id", "at"),)
    __grants__ = Grants.FACTS

    at: Mapped[datetime] = public()
    actor_kind: Mapped[str] = public()
    actor_id: Mapped[UUID] = public()
    roles: Mapped[list[str]] = public()
    action: Mapped[str] = public()
    purpose: Mapped[str] = public()
    patient_ids: Mapped[list[UUID]] = health()
    changes: Mapped[list[Any]] = public()
    outcome: Mapped[str] = public()
    request_id: Mapped[str] = public()
    address: Mapped[str] = public()


class OutboxRow(PracticeOwned):
    """A task that is owed: written with the change that owes it, run at least once, done once."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "available_at", postgresql_where=text("done_at is null")),
        UniqueConstraint("practice_id", "kind", "period"),
    )

    kind: Mapped[str] = public()
    period: Mapped[str | None] = public()
    body: Mapped[dict[str, Any]] = public()
    available_at: Mapped[datetime] = public()
    attempts: Mapped[int] = public(server_default=text("0"))
    done_at: Mapped[datetime | None] = public()
    outcome: Mapped[str | None] = public()
    last_error: Mapped[str | None] = public()


class InboxEvent(PracticeOwned):
    """An event that an outside party told us, kept once by its own id."""

    __tablename__ = "inbox"
    __table_args__ = (UniqueConstraint("practice_id", "source", "external_id"),)

    source: Mapped[str] = public()
    external_id: Mapped[str] = public()
    kind: Mapped[str] = public()
    object_id: Mapped[str] = public()
    received_at: Mapped[datetime] = public()
    handled_at: Mapped[datetime | None] = public()
    outcome: Mapped[str | None] = public()


class IdempotencyRecord(PracticeOwned):
    """The stored answer to one unsafe request, written at the end of its own transaction."""

    __tablename__ = "idempotency_records"
    __table_args__ = (UniqueConstraint("practice_id", "client_id", "method", "path", "key"),)
    __grants__ = Grants.FACTS

    client_id: Mapped[UUID] = public()
    method: Mapped[str] = public()
    path: Mapped[str] = public()
    key: Mapped[str] = public()
    body_sha256: Mapped[str] = public()
    status: Mapped[int] = public()
    answer: Mapped[bytes] = health()
    created_at: Mapped[datetime] = public()
