"""Tasks of visits: counting a session again that hangs on another."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.services import Services
from api.tasks.handlers import Handler, InTransaction, acting
from domain.visits.recounting import count_again
from domain.visits.tasks import CountAgain
from tenants.outbox import Task


async def count(session: AsyncSession, task: CountAgain, services: Services) -> None:
    """Count a session again; repeated, it finds the same."""
    actor = acting(task)
    await count_again(session, task.practice_id, task.visit_id, by=actor.id, now=services.now())


HANDLERS: dict[type[Task], Handler] = {CountAgain: InTransaction(count)}
