"""Events from outside are kept once, by the sender's own id, before anything is done about them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.errors import NotFound
from tenants.ids import new_id
from tenants.models import InboxEvent


async def store(
    session: AsyncSession,
    practice_id: UUID,
    *,
    source: str,
    external_id: str,
    kind: str,
    object_id: str,
    at: datetime,
) -> UUID | None:
    """Keep an event if it is new; returns its row id, or None for a repeat."""
    values = {
        "practice_id": practice_id,
        "id": new_id(),
        "source": source,
        "external_id": external_id,
        "kind": kind,
        "object_id": object_id,
        "received_at": at,
    }
    kept = insert(InboxEvent).values(values).on_conflict_do_nothing().returning(InboxEvent.id)
    return (await session.execute(kept)).scalar_one_or_none()


async def take(session: AsyncSession, practice_id: UUID, event_id: UUID) -> InboxEvent | None:
    """Lock an event that nobody has handled yet; None when it was. Raises NotFound for an unknown id."""
    mine = select(InboxEvent).where(InboxEvent.practice_id == practice_id, InboxEvent.id == event_id)
    found = (await session.execute(mine.with_for_update())).scalar_one_or_none()
    if found is None:
        raise NotFound(f"no event {event_id}")
    return None if found.handled_at else found
