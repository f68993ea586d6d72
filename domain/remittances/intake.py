"""A received file: kept once, split by transaction, each led to its practice before it is applied."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.connecting import payee_key
from domain.claims.models import InboundTransaction
from domain.claims.ports import FileProblem, FileRefused
from domain.claims.tasks import ApplyInbound
from domain.claims.use import due_on
from domain.claims.writing import interchange_key
from domain.remittances.ports import Received, ReceivedFiles
from tenants.access import Actor, system_actor
from tenants.audit import note_change
from tenants.cipher import FileCipher
from tenants.database import Database
from tenants.ids import new_id
from tenants.models import OrganizationWorkItem, ReceivedFile
from tenants.outbox import enqueue


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a received file; `problem` says why it is quarantined, `repeat` that it was here.

    `led` is how many of its transactions went to their practices all the same.
    """

    file_id: UUID
    status: str
    repeat: bool
    problem: FileProblem | None
    led: int


class Intake(msgspec.Struct, frozen=True):
    """Who takes files in: the doors, the reader, and the cipher for what is kept."""

    database: Database
    files: ReceivedFiles
    cipher: FileCipher


async def take_in(intake: Intake, actor: Actor, connection_id: UUID, name: str, content: bytes) -> Taken:
    """Keep a file, and lead its transactions to their practices; the same bytes are kept once.

    A file that cannot be read, or that names nobody we know, is kept in quarantine with the reason. Brought
    again, a file is led again: that finds a practice that was not known before, posts what was un-posted, and
    changes nothing else.
    """
    file_id, repeat = await _keep(intake, actor, connection_id, name, content)
    try:
        received = intake.files.read(content)
    except FileRefused as refused:
        await _quarantine(intake, actor, file_id, refused.problem)
        return _taken(file_id, repeat, refused.problem, 0)
    routed, lost = await _route(intake.database, connection_id, received)
    for practice_id, mine in routed.items():
        await _deliver(intake, actor, connection_id, file_id, practice_id, mine)
    problem = _nobody(lost[0]) if lost else None
    if problem is not None:
        await _quarantine(intake, actor, file_id, problem)
    else:
        await _settle(intake, actor, file_id, "routed", None)
    return _taken(file_id, repeat, problem, len(received) - len(lost))


def _taken(file_id: UUID, repeat: bool, problem: FileProblem | None, led: int) -> Taken:
    status = "quarantined" if problem else "routed"
    return Taken(file_id=file_id, status=status, repeat=repeat, problem=problem, led=led)


async def _keep(
    intake: Intake, actor: Actor, connection_id: UUID, name: str, content: bytes
) -> tuple[UUID, bool]:
    digest, file_id, now = hashlib.sha256(content).hexdigest(), new_id(), intake.database.clock.now()
    values = {
        "organization_id": actor.organization_id,
        "id": file_id,
        "connection_id": connection_id,
        "name": name,
        "content_sha256": digest,
        "content": intake.cipher.seal(content, f"received_files:{actor.organization_id}:{file_id}"),
        "received_at": now,
        "status": "received",
    }
    async with intake.database.organization_transaction(actor) as session:
        kept = insert(ReceivedFile).values(values).on_conflict_do_nothing().returning(ReceivedFile.id)
        if (await session.execute(kept)).scalar_one_or_none() is not None:
            note_change(session, "insert", "received_files", file_id)
            return file_id, False
        same = select(ReceivedFile.id).where(
            ReceivedFile.organization_id == actor.organization_id,
            ReceivedFile.connection_id == connection_id,
            ReceivedFile.content_sha256 == digest,
        )
        return (await session.execute(same)).scalar_one(), True


async def _route(
    database: Database, connection_id: UUID, received: Sequence[Received]
) -> tuple[dict[UUID, list[Received]], list[Received]]:
    routed: dict[UUID, list[Received]] = defaultdict(list)
    lost: list[Received] = []
    known: dict[tuple[str, str], UUID | None] = {}
    for one in received:
        key = _routing_key(connection_id, one)
        if key not in known:
            found = await database.directory_lookup(*key)
            known[key] = found.practice_id if found else None
        practice_id = known[key]
        (lost if practice_id is None else routed[practice_id]).append(one)
    return dict(routed), lost


def _routing_key(connection_id: UUID, received: Received) -> tuple[str, str]:
    if received.control_number is not None:
        return "interchange", interchange_key(connection_id, received.control_number)
    return "payee", payee_key(connection_id, received.payee_npi or "")


async def _deliver(
    intake: Intake,
    actor: Actor,
    connection_id: UUID,
    file_id: UUID,
    practice_id: UUID,
    received: Sequence[Received],
) -> None:
    """Write the practice's transactions and the tasks that apply them, once."""
    now = intake.database.clock.now()
    acting = system_actor(actor.organization_id, "receive file", practice_ids=frozenset({practice_id}))
    async with intake.database.practice_transaction(acting, practice_id) as session:
        for one in received:
            values = _row(intake, connection_id, file_id, practice_id, one, now)
            kept = insert(InboundTransaction).values(values).on_conflict_do_nothing()
            new = (await session.execute(kept.returning(InboundTransaction.id))).scalar_one_or_none()
            to_apply = new or await _offer_again(session, practice_id, file_id, one)
            if to_apply is not None:
                note_change(session, "insert" if new else "update", "inbound_transactions", to_apply)
                task = ApplyInbound(
                    practice_id=practice_id, organization_id=actor.organization_id, inbound_id=to_apply
                )
                await enqueue(session, task, available_at=now)


def _row(
    intake: Intake, connection_id: UUID, file_id: UUID, practice_id: UUID, received: Received, now: datetime
) -> dict[str, Any]:
    inbound_id = new_id()
    place = f"inbound_transactions:{practice_id}:{inbound_id}"
    return {
        "practice_id": practice_id,
        "id": inbound_id,
        "received_file_id": file_id,
        "connection_id": connection_id,
        "ordinal": received.ordinal,
        "kind": received.kind,
        "content": intake.cipher.seal(msgspec.json.encode(received.content), place),
        "received_at": now,
        "status": "received",
    }


async def _offer_again(
    session: AsyncSession, practice_id: UUID, file_id: UUID, received: Received
) -> UUID | None:
    """A remittance is applied again when it is brought again, and so is any answer that found nothing.

    A remittance that stands posted stays as it is.
    """
    again = (
        update(InboundTransaction)
        .where(
            InboundTransaction.practice_id == practice_id,
            InboundTransaction.received_file_id == file_id,
            InboundTransaction.ordinal == received.ordinal,
            or_(InboundTransaction.kind == "835", InboundTransaction.status == "quarantined"),
        )
        .values(status="received", reason=None)
        .returning(InboundTransaction.id)
    )
    return (await session.execute(again)).scalar_one_or_none()


def _nobody(received: Received) -> FileProblem:
    segment = {"999": "AK1", "277CA": "TRN", "835": "N1"}[received.kind]
    what = "its payee" if received.control_number is None else f"control number {received.control_number}"
    return FileProblem(
        code="routes_nowhere",
        segment=segment,
        position=received.position,
        detail=f"the {received.kind} answers {what}, which no practice of this company has",
    )


async def _quarantine(intake: Intake, actor: Actor, file_id: UUID, problem: FileProblem) -> None:
    reason = f"{problem.code}: {problem.segment} at {problem.position}: {problem.detail}"
    await _settle(intake, actor, file_id, "quarantined", reason)


async def _settle(intake: Intake, actor: Actor, file_id: UUID, status: str, reason: str | None) -> None:
    now = intake.database.clock.now()
    async with intake.database.organization_transaction(actor) as session:
        file = await session.get_one(ReceivedFile, (actor.organization_id, file_id))
        file.status, file.reason = status, reason
        if reason is not None:
            await _open_work(session, actor, file_id, reason, now)
        else:
            await _close_work(session, actor, file_id, now)


async def _open_work(session: AsyncSession, actor: Actor, file_id: UUID, reason: str, now: datetime) -> None:
    values = {
        "organization_id": actor.organization_id,
        "id": new_id(),
        "kind": "file_quarantined",
        "subject_kind": "received_file",
        "subject_id": file_id,
        "reason": reason,
        "next_action": "Ask the sender for a whole file, or tell us whose it is",
        "due_on": due_on(now, 1),
        "created_at": now,
        "updated_at": now,
    }
    opened = insert(OrganizationWorkItem).values(values).on_conflict_do_nothing()
    new = (await session.execute(opened.returning(OrganizationWorkItem.id))).scalar_one_or_none()
    if new is not None:
        note_change(session, "insert", "organization_work_items", new)


async def _close_work(session: AsyncSession, actor: Actor, file_id: UUID, now: datetime) -> None:
    """Brought again, every transaction of the file found its practice."""
    mine = select(OrganizationWorkItem).where(
        OrganizationWorkItem.organization_id == actor.organization_id,
        OrganizationWorkItem.kind == "file_quarantined",
        OrganizationWorkItem.subject_id == file_id,
        OrganizationWorkItem.closed_at.is_(None),
    )
    for item in (await session.execute(mine)).scalars():
        item.closed_at = item.updated_at = now
