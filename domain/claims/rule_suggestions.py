"""What the rule book suggests for a claim: a distinct-service modifier where the record shows why.

It is written beside the claim like any suggestion and stays inert until a member accepts it (CD-13, SC-15).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.findings import Finding
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.modifiers.advice import ModifierAdvice
from billing_rules.therapy.modifiers.distinct_services import distinct_service_advice
from billing_rules.therapy.modifiers.order import in_order, modifier_order
from domain.claims.models import Claim
from domain.claims.suggestion_models import CodingSuggestion
from tenants.access import Actor
from tenants.audit import note_change
from tenants.ids import new_id

ASKED_BY = "pair.distinct_needed"


async def suggest_distinct_services(
    session: AsyncSession,
    actor: Actor,
    claim: Claim,
    facts: ClaimFacts,
    book: RuleBook,
    findings: Sequence[Finding],
    now: datetime,
) -> None:
    """Suggest 59 or an X on column 2 of each pair found, once; what was rejected is not suggested again."""
    if not any(found.rule == ASKED_BY for found in findings):
        return
    advised = distinct_service_advice(facts, book)
    made = await _made(session, claim) if advised else set()
    for advice in advised:
        row = _row(actor, claim, facts, book, advice, now)
        if (row.pointer, row.becomes) not in made:
            session.add(row)
            await session.flush()
            note_change(session, "insert", "coding_suggestions", row.id)


async def _made(session: AsyncSession, claim: Claim) -> set[tuple[str, str]]:
    mine = select(CodingSuggestion.pointer, CodingSuggestion.becomes).where(
        CodingSuggestion.practice_id == claim.practice_id, CodingSuggestion.claim_id == claim.id
    )
    return {(pointer, becomes) for pointer, becomes in await session.execute(mine)}


def _row(
    actor: Actor, claim: Claim, facts: ClaimFacts, book: RuleBook, advice: ModifierAdvice, now: datetime
) -> CodingSuggestion:
    line = facts.lines[advice.line]
    order = modifier_order(book, facts.asked(line.served_on))
    becomes = in_order((*line.modifiers, advice.modifier), order).kept
    return CodingSuggestion(
        practice_id=claim.practice_id,
        id=new_id(),
        claim_id=claim.id,
        source="rule",
        made_with=advice.row,
        pointer=f"/lines/{advice.line}/modifiers",
        was=", ".join(line.modifiers),
        becomes=", ".join(becomes),
        why=advice.why,
        evidence=advice.evidence,
        state="open",
        made_by=actor.id,
        made_at=now,
        confirmed=[],
    )
