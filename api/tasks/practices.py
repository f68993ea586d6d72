"""Tasks of practices: following their company's rules, watching the dates of contracts."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.services import Services
from api.tasks.handlers import Handler, InTransaction, Outside
from domain.practices.contract_alarms import ring
from domain.practices.publishing import publish_rules
from domain.practices.tasks import FollowOrganizationRules, WatchContract
from tenants.errors import Unavailable
from tenants.outbox import Task


async def follow(task: FollowOrganizationRules, services: Services) -> None:
    """Compare every row of the practice's copies with the company's; safe to repeat."""
    failed = await publish_rules(services.database, task.organization_id, practice_ids=[task.practice_id])
    if failed:
        raise Unavailable(f"the rules could not be brought to practice {task.practice_id}")


async def watch(session: AsyncSession, task: WatchContract, services: Services) -> None:
    """Tell what of a contract comes near, in the transaction that owes the next date."""
    await ring(session, task, services.now())


HANDLERS: dict[type[Task], Handler] = {
    FollowOrganizationRules: Outside(follow),
    WatchContract: InTransaction(watch),
}
