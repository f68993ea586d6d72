"""Taking a posted remittance back, exactly: every journal reversed, every claim as it was before."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from domain.claims.events import append
from domain.claims.models import ClaimEvent
from domain.claims.use import move_use
from domain.ledger.entries import Reversal
from domain.ledger.models import Journal
from domain.remittances.accruals import withdraw_allowed
from domain.remittances.decisions import take_back_decision
from domain.remittances.exceptions import OF_A_CLAIM, OF_A_ROW, open_denial
from domain.remittances.journals import KINDS, journal_source, sources_of
from domain.remittances.models import Remittance, RemittanceClaim
from domain.remittances.posting import lock_remittance
from domain.remittances.reading import PostingFacts, load_facts
from domain.work.items import close_item
from tenants.access import Actor
from tenants.errors import Conflict, Invalid


class RemittanceNotPosted(Conflict):
    """Only a posted remittance can be un-posted."""

    code = "remittance_not_posted"


async def unpost_remittance(
    session: AsyncSession, actor: Actor, practice_id: UUID, remittance_id: UUID, reason: str, now: datetime
) -> Remittance:
    """Reverse everything that the remittance posted; raises NotFound, RemittanceNotPosted, Invalid.

    A claim goes back to what an earlier or later remittance that stands says of it, else to its last answer.
    """
    if not reason.strip():
        raise Invalid("un-posting needs a reason", pointer="/reason")
    remittance = await lock_remittance(session, practice_id, remittance_id)
    if remittance.status != "posted":
        raise RemittanceNotPosted(f"remittance {remittance_id} is {remittance.status}, not posted")
    facts = await load_facts(session, practice_id, remittance)
    standing = await _take_back(session, actor, facts, reason, now)
    decided = [claim_id for claim_id, e in standing.items() if e is not None and e.kind == "adjudicated"]
    stages = {"billed": [c for c in standing if c not in set(decided)], "adjudicated": decided}
    reversals = [Reversal(j, reason) for j in await open_journals(session, practice_id, sources_of(facts))]
    await move_use(session, actor, practice_id, stages, now, reversals=reversals)
    await withdraw_allowed(session, facts)
    remittance.status, remittance.posted_at = "unposted", None
    return remittance


async def _take_back(
    session: AsyncSession, actor: Actor, facts: PostingFacts, reason: str, now: datetime
) -> dict[UUID, ClaimEvent | None]:
    """Tell each claim and close the work that its decision made; returns the decision that stands, if any."""
    standing: dict[UUID, ClaimEvent | None] = {}
    for row in facts.claims:
        claim = facts.our_claims.get(row.claim_id) if row.claim_id else None
        await _close_work(session, facts, row, now)
        if row.outcome != "posted" or claim is None:
            continue
        row.outcome = "waiting"
        source = f"{journal_source(facts.remittance, row)}:{now.isoformat()}"
        await append(session, claim, actor, kind="unposted", source=source, at=now, reason=reason)
        standing[claim.id] = await take_back_decision(session, claim, facts.remittance.id)
    for claim_id, decision in standing.items():
        if decision is not None and decision.detail["denials"]:
            codes, cents = decision.detail["denials"], decision.detail["denied_cents"]
            await open_denial(session, facts.practice_id, claim_id, codes, cents, now)
    return standing


async def _close_work(
    session: AsyncSession, facts: PostingFacts, row: RemittanceClaim, now: datetime
) -> None:
    """Close what posting this claim asked of people, because the remittance is taken back."""
    subjects: list[tuple[str, str, UUID]] = [(kind, "remittance_claim", row.id) for kind in OF_A_ROW]
    if row.claim_id is not None:
        subjects += [(kind, "claim", row.claim_id) for kind in OF_A_CLAIM]
    for kind, subject_kind, subject_id in subjects:
        await close_item(
            session,
            facts.practice_id,
            kind=kind,
            subject_kind=subject_kind,
            subject_id=subject_id,
            outcome="the remittance was un-posted",
            now=now,
        )


async def open_journals(session: AsyncSession, practice_id: UUID, sources: Sequence[str]) -> list[UUID]:
    """The journals of these sources that no reversal has closed."""
    later = aliased(Journal)
    reversing = exists().where(later.practice_id == practice_id, later.reverses == Journal.id)
    standing = select(Journal.id).where(
        Journal.practice_id == practice_id,
        Journal.kind.in_(KINDS),
        Journal.source.in_(sources),
        Journal.reverses.is_(None),
        ~reversing,
    )
    return list((await session.execute(standing)).scalars())
