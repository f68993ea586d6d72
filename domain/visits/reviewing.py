"""A coder's acceptance of the codes that a source proposed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.visits.charging import services_of
from domain.visits.coding_review import review
from domain.visits.recording import lock_open_visit, process_unless_claimed
from tenants.errors import Conflict


class NoteNotSigned(Conflict):
    """Codes are reviewed against a signed note."""

    code = "note_not_signed"


async def accept_codes(
    session: AsyncSession, practice_id: UUID, visit_id: UUID, *, note: str, by: UUID, now: datetime
) -> None:
    """Record that a coder saw the codes and let them stand; they are charged if nothing else holds them.

    Raises NoteNotSigned, VisitAlreadyClaimed, VisitIsVoid, NotFound.
    """
    visit = await lock_open_visit(session, practice_id, visit_id)
    if visit.signed_at is None:
        raise NoteNotSigned(f"the note of visit {visit_id} is not signed")
    review(visit, await services_of(session, visit), by=by, now=now, note=note)
    await session.flush()
    await process_unless_claimed(session, visit, by, now)
