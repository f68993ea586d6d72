"""Fetching what waits at a connection, and when to look again."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.models import Claim
from domain.claims.ports import Clearinghouse, ClearinghouseDirectory, InboundFile
from domain.claims.tasks import CollectFiles
from domain.remittances.intake import Intake, take_in
from tenants.access import Actor
from tenants.outbox import enqueue

log = logging.getLogger("visitledger.claims")
WAITING = ("written", "sent", "received", "accepted")
WHILE_WAITING = timedelta(hours=4)
# A payer may take a decision back long after the last claim was answered.
AT_REST = timedelta(days=1)
LOOKED_FOR = timedelta(days=400)


class FilesNotTaken(Exception):
    """Some files could not be taken in; they wait on, and trying again is safe."""


async def collect_files(
    intake: Intake, mailboxes: ClearinghouseDirectory, actor: Actor, task: CollectFiles
) -> int:
    """Owe the next look, then take in every waiting file and confirm it; returns how many there were.

    Raises ClearinghouseUnavailable, FilesNotTaken. A file is confirmed after it is kept: a crash repeats it
    harmlessly, and no failure ends the looking.
    """
    async with intake.database.practice_transaction(actor, task.practice_id) as session:
        await look_again(session, task, intake.database.clock.now())
    mailbox = mailboxes.mailbox(task.organization_id, task.connection_id)
    waiting = await mailbox.collect()
    taken = [await _taken(intake, mailbox, actor, task, file) for file in waiting]
    if not all(taken):
        raise FilesNotTaken(f"{taken.count(False)} of {len(waiting)} files could not be taken in")
    return len(waiting)


async def _taken(
    intake: Intake, mailbox: Clearinghouse, actor: Actor, task: CollectFiles, file: InboundFile
) -> bool:
    """Keep and confirm a file; one that fails waits on and does not stop those behind it."""
    try:
        await take_in(intake, actor, task.connection_id, file.name, file.content)
    except Exception as fault:  # noqa: BLE001 - whatever it is, the other files are taken in first
        log.warning("a file of connection %s failed: %s", task.connection_id, type(fault).__name__)
        return False
    await mailbox.confirm([file.name])
    return True


async def look_again(session: AsyncSession, task: CollectFiles, now: datetime) -> None:
    """Owe the next look, once per practice and stretch of time: often while a claim waits for an answer."""
    every = await _every(session, task, now)
    if every is None:
        return
    stretch = int(now.timestamp() // every.total_seconds()) + 1
    at = datetime.fromtimestamp(stretch * every.total_seconds(), now.tzinfo)
    await enqueue(session, task, available_at=at, period=f"{task.connection_id}:{at.isoformat()}")


async def _every(session: AsyncSession, task: CollectFiles, now: datetime) -> timedelta | None:
    mine = select(Claim.id).where(Claim.practice_id == task.practice_id)
    waiting = mine.where(Claim.status.in_(WAITING)).limit(1)
    if (await session.execute(waiting)).scalar_one_or_none() is not None:
        return WHILE_WAITING
    sent = select(func.max(Claim.sent_at)).where(Claim.practice_id == task.practice_id)
    last = (await session.execute(sent)).scalar_one()
    return AT_REST if last is not None and now - last < LOOKED_FOR else None
