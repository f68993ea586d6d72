"""What patient billing owes: ids only."""

from uuid import UUID

from tenants.outbox import Task


class HandleProcessorEvent(Task, frozen=True, kw_only=True):
    """Look at what the card processor told us, and post what came of it."""

    event_id: UUID
