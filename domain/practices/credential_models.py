"""Who may treat and sign, since when: credentials, licences, supervision, absences and enrolments."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from tenants.columns import Grants, PracticeOwned, public, within_practice


class ProviderCredential(PracticeOwned):
    """Which credential a clinician held, as an associate or independently, from one date on (BC-18)."""

    __tablename__ = "provider_credentials"
    __table_args__ = (
        within_practice("provider_id", "providers"),
        Index("ix_provider_credentials_provider", "practice_id", "provider_id", "starts_on"),
        CheckConstraint("standing in ('associate', 'independent')", name="standing"),
        CheckConstraint("ends_on is null or ends_on >= starts_on", name="order"),
    )

    provider_id: Mapped[UUID] = public()
    credential: Mapped[str] = public()
    standing: Mapped[str] = public()
    state: Mapped[str] = public()
    starts_on: Mapped[date] = public()
    ends_on: Mapped[date | None] = public()
    source: Mapped[str] = public()
    recorded_at: Mapped[datetime] = public()


class ProviderLicence(PracticeOwned):
    """A licence, a compact privilege or a certification; without a state a privilege holds in all of them."""

    __tablename__ = "provider_licences"
    __table_args__ = (
        within_practice("provider_id", "providers"),
        Index("ix_provider_licences_provider", "practice_id", "provider_id", "kind"),
        CheckConstraint("kind in ('licence', 'compact_privilege', 'certification')", name="kind"),
        CheckConstraint("(kind = 'compact_privilege') = (compact is not null)", name="compact"),
        CheckConstraint("kind <> 'licence' or state is not null", name="state"),
        CheckConstraint("ends_on is null or ends_on >= starts_on", name="order"),
    )

    provider_id: Mapped[UUID] = public()
    kind: Mapped[str] = public()
    title: Mapped[str] = public()
    compact: Mapped[str | None] = public()
    state: Mapped[str | None] = public()
    number: Mapped[str] = public()
    starts_on: Mapped[date] = public()
    ends_on: Mapped[date | None] = public()
    recorded_at: Mapped[datetime] = public()


class SupervisionAssignment(PracticeOwned):
    """Who supervises whom, by dates; both are inclusive."""

    __tablename__ = "supervision_assignments"
    __table_args__ = (
        within_practice("supervisee_id", "providers"),
        within_practice("supervisor_id", "providers"),
        Index("ix_supervision_assignments_supervisee", "practice_id", "supervisee_id", "starts_on"),
        CheckConstraint("supervisee_id <> supervisor_id", name="themselves"),
        CheckConstraint("ends_on is null or ends_on >= starts_on", name="order"),
    )

    supervisee_id: Mapped[UUID] = public()
    supervisor_id: Mapped[UUID] = public()
    starts_on: Mapped[date] = public()
    ends_on: Mapped[date | None] = public()
    recorded_at: Mapped[datetime] = public()


class ProviderAbsence(PracticeOwned):
    """Days on which a clinician was away and could supervise nobody."""

    __tablename__ = "provider_absences"
    __table_args__ = (
        within_practice("provider_id", "providers"),
        Index("ix_provider_absences_provider", "practice_id", "provider_id", "starts_on"),
        CheckConstraint("ends_on >= starts_on", name="order"),
    )

    provider_id: Mapped[UUID] = public()
    starts_on: Mapped[date] = public()
    ends_on: Mapped[date] = public()
    reason: Mapped[str] = public()
    recorded_at: Mapped[datetime] = public()


class OrderingEnrolment(PracticeOwned):
    """From when until when a payer has an ordering or referring provider enrolled, by NPI (BC-22)."""

    __tablename__ = "ordering_enrolments"
    __table_args__ = (
        within_practice("payer_id", "payers"),
        UniqueConstraint("practice_id", "payer_id", "npi", "starts_on"),
        CheckConstraint("ends_on is null or ends_on >= starts_on", name="order"),
    )
    __grants__ = Grants.RECORDS

    payer_id: Mapped[UUID] = public()
    npi: Mapped[str] = public()
    name: Mapped[str] = public()
    starts_on: Mapped[date] = public()
    ends_on: Mapped[date | None] = public()
    recorded_at: Mapped[datetime] = public()
