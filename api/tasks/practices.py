"""Tasks of practices: following their company's rules."""

from api.services import Services
from api.tasks.handlers import Handler, Outside
from domain.practices.publishing import publish_rules
from domain.practices.tasks import FollowOrganizationRules
from tenants.errors import Unavailable
from tenants.outbox import Task


async def follow(task: FollowOrganizationRules, services: Services) -> None:
    """Compare every row of the practice's copies with the company's; safe to repeat."""
    failed = await publish_rules(services.database, task.organization_id, practice_ids=[task.practice_id])
    if failed:
        raise Unavailable(f"the rules could not be brought to practice {task.practice_id}")


HANDLERS: dict[type[Task], Handler] = {FollowOrganizationRules: Outside(follow)}
