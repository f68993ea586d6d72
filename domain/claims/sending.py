"""Handing a written file to the clearinghouse, and noting that it went."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.acknowledgement import placed_claims
from domain.claims.events import append, move
from domain.claims.models import Interchange
from domain.claims.ports import ClearinghouseDirectory
from domain.claims.tasks import CollectFiles, SendInterchange
from domain.claims.use import move_use
from tenants.access import Actor
from tenants.cipher import FileCipher
from tenants.database import Database
from tenants.outbox import enqueue

ANSWERS_AFTER = timedelta(minutes=15)


async def hand_over(
    database: Database,
    mailboxes: ClearinghouseDirectory,
    cipher: FileCipher,
    actor: Actor,
    task: SendInterchange,
) -> None:
    """Give a written file to the clearinghouse and note it; safe to repeat, because the file name repeats.

    Raises ClearinghouseUnavailable.
    """
    async with database.practice_transaction(actor, task.practice_id) as session:
        interchange = await _interchange(session, task)
        if interchange.sent_at is not None:
            return
        name, connection_id = interchange.name, interchange.connection_id
        place = f"interchanges:{task.practice_id}:{interchange.id}"
        text = cipher.open(interchange.content, place).decode()
    await mailboxes.mailbox(task.organization_id, connection_id).send(name, text)
    async with database.practice_transaction(actor, task.practice_id) as session:
        interchange = await _interchange(session, task, lock=True)
        if interchange.sent_at is None:
            await _mark_sent(session, actor, interchange, database.clock.now())
            await _look_for_answers(session, task, connection_id, database.clock.now())


async def _look_for_answers(
    session: AsyncSession, task: SendInterchange, connection_id: UUID, now: datetime
) -> None:
    collecting = CollectFiles(
        practice_id=task.practice_id, organization_id=task.organization_id, connection_id=connection_id
    )
    period = f"after {task.interchange_id}"
    await enqueue(session, collecting, available_at=now + ANSWERS_AFTER, period=period)


async def _interchange(session: AsyncSession, task: SendInterchange, *, lock: bool = False) -> Interchange:
    mine = select(Interchange).where(
        Interchange.practice_id == task.practice_id, Interchange.id == task.interchange_id
    )
    return (await session.execute(mine.with_for_update() if lock else mine)).scalar_one()


async def _mark_sent(session: AsyncSession, actor: Actor, interchange: Interchange, now: datetime) -> None:
    """Note that the file went; answers that came before this, after a crash, stand."""
    interchange.sent_at = now
    if interchange.status == "written":
        interchange.status = "sent"
    practice_id = interchange.practice_id
    claims = [placed.claim for placed in await placed_claims(session, practice_id, interchange.id)]
    for claim in claims:
        claim.sent_at = claim.sent_at or now
        if claim.status == "written":
            move(claim, "sent")
        await append(
            session, claim, actor, kind="sent", source=str(interchange.id), at=now, file=interchange.name
        )
    undecided = [c.id for c in claims if c.status not in ("paid", "denied")]
    await move_use(session, actor, practice_id, {"billed": undecided}, now)
