"""One party's account for staff: what is due and why, what is not due yet, and what was asked and paid."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.models import ClaimLine
from domain.patient_billing.account import PartyAccount, explain
from domain.patient_billing.links import LinkView, links_of
from domain.patient_billing.queries import PaymentView, payments_of
from domain.patient_billing.statements import StatementRow, statements_of
from domain.patients.models import Guarantee, Patient
from domain.patients.queries import PartyView, party
from domain.reporting.clocks import zone_of


class AnsweredFor(Struct, frozen=True, kw_only=True):
    """A patient whom the party answers for, now or earlier."""

    patient_id: UUID
    name: str


class PartyFile(Struct, frozen=True, kw_only=True):
    """What the page of a party shows; `claims` says on which claim each line stands."""

    party: PartyView
    zone: str
    patients: list[AnsweredFor]
    account: PartyAccount
    claims: dict[UUID, UUID]
    statements: list[StatementRow]
    links: list[LinkView]
    payments: list[PaymentView]
    now: datetime


async def party_file(session: AsyncSession, practice_id: UUID, party_id: UUID, now: datetime) -> PartyFile:
    """One party's account with its papers; raises NotFound."""
    found = await party(session, practice_id, party_id)
    account = await explain(session, practice_id, party_id)
    lines = [*(due.claim_line_id for due in account.lines), *(w.claim_line_id for w in account.not_due_yet)]
    wanted = select(ClaimLine.id, ClaimLine.claim_id).where(
        ClaimLine.practice_id == practice_id, ClaimLine.id.in_(lines)
    )
    return PartyFile(
        party=found,
        zone=await zone_of(session, practice_id),
        patients=await _patients(session, practice_id, party_id),
        account=account,
        claims={row.id: row.claim_id for row in await session.execute(wanted)},
        statements=await statements_of(session, practice_id, party_id),
        links=await links_of(session, practice_id, party_id),
        payments=await payments_of(session, practice_id, party_id),
        now=now,
    )


async def _patients(session: AsyncSession, practice_id: UUID, party_id: UUID) -> list[AnsweredFor]:
    named = (Patient.practice_id == Guarantee.practice_id) & (Patient.id == Guarantee.patient_id)
    wanted = (
        select(Patient.id, Patient.given_name, Patient.family_name)
        .join(Guarantee, named)
        .where(Guarantee.practice_id == practice_id, Guarantee.party_id == party_id)
        .distinct()
        .order_by(Patient.family_name, Patient.given_name, Patient.id)
    )
    return [
        AnsweredFor(patient_id=row.id, name=f"{row.given_name} {row.family_name}")
        for row in await session.execute(wanted)
    ]
