"""What practices owe: ids only."""

from tenants.outbox import Task


class FollowOrganizationRules(Task, frozen=True, kw_only=True):
    """Bring the practice's copies of its company's rules up to date, and look again tomorrow."""
