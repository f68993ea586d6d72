"""Taking a posted remittance back, exactly: every journal reversed, every claim as it was before."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.events import MOVES, append, move
from domain.claims.use import move_use
from domain.ledger.entries import Reversal
from domain.ledger.models import Journal
from domain.remittances.models import Remittance
from domain.remittances.posting import lock_remittance
from domain.remittances.reading import load_facts
from tenants.access import Actor
from tenants.errors import Conflict, Invalid

KINDS = ("remittance_claim", "remittance_suspense", "provider_adjustment")


class RemittanceNotPosted(Conflict):
    """Only a posted remittance can be un-posted."""

    code = "remittance_not_posted"


async def unpost_remittance(
    session: AsyncSession, actor: Actor, practice_id: UUID, remittance_id: UUID, reason: str, now: datetime
) -> Remittance:
    """Reverse everything that the remittance posted; raises NotFound, RemittanceNotPosted, Invalid."""
    if not reason.strip():
        raise Invalid("un-posting needs a reason", pointer="/reason")
    remittance = await lock_remittance(session, practice_id, remittance_id)
    if remittance.status != "posted":
        raise RemittanceNotPosted(f"remittance {remittance_id} is {remittance.status}, not posted")
    facts = await load_facts(session, practice_id, remittance)
    most = max(len(facts.claims), len(facts.provider_adjustments))
    sources = [f"{remittance_id}:{ordinal}" for ordinal in range(1, most + 1)]
    reversals = [Reversal(j, reason) for j in await open_journals(session, practice_id, sources)]
    posted = [row for row in facts.claims if row.outcome == "posted"]
    claim_ids = [row.claim_id for row in posted if row.claim_id]
    await move_use(session, actor, practice_id, claim_ids, "billed", now, reversals=reversals)
    for row in posted:
        row.outcome = "waiting"
        claim = facts.our_claims[row.claim_id] if row.claim_id else None
        if claim is not None:
            source = f"{remittance_id}:{row.ordinal}:{now.isoformat()}"
            await append(session, claim, actor, kind="unposted", source=source, at=now, reason=reason)
            if "accepted" in MOVES[claim.status]:
                move(claim, "accepted")
    remittance.status, remittance.posted_at = "unposted", None
    return remittance


async def open_journals(session: AsyncSession, practice_id: UUID, sources: Sequence[str]) -> list[UUID]:
    """The journals of these sources that no reversal has closed."""
    reversing = select(Journal.reverses).where(
        Journal.practice_id == practice_id, Journal.reverses.is_not(None)
    )
    standing = select(Journal.id).where(
        Journal.practice_id == practice_id,
        Journal.kind.in_(KINDS),
        Journal.source.in_(sources),
        Journal.reverses.is_(None),
        Journal.id.not_in(reversing),
    )
    return list((await session.execute(standing)).scalars())
