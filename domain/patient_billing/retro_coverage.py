"""Medicaid that is learnt of afterwards: what rested on not knowing it, to re-bill and to refund (BC-22)."""

from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents, dollars
from domain.claims.models import Claim
from domain.patient_billing.paid_claims import paid_by_patients
from domain.patients.coverages import CoverageView, coverage_by_id
from domain.practices.models import Payer
from domain.practices.settings import practice_profile
from domain.visits.models import Visit
from domain.work.items import open_item
from tenants.audit import note_patients
from tenants.clock import local_date
from tenants.errors import NotFound

REBILL, REFUND = "medicaid_rebill", "medicaid_refund"
DAYS_TO_ACT = 7


class RestedWithout(Struct, frozen=True, kw_only=True):
    """Something done before the coverage was known: a session, a claim to another payer, a payment."""

    kind: Literal["seen", "billed_elsewhere", "paid_by_patient"]
    subject_id: UUID
    on: date
    amount_cents: Cents


async def rested_without(session: AsyncSession, practice_id: UUID, coverage_id: UUID) -> list[RestedWithout]:
    """What was seen, billed elsewhere and paid by patients for the coverage's dates before it was known.

    Raises NotFound.
    """
    coverage = await coverage_by_id(session, practice_id, coverage_id)
    if coverage is None:
        raise NotFound(f"no coverage {coverage_id}")
    note_patients(session, coverage.patient_id)
    found = []
    for kind, statement in (
        ("seen", _seen(practice_id, coverage)),
        ("billed_elsewhere", _billed(practice_id, coverage)),
        ("paid_by_patient", _paid(practice_id, coverage)),
    ):
        rows = await session.execute(statement)
        found += [_rested(kind, row[0], row[1], int(row[2])) for row in rows]
    return found


async def tell_retro_coverage(
    session: AsyncSession, practice_id: UUID, coverage_id: UUID, now: datetime
) -> None:
    """Open the work to bill Medicaid for what was seen before it was known, and to refund what patients paid.

    Nothing is opened for other payers, nor where nothing rested on not knowing it.
    """
    coverage = await coverage_by_id(session, practice_id, coverage_id)
    assert coverage is not None, "it was just added"
    payer = await session.get_one(Payer, (practice_id, coverage.payer_id))
    rested = await rested_without(session, practice_id, coverage_id) if payer.kind == "medicaid" else []
    if any(one.kind == "seen" for one in rested):
        await _open_work(session, practice_id, coverage_id, rested, now)


async def _open_work(
    session: AsyncSession, practice_id: UUID, coverage_id: UUID, rested: list[RestedWithout], now: datetime
) -> None:
    seen = [one for one in rested if one.kind == "seen"]
    profile = await practice_profile(session, practice_id)
    due = local_date(now, profile.time_zone) + timedelta(days=DAYS_TO_ACT)
    billed = sum(one.amount_cents for one in rested if one.kind == "billed_elsewhere")
    paid = sum(one.amount_cents for one in rested if one.kind == "paid_by_patient")
    about: dict[str, Any] = {"subject_kind": "coverage", "subject_id": coverage_id, "due_on": due, "now": now}
    about |= {"kind": REBILL, "value_cents": billed}
    reason = f"{len(seen)} sessions since {seen[0].on} were seen before this coverage was known"
    action = "Bill Medicaid for them within its limit for eligibility that reaches back"
    await open_item(session, practice_id, reason=reason, next_action=action, **about)
    if paid > 0:
        about |= {"kind": REFUND, "value_cents": paid}
        reason = f"The patient paid {dollars(paid)} for sessions that Medicaid covers (42 CFR 447.15)"
        action = "Refund what Medicaid does not leave to the patient, once it has answered"
        await open_item(session, practice_id, reason=reason, next_action=action, **about)


def _rested(kind: Any, subject_id: UUID, on: date, amount_cents: int) -> RestedWithout:
    return RestedWithout(kind=kind, subject_id=subject_id, on=on, amount_cents=amount_cents)


def _seen(practice_id: UUID, coverage: CoverageView) -> Select[*tuple[Any, ...]]:
    """Sessions of the coverage's dates that were recorded before it was."""
    return (
        select(Visit.id, Visit.date_of_service, literal(0))
        .where(
            Visit.practice_id == practice_id,
            Visit.case_id == coverage.case_id,
            Visit.status != "void",
            Visit.recorded_at <= coverage.recorded_at,
            *_within(Visit.date_of_service, coverage),
        )
        .order_by(Visit.date_of_service, Visit.id)
    )


def _elsewhere(practice_id: UUID, coverage: CoverageView) -> tuple[ColumnElement[bool], ...]:
    return (
        Claim.practice_id == practice_id,
        Claim.case_id == coverage.case_id,
        Claim.coverage_id != coverage.id,
        Claim.created_at <= coverage.recorded_at,
        *_within(Claim.first_on, coverage),
    )


def _billed(practice_id: UUID, coverage: CoverageView) -> Select[*tuple[Any, ...]]:
    mine = _elsewhere(practice_id, coverage)
    return (
        select(Claim.id, Claim.first_on, Claim.billed_cents).where(*mine).order_by(Claim.first_on, Claim.id)
    )


def _paid(practice_id: UUID, coverage: CoverageView) -> Select[*tuple[Any, ...]]:
    """What patients' payments took off the lines of claims that went to other payers."""
    return paid_by_patients(*_elsewhere(practice_id, coverage)).order_by(Claim.first_on, Claim.id)


def _within(column: Any, coverage: CoverageView) -> tuple[ColumnElement[bool], ...]:
    until = () if coverage.ends_on is None else (column <= coverage.ends_on,)
    return (column >= coverage.starts_on, *until)
