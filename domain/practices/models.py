"""Practices: who treats where, under which identifiers, for which payers, by which rules and charges."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from tenants.columns import (
    OrganizationOwned,
    PracticeOwned,
    money,
    public,
    within_organization,
    within_practice,
)


class PracticeProfile(PracticeOwned):
    """A practice's own settings; `schedule_mode` says whether a booking can be refused here.

    `billing_name` is the neutral name that a payment link may show before the second factor (SEC-04).
    """

    __tablename__ = "practice_profiles"
    __table_args__ = (
        UniqueConstraint("practice_id"),
        CheckConstraint("schedule_mode in ('kept', 'mirrored', 'none')", name="schedule_mode"),
    )

    legal_name: Mapped[str] = public()
    billing_name: Mapped[str] = public()
    specialty: Mapped[str] = public()
    npi: Mapped[str] = public()
    tax_id: Mapped[str] = public()
    taxonomy: Mapped[str] = public()
    street: Mapped[str] = public()
    city: Mapped[str] = public()
    state: Mapped[str] = public()
    zip_code: Mapped[str] = public()
    phone: Mapped[str] = public()
    time_zone: Mapped[str] = public()
    schedule_mode: Mapped[str] = public()
    connection_id: Mapped[UUID | None] = public()
    merchant_account: Mapped[str | None] = money()


class Location(PracticeOwned):
    """A place where the practice treats."""

    __tablename__ = "locations"

    name: Mapped[str] = public()
    npi: Mapped[str | None] = public()
    place_of_service: Mapped[str] = public()
    street: Mapped[str] = public()
    city: Mapped[str] = public()
    state: Mapped[str] = public()
    zip_code: Mapped[str] = public()


class Provider(PracticeOwned):
    """A clinician or technician; `member_id` is who signs in as this person."""

    __tablename__ = "providers"
    __table_args__ = (CheckConstraint("status in ('active', 'left')", name="status"),)

    given_name: Mapped[str] = public()
    family_name: Mapped[str] = public()
    credential: Mapped[str] = public()
    disciplines: Mapped[list[str]] = public()
    npi: Mapped[str | None] = public()
    taxonomy: Mapped[str | None] = public()
    supervisor_id: Mapped[UUID | None] = public()
    member_id: Mapped[UUID | None] = public()
    status: Mapped[str] = public()


class Payer(PracticeOwned):
    """Who pays: a plan's or a compensation carrier's billing address and electronic id.

    `rule_key` is the payer's name in the rule book, such as `medicare`; by default its electronic id.
    """

    __tablename__ = "payers"
    __table_args__ = (UniqueConstraint("practice_id", "electronic_id"),)

    name: Mapped[str] = public()
    kind: Mapped[str] = public()
    electronic_id: Mapped[str] = public()
    rule_key: Mapped[str] = public()
    filing_indicator: Mapped[str] = public()
    street: Mapped[str | None] = public()
    city: Mapped[str | None] = public()
    state: Mapped[str | None] = public()
    zip_code: Mapped[str | None] = public()


class Identifier(PracticeOwned):
    """Which NPI, taxonomy and legacy number stands, by role, payer, location and date (BC-12)."""

    __tablename__ = "identifiers"
    __table_args__ = (
        within_practice("provider_id", "providers"),
        within_practice("location_id", "locations"),
        within_practice("payer_id", "payers"),
        CheckConstraint("role in ('rendering', 'billing', 'supervising', 'facility')", name="role"),
        Index("ix_identifiers_role", "practice_id", "role", "provider_id"),
    )

    role: Mapped[str] = public()
    provider_id: Mapped[UUID | None] = public()
    location_id: Mapped[UUID | None] = public()
    payer_id: Mapped[UUID | None] = public()
    npi: Mapped[str] = public()
    taxonomy: Mapped[str | None] = public()
    legacy_id: Mapped[str | None] = public()
    starts_on: Mapped[date] = public()
    ends_on: Mapped[date | None] = public()


class PayerRule(PracticeOwned):
    """A dated rule that holds in the practice; never edited, only withdrawn by name and reason.

    Level `practice` is the practice's own, with the payer by id. Level `organization` is a copy of the
    billing company's row under the same id, with the payer by `payer_key`; `recorded_at` is when it came.
    """

    __tablename__ = "payer_rules"
    __table_args__ = (
        within_practice("payer_id", "payers"),
        Index("ix_payer_rules_rule", "practice_id", "rule", "payer_id"),
        CheckConstraint("level in ('organization', 'practice')", name="level"),
        CheckConstraint("payer_id is null or payer_key is null", name="payer"),
    )

    rule: Mapped[str] = public()
    payer_id: Mapped[UUID | None] = public()
    plan: Mapped[str | None] = public()
    state: Mapped[str | None] = public()
    value: Mapped[Any] = public(JSONB)
    starts_on: Mapped[date] = public()
    ends_on: Mapped[date | None] = public()
    source: Mapped[str] = public()
    reason: Mapped[str] = public()
    author_id: Mapped[UUID] = public()
    recorded_at: Mapped[datetime] = public()
    level: Mapped[str] = public()
    payer_key: Mapped[str | None] = public()
    source_link: Mapped[str | None] = public()
    vectors: Mapped[list[Any]] = public()
    author_name: Mapped[str] = public()
    withdrawn_at: Mapped[datetime | None] = public()
    withdrawn_by: Mapped[UUID | None] = public()
    withdrawn_reason: Mapped[str | None] = public()


class OrganizationRule(OrganizationOwned):
    """A billing company's own dated rule for all its practices: the truth of which theirs are copies."""

    __tablename__ = "organization_rules"
    __table_args__ = (Index("ix_organization_rules_rule", "organization_id", "rule"),)

    rule: Mapped[str] = public()
    payer_key: Mapped[str | None] = public()
    plan: Mapped[str | None] = public()
    state: Mapped[str | None] = public()
    value: Mapped[Any] = public(JSONB)
    starts_on: Mapped[date] = public()
    ends_on: Mapped[date | None] = public()
    source: Mapped[str] = public()
    source_link: Mapped[str | None] = public()
    reason: Mapped[str] = public()
    vectors: Mapped[list[Any]] = public()
    author_id: Mapped[UUID] = public()
    author_name: Mapped[str] = public()
    recorded_at: Mapped[datetime] = public()
    withdrawn_at: Mapped[datetime | None] = public()
    withdrawn_by: Mapped[UUID | None] = public()
    withdrawn_reason: Mapped[str | None] = public()


class RulePublication(OrganizationOwned):
    """That a practice has got a company's rule, and perhaps its withdrawal: a note, which points nowhere."""

    __tablename__ = "rule_publications"
    __table_args__ = (
        within_organization("rule_id", "organization_rules"),
        UniqueConstraint("organization_id", "rule_id", "at_practice_id"),
    )

    rule_id: Mapped[UUID] = public()
    at_practice_id: Mapped[UUID] = public()
    published_at: Mapped[datetime] = public()
    withdrawn_at: Mapped[datetime | None] = public()


class ChargeRate(PracticeOwned):
    """What the practice charges for one unit of a code, by date (the chargemaster).

    With `modifiers` only for lines that carry all of them, with a location only there: the finest row wins.
    """

    __tablename__ = "charge_rates"
    __table_args__ = (
        within_practice("location_id", "locations"),
        Index("ix_charge_rates_code", "practice_id", "code", "starts_on"),
    )

    code: Mapped[str] = public()
    modifiers: Mapped[list[str]] = public(server_default=text("'{}'"))
    location_id: Mapped[UUID | None] = public()
    charge_cents: Mapped[int] = money()
    starts_on: Mapped[date] = public()
    ends_on: Mapped[date | None] = public()
