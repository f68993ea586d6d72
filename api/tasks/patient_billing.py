"""Tasks of patient billing: what the card processor told us."""

from api.services import Services
from api.tasks.handlers import Handler, Outside, acting
from domain.patient_billing.processor_events import handle_event
from domain.patient_billing.tasks import HandleProcessorEvent
from tenants.outbox import Task


async def handle_processor_event(task: HandleProcessorEvent, services: Services) -> None:
    """Read the event's checkout afresh and settle it; safe to repeat."""
    await handle_event(services.database, services.cards, acting(task), task)


HANDLERS: dict[type[Task], Handler] = {HandleProcessorEvent: Outside(handle_processor_event)}
