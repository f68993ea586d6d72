"""Allowances: authorizations and their blocks, benefit limits, plans of care, and what a line draws on."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from domain.ledger.invariants import register_owner
from tenants.columns import Grants, PracticeOwned, health, public, within_practice

register_owner("authorization_block", "authorization_blocks")
register_owner("benefit_limit", "benefit_limits")


class Authorization(PracticeOwned):
    """A payer's permission for a case under one coverage."""

    __tablename__ = "authorizations"
    __table_args__ = (
        within_practice("case_id", "cases"),
        within_practice("patient_id", "patients"),
        within_practice("coverage_id", "coverages"),
        UniqueConstraint("practice_id", "coverage_id", "number"),
        Index("ix_authorizations_case", "practice_id", "case_id"),
        CheckConstraint("status in ('approved', 'ended')", name="status"),
        CheckConstraint("ends_on >= starts_on", name="order"),
    )

    case_id: Mapped[UUID] = public()
    patient_id: Mapped[UUID] = public()
    coverage_id: Mapped[UUID] = public()
    number: Mapped[str] = health()
    status: Mapped[str] = public()
    starts_on: Mapped[date] = public()
    ends_on: Mapped[date] = public()
    recorded_at: Mapped[datetime] = public()


class AuthorizationBlock(PracticeOwned):
    """A quantity within an authorization; the ledger keeps it in visits, minutes or days (`ledger_unit`).

    Null in `codes`, `discipline`, `provider_id`, `location_id` means any. Caps are in the same unit.
    """

    __tablename__ = "authorization_blocks"
    __table_args__ = (
        within_practice("authorization_id", "authorizations"),
        within_practice("provider_id", "providers"),
        within_practice("location_id", "locations"),
        Index("ix_authorization_blocks_authorization", "practice_id", "authorization_id"),
        CheckConstraint("kind in ('visits', 'units', 'hours', 'days')", name="kind"),
        CheckConstraint("ledger_unit in ('visit', 'minute', 'day')", name="ledger_unit"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("ends_on >= starts_on", name="order"),
        CheckConstraint("week_starts_on between 0 and 6", name="week"),
    )

    authorization_id: Mapped[UUID] = public()
    kind: Mapped[str] = public()
    ledger_unit: Mapped[str] = public()
    quantity: Mapped[int] = public()
    codes: Mapped[list[str] | None] = health()
    discipline: Mapped[str | None] = health()
    provider_id: Mapped[UUID | None] = public()
    location_id: Mapped[UUID | None] = public()
    starts_on: Mapped[date] = public()
    ends_on: Mapped[date] = public()
    per_day: Mapped[int | None] = public()
    per_week: Mapped[int | None] = public()
    per_month: Mapped[int | None] = public()
    week_starts_on: Mapped[int] = public()


class BenefitLimit(PracticeOwned):
    """What a plan pays for at most in a period, with or without an authorization (CORE-04)."""

    __tablename__ = "benefit_limits"
    __table_args__ = (
        within_practice("coverage_id", "coverages"),
        Index("ix_benefit_limits_coverage", "practice_id", "coverage_id"),
        CheckConstraint("ledger_unit in ('visit', 'minute', 'day', 'usd')", name="ledger_unit"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("ends_on >= starts_on", name="order"),
    )

    coverage_id: Mapped[UUID] = public()
    ledger_unit: Mapped[str] = public()
    quantity: Mapped[int] = public()
    disciplines: Mapped[list[str] | None] = health()
    starts_on: Mapped[date] = public()
    ends_on: Mapped[date] = public()
    hard: Mapped[bool] = public()
    once_a_day: Mapped[bool] = public()
    source: Mapped[str] = public()
    recorded_at: Mapped[datetime] = public()


class PlanOfCare(PracticeOwned):
    """A plan of one discipline within a case, and what certifies it.

    `order_signed_on` is when the referring clinician signed the order, `sent_to_orderer_on` when the plan
    went there: together they may stand for a signature (rule plan_of_care, order_exception).
    """

    __tablename__ = "plans_of_care"
    __table_args__ = (
        within_practice("case_id", "cases"),
        within_practice("provider_id", "providers"),
        Index("ix_plans_of_care_case", "practice_id", "case_id", "discipline"),
        CheckConstraint("ends_on >= starts_on", name="order"),
    )

    case_id: Mapped[UUID] = public()
    discipline: Mapped[str] = health()
    provider_id: Mapped[UUID] = public()
    starts_on: Mapped[date] = public()
    ends_on: Mapped[date] = public()
    certified_on: Mapped[date | None] = public()
    certified_by: Mapped[str | None] = public()
    certifier_npi: Mapped[str | None] = public()
    order_signed_on: Mapped[date | None] = public()
    sent_to_orderer_on: Mapped[date | None] = public()
    verbal_order_on: Mapped[date | None] = public()
    delay_reason: Mapped[str | None] = health()
    progress_reports: Mapped[list[Any]] = health(server_default=text("'[]'::jsonb"))


class LimitChoice(PracticeOwned):
    """Which limit a line of an appointment or visit draws on under a coverage, or why none (CORE-05).

    It keeps what it was chosen by, so that a limit recorded later can be matched with what rested on none.
    `amount` is in the limit's ledger unit, 0 where there is no limit.
    """

    __tablename__ = "limit_choices"
    __table_args__ = (
        within_practice("coverage_id", "coverages"),
        UniqueConstraint("practice_id", "subject_id", "line_key", "coverage_id", "limit_kind"),
        Index("ix_limit_choices_coverage", "practice_id", "coverage_id", "limit_kind", "service_on"),
        CheckConstraint("limit_id is not null or reason <> ''", name="answer"),
        CheckConstraint("subject_kind in ('appointment', 'visit')", name="subject_kind"),
        CheckConstraint(
            "stage in ('booked', 'attended', 'documented', 'billed', 'adjudicated')", name="stage"
        ),
    )
    __grants__ = Grants.LINKS

    subject_kind: Mapped[str] = public()
    subject_id: Mapped[UUID] = public()
    line_key: Mapped[str] = public()
    coverage_id: Mapped[UUID] = public()
    limit_kind: Mapped[str] = public()
    limit_id: Mapped[UUID | None] = public()
    amount: Mapped[int] = public()
    reason: Mapped[str] = public()
    stage: Mapped[str] = public()
    service_on: Mapped[date] = health()
    discipline: Mapped[str] = health()
    provider_id: Mapped[UUID] = public()
    location_id: Mapped[UUID] = public()
    code: Mapped[str] = health()
    minutes: Mapped[int | None] = health()
    units: Mapped[int] = health()
    chosen_at: Mapped[datetime] = public()
