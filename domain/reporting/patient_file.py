"""One patient: cases with what is left of their limits, sessions, claims, and who owes what."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from domain.allowances.binding import CaseAllowances, answer
from domain.allowances.remaining import limits_left
from domain.claims.models import Claim
from domain.claims.queries import ClaimSummary
from domain.ledger.statements import driver_of
from domain.patient_billing.application import balance_cents
from domain.patients.coverages import CoverageView, coverages_of_case
from domain.patients.models import Party
from domain.patients.parties import shares_on
from domain.patients.queries import CaseView, PatientView, cases_of, patient
from domain.practices.models import Payer
from domain.reporting.clocks import zone_of
from domain.reporting.sessions import SessionRow, session_rows
from tenants.clock import local_date

SHOWN = 25


class CaseFile(Struct, frozen=True, kw_only=True):
    """A case with its coverages, and what its limits leave."""

    case: CaseView
    coverages: list[CoverageView]
    allowances: CaseAllowances | None


class Payor(Struct, frozen=True, kw_only=True):
    """Somebody who answers for the patient today, with what that party owes in all."""

    party_id: UUID
    name: str
    share_basis_points: int
    apart: bool
    balance_cents: Cents


class PatientFile(Struct, frozen=True, kw_only=True):
    """What the page of a patient shows."""

    patient: PatientView
    zone: str
    today: date
    cases: list[CaseFile]
    payors: list[Payor]
    sessions: list[SessionRow]
    claims: list[ClaimSummary]


async def patient_file(
    session: AsyncSession, practice_id: UUID, patient_id: UUID, now: datetime, *, with_money: bool
) -> PatientFile:
    """One patient with everything about them; without claims and balances where money may not be seen.

    Raises NotFound.
    """
    person = await patient(session, practice_id, patient_id)
    zone = await zone_of(session, practice_id)
    today = local_date(now, zone)
    return PatientFile(
        patient=person,
        zone=zone,
        today=today,
        cases=await _cases(session, practice_id, patient_id, now),
        payors=await _payors(session, practice_id, patient_id, today) if with_money else [],
        sessions=await session_rows(
            session, practice_id, status=None, before=None, limit=SHOWN, patient_id=patient_id
        ),
        claims=await _claims(session, practice_id, person) if with_money else [],
    )


async def _cases(session: AsyncSession, practice_id: UUID, patient_id: UUID, now: datetime) -> list[CaseFile]:
    found = await cases_of(session, practice_id, patient_id)
    driver = await driver_of(session)
    left = {c.case_id: answer(c) for c in await limits_left(driver, practice_id, [c.id for c in found], now)}
    return [
        CaseFile(
            case=case,
            coverages=await coverages_of_case(session, practice_id, case.id),
            allowances=left.get(case.id),
        )
        for case in found
    ]


async def _payors(session: AsyncSession, practice_id: UUID, patient_id: UUID, today: date) -> list[Payor]:
    shares = await shares_on(session, practice_id, patient_id, today)
    names = await _names(session, practice_id, [share.party_id for share in shares])
    return [
        Payor(
            party_id=share.party_id,
            name=names[share.party_id],
            share_basis_points=share.share_basis_points,
            apart=share.apart,
            balance_cents=await balance_cents(session, practice_id, share.party_id),
        )
        for share in shares
    ]


async def _names(session: AsyncSession, practice_id: UUID, ids: Sequence[UUID]) -> dict[UUID, str]:
    wanted = select(Party.id, Party.name).where(Party.practice_id == practice_id, Party.id.in_(ids))
    return {row.id: row.name for row in await session.execute(wanted)}


async def _claims(session: AsyncSession, practice_id: UUID, person: PatientView) -> list[ClaimSummary]:
    wanted = (
        select(Claim, Payer.name)
        .join(Payer, (Payer.practice_id == Claim.practice_id) & (Payer.id == Claim.payer_id))
        .where(Claim.practice_id == practice_id, Claim.patient_id == person.id)
        .order_by(Claim.first_on.desc(), Claim.id.desc())
        .limit(SHOWN)
    )
    return [_claim(claim, payer, person) for claim, payer in await session.execute(wanted)]


def _claim(claim: Claim, payer_name: str, person: PatientView) -> ClaimSummary:
    return ClaimSummary(
        id=claim.id,
        control_number=claim.control_number,
        patient_id=claim.patient_id,
        patient_name=f"{person.given_name} {person.family_name}",
        payer_name=payer_name,
        status=claim.status,
        first_on=claim.first_on,
        last_on=claim.last_on,
        billed_cents=claim.billed_cents,
        sent_at=claim.sent_at,
    )
