"""From queued claims to a written file: committed before anybody outside is called."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.connecting import add_payee
from domain.claims.content import ClaimContent
from domain.claims.events import append, move
from domain.claims.models import Claim, ClaimVersion, Interchange, InterchangeClaim
from domain.claims.ports import ClaimFiles, ClaimsFile, FileRefused, WrittenFile
from domain.claims.tasks import SendClaims, SendInterchange
from domain.practices.models import PracticeProfile
from domain.work.items import open_item
from tenants.access import Actor
from tenants.cipher import FileCipher
from tenants.clock import local_date
from tenants.database import Database
from tenants.ids import new_id
from tenants.models import Connection, DirectoryEntry
from tenants.outbox import enqueue

MOST_CLAIMS_A_FILE = 2000


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """A connection's identifiers and the control number that this file takes."""

    connection_id: UUID
    sender_id: str
    receiver_id: str
    receiver_name: str
    usage: str
    control_number: int


async def take_envelope(database: Database, actor: Actor, connection_id: UUID) -> Envelope:
    """Take the connection's next control number; a number that is never used leaves a gap, never a repeat."""
    async with database.organization_transaction(actor) as session:
        mine = (Connection.organization_id == actor.organization_id, Connection.id == connection_id)
        taken = (
            update(Connection)
            .where(*mine)
            .values(next_control_number=Connection.next_control_number + 1)
            .returning(Connection)
        )
        connection = (await session.execute(taken)).scalar_one()
        return Envelope(
            connection_id=connection_id,
            sender_id=connection.sender_id,
            receiver_id=connection.receiver_id,
            receiver_name=connection.name,
            usage=connection.usage,
            control_number=connection.next_control_number - 1,
        )


async def write_claims(
    database: Database, files: ClaimFiles, cipher: FileCipher, actor: Actor, task: SendClaims
) -> UUID | None:
    """Write the queued claims of the practice into one file; returns its id, or None when none was queued.

    A claim that cannot be written is held with the reason; the others go.
    """
    envelope = await take_envelope(database, actor, task.connection_id)
    now = database.clock.now()
    async with database.practice_transaction(actor, task.practice_id) as session:
        claims = await _lock_queued(session, task.practice_id)
        if not claims:
            return None
        contents = await _contents(session, task.practice_id, claims)
        written = await _write(session, files, envelope, actor, claims, contents, now)
        if written is None:
            return None
        interchange_id = await _keep(session, cipher, envelope, actor, written, claims, database)
        for npi in {contents[claim.id].billing.npi for claim in claims}:
            await add_payee(session, database, actor, task.practice_id, task.connection_id, npi)
        sending = SendInterchange(
            practice_id=task.practice_id,
            organization_id=task.organization_id,
            interchange_id=interchange_id,
        )
        await enqueue(session, sending, available_at=now)
        return interchange_id


async def _lock_queued(session: AsyncSession, practice_id: UUID) -> list[Claim]:
    mine = (
        select(Claim)
        .where(Claim.practice_id == practice_id, Claim.status == "queued")
        .order_by(Claim.id)
        .limit(MOST_CLAIMS_A_FILE)
        .with_for_update(skip_locked=True)
    )
    return list((await session.execute(mine)).scalars())


async def _contents(
    session: AsyncSession, practice_id: UUID, claims: list[Claim]
) -> dict[UUID, ClaimContent]:
    wanted = (
        select(ClaimVersion.claim_id, ClaimVersion.content)
        .join(
            Claim,
            (Claim.practice_id == ClaimVersion.practice_id)
            & (Claim.id == ClaimVersion.claim_id)
            & (Claim.version == ClaimVersion.number),
        )
        .where(ClaimVersion.practice_id == practice_id, Claim.id.in_([c.id for c in claims]))
    )
    rows = await session.execute(wanted)
    return {row.claim_id: msgspec.convert(row.content, ClaimContent) for row in rows}


async def _write(
    session: AsyncSession,
    files: ClaimFiles,
    envelope: Envelope,
    actor: Actor,
    claims: list[Claim],
    contents: dict[UUID, ClaimContent],
    now: datetime,
) -> WrittenFile | None:
    profile = await _profile(session, claims[0].practice_id)
    try:
        return files.write(_file(envelope, profile, [contents[c.id] for c in claims], now))
    except FileRefused:
        for claim in list(claims):
            try:
                files.write(_file(envelope, profile, [contents[claim.id]], now))
            except FileRefused as refused:
                claims.remove(claim)
                await _hold_unwritable(session, actor, claim, refused, profile, now)
    return files.write(_file(envelope, profile, [contents[c.id] for c in claims], now)) if claims else None


async def _profile(session: AsyncSession, practice_id: UUID) -> PracticeProfile:
    wanted = select(PracticeProfile).where(PracticeProfile.practice_id == practice_id)
    return (await session.execute(wanted)).scalar_one()


def _file(
    envelope: Envelope, profile: PracticeProfile, contents: list[ClaimContent], now: datetime
) -> ClaimsFile:
    return ClaimsFile(
        sender_id=envelope.sender_id,
        sender_name=profile.legal_name,
        receiver_id=envelope.receiver_id,
        receiver_name=envelope.receiver_name,
        contact_phone=profile.phone,
        control_number=envelope.control_number,
        usage=envelope.usage,
        written_at=now,
        claims=tuple(contents),
    )


async def _hold_unwritable(
    session: AsyncSession,
    actor: Actor,
    claim: Claim,
    refused: FileRefused,
    profile: PracticeProfile,
    now: datetime,
) -> None:
    move(claim, "held")
    problem = refused.problem
    await append(
        session,
        claim,
        actor,
        kind="not_writable",
        source=f"version {claim.version}: {now.isoformat()}",
        at=now,
        code=problem.code,
    )
    await open_item(
        session,
        claim.practice_id,
        kind="claim_not_writable",
        subject_kind="claim",
        subject_id=claim.id,
        reason=f"The claim cannot be written: {problem.detail}",
        next_action="Correct the field and check the claim again",
        due_on=local_date(now, profile.time_zone),
        value_cents=claim.billed_cents,
        now=now,
    )


async def _keep(
    session: AsyncSession,
    cipher: FileCipher,
    envelope: Envelope,
    actor: Actor,
    written: WrittenFile,
    claims: list[Claim],
    database: Database,
) -> UUID:
    practice_id, interchange_id, now = claims[0].practice_id, new_id(), database.clock.now()
    session.add(
        Interchange(
            practice_id=practice_id,
            id=interchange_id,
            connection_id=envelope.connection_id,
            control_number=envelope.control_number,
            name=f"837P-{envelope.control_number:09d}.txt",
            status="written",
            content=cipher.seal(written.text.encode(), f"interchanges:{practice_id}:{interchange_id}"),
            created_at=now,
        )
    )
    session.add(_route_back(database, envelope, actor, practice_id, interchange_id))
    await session.flush()
    session.add_all(_placed(claim, interchange_id, written) for claim in claims)
    return interchange_id


def _placed(claim: Claim, interchange_id: UUID, written: WrittenFile) -> InterchangeClaim:
    move(claim, "written")
    return InterchangeClaim(
        practice_id=claim.practice_id,
        id=new_id(),
        interchange_id=interchange_id,
        claim_id=claim.id,
        version=claim.version,
        transaction_control=written.transaction_of[claim.control_number],
    )


def _route_back(
    database: Database, envelope: Envelope, actor: Actor, practice_id: UUID, interchange_id: UUID
) -> DirectoryEntry:
    key = interchange_key(envelope.connection_id, envelope.control_number)
    return DirectoryEntry(
        kind="interchange",
        key_sha256=database.key("interchange", key),
        organization_id=actor.organization_id,
        practice_id=practice_id,
        subject_id=interchange_id,
    )


def interchange_key(connection_id: UUID, control_number: int) -> str:
    """The directory key by which an acknowledgement finds the practice that sent the file."""
    return f"{connection_id}:{control_number}"
