"""What visits owe: ids only."""

from uuid import UUID

from tenants.outbox import Task


class CountAgain(Task, frozen=True, kw_only=True):
    """Count a session again after another one beside it or of its month changed, or the month ended."""

    visit_id: UUID
