"""Posting a remittance line by line, once; what does not add up or match is parked, the rest posts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.use import move_use
from domain.remittances.accruals import accrue_allowed
from domain.remittances.decisions import tell_decision, tell_information
from domain.remittances.effects import UNTOUCHED, LineEffect, denial_of_claim, effect_of
from domain.remittances.exceptions import open_exceptions
from domain.remittances.journals import journals_of
from domain.remittances.models import Remittance, RemittanceClaim
from domain.remittances.reading import REVERSAL, PostingFacts, load_facts
from tenants.access import Actor
from tenants.errors import Conflict, NotFound

POSTABLE = frozenset({"received", "unposted"})


class RemittanceQuarantined(Conflict):
    """A remittance that does not add up as a whole posts nothing."""

    code = "remittance_quarantined"


async def lock_remittance(session: AsyncSession, practice_id: UUID, remittance_id: UUID) -> Remittance:
    """The remittance, locked until the transaction ends; raises NotFound."""
    mine = select(Remittance).where(Remittance.practice_id == practice_id, Remittance.id == remittance_id)
    remittance = (await session.execute(mine.with_for_update())).scalar_one_or_none()
    if remittance is None:
        raise NotFound(f"no remittance {remittance_id}")
    return remittance


async def post_remittance(
    session: AsyncSession, actor: Actor, practice_id: UUID, remittance_id: UUID, now: datetime
) -> Remittance:
    """Post a remittance; one that is posted already stays as it is.

    Raises NotFound and RemittanceQuarantined.
    """
    remittance = await lock_remittance(session, practice_id, remittance_id)
    if remittance.status == "quarantined":
        raise RemittanceQuarantined(f"remittance {remittance_id} is quarantined: {remittance.reason}")
    if remittance.status not in POSTABLE:
        return remittance
    facts = await load_facts(session, practice_id, remittance)
    effects = _effects(facts)
    stages = _stages(facts, effects)
    await move_use(session, actor, practice_id, stages, now, also=journals_of(facts, effects))
    await accrue_allowed(session, facts, now)
    for row in facts.claims:
        await _conclude(session, actor, facts, row, effects.get(row.id), now)
    remittance.status, remittance.posted_at = "posted", now
    return remittance


def _effects(facts: PostingFacts) -> dict[UUID, list[LineEffect]]:
    """What each claim of the remittance does, one after the other where several are about one line."""
    parts = dict(facts.parts)
    effects: dict[UUID, list[LineEffect]] = {}
    for row in facts.claims:
        if row.outcome not in ("waiting", "posted"):
            continue
        mine = effects.setdefault(row.id, [])
        for line in facts.lines_of(row):
            before = parts.get(line.claim_line_id, UNTOUCHED)
            effect = effect_of(line, facts.practice_id, before, reverses=row.status_code == REVERSAL)
            parts[line.claim_line_id] = effect.after
            mine.append(effect)
        of_claim = denial_of_claim(facts.claim_adjustments(row))
        if of_claim is not None and of_claim.denials:
            mine.append(of_claim)
    return effects


def _stages(facts: PostingFacts, effects: dict[UUID, list[LineEffect]]) -> dict[str, list[UUID]]:
    """The claims that a payer has decided, and those whose decision it only took back."""
    last = {row.claim_id: row.status_code for row in facts.claims if row.id in effects and row.claim_id}
    return {
        "billed": [claim_id for claim_id, code in last.items() if code == REVERSAL],
        "adjudicated": [claim_id for claim_id, code in last.items() if code != REVERSAL],
    }


async def _conclude(
    session: AsyncSession,
    actor: Actor,
    facts: PostingFacts,
    row: RemittanceClaim,
    effects: list[LineEffect] | None,
    now: datetime,
) -> None:
    claim = facts.our_claims.get(row.claim_id) if row.claim_id else None
    if effects is not None and claim is not None:
        row.outcome = "posted"
        await tell_decision(session, actor, facts, row, claim, effects, now)
    elif row.outcome == "information" and claim is not None:
        await tell_information(session, actor, facts, row, claim, now)
    await open_exceptions(session, facts, row, effects or [], now)
