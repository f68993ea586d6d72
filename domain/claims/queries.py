"""What screens and reports read of claims: the list, and one claim's story in order of time."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.models import Claim, ClaimEvent, ClaimFinding, ClaimLine, ClaimVersion
from domain.ledger.models import Account
from domain.patients.models import Patient
from domain.practices.models import Payer
from tenants.audit import note_patients
from tenants.errors import NotFound


class ClaimSummary(Struct, frozen=True, kw_only=True):
    """A claim in a list."""

    id: UUID
    control_number: str
    patient_id: UUID
    patient_name: str
    payer_name: str
    status: str
    first_on: date
    last_on: date
    billed_cents: int
    sent_at: datetime | None


class ClaimLineView(Struct, frozen=True, kw_only=True):
    """A line with where its money stands; the parts sum to the charge (PO-18)."""

    id: UUID
    number: int
    code: str
    modifiers: list[str]
    units: int
    charge_cents: int
    date_of_service: date
    place_of_service: str
    insurer_cents: int
    patient_not_due_cents: int
    patient_due_cents: int
    settled_cents: int


class FindingView(Struct, frozen=True, kw_only=True):
    """A result of a check: whose rule, since when, what it rests on, and what to do about it."""

    id: UUID
    version: int
    rule: str
    severity: str
    subject: str
    message: str
    fix: str
    source: str
    family: str
    risk: str
    row: str | None
    starts_on: date | None
    ends_on: date | None
    evidence: dict[str, Any]
    correction: dict[str, Any] | None
    released_by: UUID | None
    release_reason: str | None
    acknowledged_by: UUID | None
    acknowledged_at: datetime | None


class StoryEvent(Struct, frozen=True, kw_only=True):
    """Something that happened to a claim, with who and when."""

    at: datetime
    kind: str
    actor_kind: str
    actor_id: UUID
    detail: dict[str, Any]


class ClaimView(Struct, frozen=True, kw_only=True):
    """A claim with its lines, findings and story."""

    id: UUID
    control_number: str
    payer_control_number: str | None
    case_id: UUID
    patient_id: UUID
    rendering_provider_id: UUID
    patient_name: str
    payer_name: str
    status: str
    frequency: str
    version: int
    first_on: date
    last_on: date
    billed_cents: int
    diagnoses: list[str]
    lines: list[ClaimLineView]
    findings: list[FindingView]
    story: list[StoryEvent]


async def list_claims(
    session: AsyncSession, practice_id: UUID, *, status: str | None, after: UUID | None, limit: int
) -> list[ClaimSummary]:
    """Claims in order of their making, a page at a time."""
    wanted = (
        select(Claim, Patient.given_name, Patient.family_name, Payer.name)
        .join(Patient, (Patient.practice_id == Claim.practice_id) & (Patient.id == Claim.patient_id))
        .join(Payer, (Payer.practice_id == Claim.practice_id) & (Payer.id == Claim.payer_id))
        .where(Claim.practice_id == practice_id)
        .order_by(Claim.id)
        .limit(limit)
    )
    if status is not None:
        wanted = wanted.where(Claim.status == status)
    if after is not None:
        wanted = wanted.where(Claim.id > after)
    rows = list(await session.execute(wanted))
    note_patients(session, *{claim.patient_id for claim, *_ in rows})
    return [_summary(claim, f"{given} {family}", payer) for claim, given, family, payer in rows]


def _summary(claim: Claim, patient_name: str, payer_name: str) -> ClaimSummary:
    return ClaimSummary(
        id=claim.id,
        control_number=claim.control_number,
        patient_id=claim.patient_id,
        patient_name=patient_name,
        payer_name=payer_name,
        status=claim.status,
        first_on=claim.first_on,
        last_on=claim.last_on,
        billed_cents=claim.billed_cents,
        sent_at=claim.sent_at,
    )


async def read_claim(session: AsyncSession, practice_id: UUID, claim_id: UUID) -> ClaimView:
    """One claim with everything behind it; raises NotFound."""
    wanted = (
        select(Claim, Patient.given_name, Patient.family_name, Payer.name)
        .join(Patient, (Patient.practice_id == Claim.practice_id) & (Patient.id == Claim.patient_id))
        .join(Payer, (Payer.practice_id == Claim.practice_id) & (Payer.id == Claim.payer_id))
        .where(Claim.practice_id == practice_id, Claim.id == claim_id)
    )
    row = (await session.execute(wanted)).one_or_none()
    if row is None:
        raise NotFound(f"no claim {claim_id}")
    claim, given, family, payer = row
    note_patients(session, claim.patient_id)
    own = {name: getattr(claim, name) for name in ClaimView.__struct_fields__ if hasattr(claim, name)}
    return ClaimView(
        **own,
        patient_name=f"{given} {family}",
        payer_name=payer,
        diagnoses=await _diagnoses(session, claim),
        lines=await _lines(session, practice_id, claim_id),
        findings=await _findings(session, claim),
        story=await _story(session, practice_id, claim_id),
    )


async def _diagnoses(session: AsyncSession, claim: Claim) -> list[str]:
    """As the current version names them."""
    current = select(ClaimVersion.content["diagnoses"]).where(
        ClaimVersion.practice_id == claim.practice_id,
        ClaimVersion.claim_id == claim.id,
        ClaimVersion.number == claim.version,
    )
    return list((await session.execute(current)).scalar_one_or_none() or ())


async def _lines(session: AsyncSession, practice_id: UUID, claim_id: UUID) -> list[ClaimLineView]:
    mine = select(ClaimLine).where(ClaimLine.practice_id == practice_id, ClaimLine.claim_id == claim_id)
    lines = list((await session.execute(mine.order_by(ClaimLine.number))).scalars())
    open_cents = await open_by_line(session, practice_id, [line.id for line in lines])
    return [_line(line, open_cents.get(line.id, {})) for line in lines]


async def open_by_line(
    session: AsyncSession, practice_id: UUID, line_ids: list[UUID]
) -> dict[UUID, dict[str, int]]:
    """What is open on each line, by kind of who owes it: insurer, patient_not_due, patient_due."""
    accounts = select(Account.owner_id, Account.kind, Account.debits - Account.credits).where(
        Account.practice_id == practice_id,
        Account.owner_kind == "claim_line",
        Account.owner_id.in_(line_ids),
    )
    opened: dict[UUID, dict[str, int]] = {}
    for line_id, kind, cents in await session.execute(accounts):
        held = opened.setdefault(line_id, {})
        name = "insurer" if kind.startswith("insurer") else kind.partition(":")[0]
        held[name] = held.get(name, 0) + cents
    return opened


def _line(line: ClaimLine, opened: dict[str, int]) -> ClaimLineView:
    insurer = opened.get("insurer", 0)
    waiting, due = opened.get("patient_not_due", 0), opened.get("patient_due", 0)
    settled = line.charge_cents - insurer - waiting - due if opened else 0
    return ClaimLineView(
        id=line.id,
        number=line.number,
        code=line.code,
        modifiers=line.modifiers,
        units=line.units,
        charge_cents=line.charge_cents,
        date_of_service=line.date_of_service,
        place_of_service=line.place_of_service,
        insurer_cents=insurer,
        patient_not_due_cents=waiting,
        patient_due_cents=due,
        settled_cents=settled,
    )


async def _findings(session: AsyncSession, claim: Claim) -> list[FindingView]:
    mine = select(ClaimFinding).where(
        ClaimFinding.practice_id == claim.practice_id,
        ClaimFinding.claim_id == claim.id,
        ClaimFinding.version == claim.version,
    )
    rows = (await session.execute(mine.order_by(ClaimFinding.ordinal))).scalars()
    return [
        FindingView(**{name: getattr(row, name) for name in FindingView.__struct_fields__}) for row in rows
    ]


async def _story(session: AsyncSession, practice_id: UUID, claim_id: UUID) -> list[StoryEvent]:
    mine = select(ClaimEvent).where(ClaimEvent.practice_id == practice_id, ClaimEvent.claim_id == claim_id)
    rows = (await session.execute(mine.order_by(ClaimEvent.at, ClaimEvent.id))).scalars()
    return [
        StoryEvent(at=e.at, kind=e.kind, actor_kind=e.actor_kind, actor_id=e.actor_id, detail=e.detail)
        for e in rows
    ]
