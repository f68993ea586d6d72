"""The sessions behind a claim and those that share minutes with them."""

from datetime import datetime

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.overlaps import SessionFacts
from domain.claims.basis import ClaimBasis
from domain.visits.shared_time import sessions_beside


async def session_facts_of(session: AsyncSession, basis: ClaimBasis) -> tuple[SessionFacts, ...]:
    """Every session that shares minutes with one of the claim's own, and those; none where none does."""
    behind = basis.sessions
    own = {str(visit.id) for visit in behind}
    told: dict[tuple[datetime, str, tuple[str, ...]], SessionFacts] = {}
    for visit in behind:
        beside = await sessions_beside(session, visit, [s for s in basis.services if s.visit_id == visit.id])
        if len({one.visit for one in beside}) > 1:
            told |= {(one.starts_at, one.visit, one.codes): one for one in beside}
    return tuple(replace(told[key], is_own=told[key].visit in own) for key in sorted(told))
