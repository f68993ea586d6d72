"""What claims owe: ids only."""

from typing import ClassVar
from uuid import UUID

from tenants.outbox import Task


class SendClaims(Task, frozen=True, kw_only=True):
    """Write the queued claims of a connection into a file and send it."""

    connection_id: UUID


class SendInterchange(Task, frozen=True, kw_only=True):
    """Hand a written file to the clearinghouse."""

    most_attempts: ClassVar[int] = 20
    interchange_id: UUID


class CollectFiles(Task, frozen=True, kw_only=True):
    """Fetch what waits at a connection, keep it, and route it to its practices."""

    connection_id: UUID


class ApplyInbound(Task, frozen=True, kw_only=True):
    """Apply one received transaction to the claims or remittances of this practice."""

    inbound_id: UUID
