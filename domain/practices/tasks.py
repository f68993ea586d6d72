"""What practices owe: ids and dates only."""

from datetime import date
from uuid import UUID

from tenants.outbox import Task


class FollowOrganizationRules(Task, frozen=True, kw_only=True):
    """Bring the practice's copies of its company's rules up to date, and look again tomorrow."""


class WatchContract(Task, frozen=True, kw_only=True):
    """Tell which dates of a contract come near, of those not told until a date."""

    version_id: UUID
    told_until: date
