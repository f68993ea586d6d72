"""Fetching what waits at a connection, and when to look again."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.models import Claim
from domain.claims.ports import ClearinghouseDirectory
from domain.claims.tasks import CollectFiles
from domain.remittances.intake import Intake, take_in
from tenants.access import Actor
from tenants.outbox import enqueue

EVERY = timedelta(hours=4)
WAITING = ("written", "sent", "received", "accepted")


async def collect_files(
    intake: Intake, mailboxes: ClearinghouseDirectory, actor: Actor, task: CollectFiles
) -> int:
    """Take in every waiting file, confirm it, and owe the next look; returns how many there were.

    Raises ClearinghouseUnavailable. A file is confirmed after it is kept: a crash repeats it harmlessly.
    """
    mailbox = mailboxes.mailbox(task.organization_id, task.connection_id)
    waiting = await mailbox.collect()
    for file in waiting:
        await take_in(intake, actor, task.connection_id, file.name, file.content)
        await mailbox.confirm([file.name])
    async with intake.database.practice_transaction(actor, task.practice_id) as session:
        await look_again(session, task, intake.database.clock.now())
    return len(waiting)


async def look_again(session: AsyncSession, task: CollectFiles, now: datetime) -> None:
    """Owe the next look, once per practice and stretch of time, while any claim waits for an answer."""
    open_claims = select(Claim.id).where(Claim.practice_id == task.practice_id, Claim.status.in_(WAITING))
    if (await session.execute(open_claims.limit(1))).scalar_one_or_none() is None:
        return
    stretch = int(now.timestamp() // EVERY.total_seconds()) + 1
    at = datetime.fromtimestamp(stretch * EVERY.total_seconds(), now.tzinfo)
    await enqueue(session, task, available_at=at, period=f"{task.connection_id}:{stretch}")
