"""What rested on a coverage: what was booked, seen, sent, paid and paid by patients under it (BC-02)."""

from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.models import Claim
from domain.patient_billing.paid_claims import paid_by_patients
from domain.patients.models import Coverage
from domain.remittances.models import RemittanceClaim
from domain.scheduling.models import Appointment
from domain.visits.models import Visit
from tenants.audit import note_patients
from tenants.errors import NotFound

Statement = Select[*tuple[Any, ...]]


class Reliance(Struct, frozen=True, kw_only=True):
    """One item that rested on the coverage; `kind` is booked, seen, sent, paid or paid_by_patient."""

    kind: str
    subject_id: UUID
    on: date
    amount_cents: int


async def relied_on(
    session: AsyncSession, practice_id: UUID, coverage_id: UUID, from_on: date
) -> list[Reliance]:
    """Everything from that date of service on that rested on the coverage; raises NotFound."""
    coverage = await session.get(Coverage, (practice_id, coverage_id))
    if coverage is None:
        raise NotFound(f"no coverage {coverage_id}")
    note_patients(session, coverage.patient_id)
    found: list[Reliance] = []
    for kind, statement in (
        ("booked", _booked(practice_id, coverage, from_on)),
        ("seen", _seen(practice_id, coverage, from_on)),
        ("sent", _sent(practice_id, coverage, from_on)),
        ("paid", _paid(practice_id, coverage, from_on)),
        ("paid_by_patient", _paid_by_patient(practice_id, coverage, from_on)),
    ):
        rows = await session.execute(statement)
        found.extend(Reliance(kind=kind, subject_id=r[0], on=r[1], amount_cents=int(r[2])) for r in rows)
    return found


def _booked(practice_id: UUID, coverage: Coverage, from_on: date) -> Statement:
    return (
        select(Appointment.id, Appointment.service_on, literal(0))
        .where(
            Appointment.practice_id == practice_id,
            Appointment.case_id == coverage.case_id,
            Appointment.service_on >= from_on,
            Appointment.status == "booked",
        )
        .order_by(Appointment.service_on, Appointment.id)
    )


def _seen(practice_id: UUID, coverage: Coverage, from_on: date) -> Statement:
    return (
        select(Visit.id, Visit.date_of_service, literal(0))
        .where(
            Visit.practice_id == practice_id,
            Visit.case_id == coverage.case_id,
            Visit.date_of_service >= from_on,
            Visit.status != "void",
        )
        .order_by(Visit.date_of_service, Visit.id)
    )


def _claims(practice_id: UUID, coverage: Coverage, from_on: date) -> tuple[ColumnElement[bool], ...]:
    return (
        Claim.practice_id == practice_id,
        Claim.coverage_id == coverage.id,
        Claim.last_on >= from_on,
        Claim.sent_at.is_not(None),
    )


def _sent(practice_id: UUID, coverage: Coverage, from_on: date) -> Statement:
    mine = _claims(practice_id, coverage, from_on)
    return select(Claim.id, Claim.first_on, Claim.billed_cents).where(*mine).order_by(Claim.id)


def _paid(practice_id: UUID, coverage: Coverage, from_on: date) -> Statement:
    return (
        select(Claim.id, Claim.first_on, func.sum(RemittanceClaim.paid_cents))
        .join(
            RemittanceClaim,
            (RemittanceClaim.practice_id == Claim.practice_id) & (RemittanceClaim.claim_id == Claim.id),
        )
        .where(*_claims(practice_id, coverage, from_on), RemittanceClaim.outcome == "posted")
        .group_by(Claim.practice_id, Claim.id)
        .having(func.sum(RemittanceClaim.paid_cents) != 0)
        .order_by(Claim.id)
    )


def _paid_by_patient(practice_id: UUID, coverage: Coverage, from_on: date) -> Statement:
    """What patients' payments took off the lines' due accounts."""
    return paid_by_patients(*_claims(practice_id, coverage, from_on)).order_by(Claim.id)
