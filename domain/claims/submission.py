"""Queueing a claim: from here on the payer owes, and the claim is on its way to a file."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.acknowledging import refuse_unseen
from domain.claims.events import append, move
from domain.claims.models import Claim, ClaimLine
from domain.claims.tasks import SendClaims
from domain.ledger.entries import AccountRef, Entry, JournalEntry, Stamp
from domain.ledger.posting import post
from domain.patients.models import Coverage
from domain.practices.models import PracticeProfile
from domain.work.items import close_item
from domain.work.models import WorkItem
from tenants.access import Actor
from tenants.errors import Conflict, NotFound
from tenants.outbox import enqueue

MOST_CLAIMS = 500


class ClaimNotReady(Conflict):
    """Only a claim without open blocking findings can be queued."""

    code = "claim_not_ready"


class NoConnection(Conflict):
    """The practice has no clearinghouse connection yet."""

    code = "no_connection"


async def lock_claim(session: AsyncSession, practice_id: UUID, claim_id: UUID) -> Claim:
    """The claim, locked until the transaction ends; raises NotFound."""
    mine = select(Claim).where(Claim.practice_id == practice_id, Claim.id == claim_id)
    claim = (await session.execute(mine.with_for_update())).scalar_one_or_none()
    if claim is None:
        raise NotFound(f"no claim {claim_id}")
    return claim


async def submit_claims(
    session: AsyncSession, actor: Actor, practice_id: UUID, claim_ids: list[UUID], now: datetime
) -> list[Claim]:
    """Queue claims for sending and charge their payers; all of them or none.

    Raises NotFound, ClaimNotReady, WarningsNotAcknowledged, NoConnection.
    """
    claims = await _lock_ready(session, practice_id, claim_ids)
    connection_id = await _connection(session, practice_id)
    for claim in claims:
        move(claim, "queued")
        version, source = claim.version, f"version {claim.version}: {now.isoformat()}"
        await append(session, claim, actor, kind="queued", source=source, at=now, version=version)
    await _close_work(session, practice_id, claims, now)
    charges = await _charges(session, practice_id, claims)
    await post(session, Stamp(practice_id, actor.id, now), charges)
    task = SendClaims(
        practice_id=practice_id, organization_id=actor.organization_id, connection_id=connection_id
    )
    await enqueue(session, task, available_at=now)
    return claims


async def _lock_ready(session: AsyncSession, practice_id: UUID, claim_ids: list[UUID]) -> list[Claim]:
    if len(claim_ids) > MOST_CLAIMS:
        raise Conflict(f"queue at most {MOST_CLAIMS} claims at a time")
    mine = select(Claim).where(Claim.practice_id == practice_id, Claim.id.in_(claim_ids)).order_by(Claim.id)
    claims = list((await session.execute(mine.with_for_update())).scalars())
    missing = set(claim_ids) - {c.id for c in claims}
    if missing:
        raise NotFound(f"no claim {min(missing)}")
    for claim in claims:
        if claim.status != "ready":
            raise ClaimNotReady(f"claim {claim.id} is {claim.status}, not ready")
    await refuse_unseen(session, practice_id, claims)
    return claims


async def _connection(session: AsyncSession, practice_id: UUID) -> UUID:
    wanted = select(PracticeProfile.connection_id).where(PracticeProfile.practice_id == practice_id)
    connection_id = (await session.execute(wanted)).scalar_one_or_none()
    if connection_id is None:
        raise NoConnection("the practice has no clearinghouse connection")
    return connection_id


async def _close_work(session: AsyncSession, practice_id: UUID, claims: list[Claim], now: datetime) -> None:
    """What kept claims from going out is done."""
    wanted = select(WorkItem.kind, WorkItem.subject_id).where(
        WorkItem.practice_id == practice_id,
        WorkItem.subject_kind == "claim",
        WorkItem.subject_id.in_([c.id for c in claims]),
        WorkItem.kind.in_(("claim_rejected", "claim_not_writable")),
        WorkItem.closed_at.is_(None),
    )
    for kind, claim_id in (await session.execute(wanted)).all():
        await close_item(
            session,
            practice_id,
            kind=kind,
            subject_kind="claim",
            subject_id=claim_id,
            outcome="the claim was submitted again",
            now=now,
        )


async def _charges(session: AsyncSession, practice_id: UUID, claims: list[Claim]) -> list[JournalEntry]:
    """One journal a claim, once however often it is sent: what its lines charge, its insurer owes."""
    wanted = (
        select(ClaimLine, Coverage.ordinal)
        .join(Claim, (Claim.practice_id == ClaimLine.practice_id) & (Claim.id == ClaimLine.claim_id))
        .join(Coverage, (Coverage.practice_id == Claim.practice_id) & (Coverage.id == Claim.coverage_id))
        .where(ClaimLine.practice_id == practice_id, ClaimLine.claim_id.in_([c.id for c in claims]))
        .order_by(ClaimLine.claim_id, ClaimLine.number)
    )
    entries: dict[UUID, list[Entry]] = defaultdict(list)
    for line, ordinal in await session.execute(wanted):
        owed = AccountRef("claim_line", line.id, f"insurer_{ordinal}")
        revenue = AccountRef("practice", practice_id, "revenue")
        charge = Entry(owed, revenue, line.charge_cents, "charge", line.date_of_service)
        entries[line.claim_id].append(charge)
    return [JournalEntry("charge", str(claim.id), entries[claim.id]) for claim in claims]
