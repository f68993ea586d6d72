"""What payers decided about a claim: told in its story, and read back when a decision is taken back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.acknowledgement import close_rejection
from domain.claims.events import MOVES, UNSENT, append, move, status_in_story
from domain.claims.models import Claim, ClaimEvent
from domain.claims.patterns import propose_rules
from domain.claims.refusal_facts import WHOLE_CLAIM
from domain.remittances.effects import LineEffect
from domain.remittances.journals import journal_source
from domain.remittances.models import Remittance, RemittanceClaim
from domain.remittances.reading import REVERSAL, PostingFacts
from tenants.access import Actor

FORWARDED = "23"
DECISIONS = ("adjudicated", "reversed")


async def tell_decision(
    session: AsyncSession,
    actor: Actor,
    facts: PostingFacts,
    row: RemittanceClaim,
    claim: Claim,
    effects: Sequence[LineEffect],
    now: datetime,
) -> None:
    """Append what the payer decided to the claim's story, and move the claim to where that leaves it."""
    told = _told(facts, row, effects)
    if row.payer_control_number:
        claim.payer_control_number = row.payer_control_number
    kind = "reversed" if row.status_code == REVERSAL else "adjudicated"
    source = f"{journal_source(facts.remittance, row)}:{now.isoformat()}"
    await append(session, claim, actor, kind=kind, source=source, at=now, **told)
    if claim.status == "rejected" or claim.status in UNSENT:
        await close_rejection(session, claim, "the payer decided the claim", now)
    if told["leaves"] in MOVES[claim.status]:
        move(claim, told["leaves"])
    if told["denied_lines"]:
        await propose_rules(session, claim, now)


def _told(facts: PostingFacts, row: RemittanceClaim, effects: Sequence[LineEffect]) -> dict[str, Any]:
    """What the event keeps of a decision; `leaves` is where it brings the claim."""
    denied = sum(e.denied_cents for e in effects)
    status = "denied" if row.paid_cents == 0 and denied else "paid"
    return {
        "leaves": "accepted" if row.status_code == REVERSAL else status,
        "paid_cents": row.paid_cents,
        "patient_cents": sum(e.patient_cents for e in effects),
        "denied_cents": denied,
        "trace_number": facts.remittance.trace_number,
        "denials": [code for e in effects for code, _ in e.denials],
        "denied_lines": _denied_lines(facts, row, effects),
    }


def _denied_lines(
    facts: PostingFacts, row: RemittanceClaim, effects: Sequence[LineEffect]
) -> dict[str, list[str]]:
    """The codes of each denied line by the line's id; what the payer denied as a whole stands by itself."""
    named = [*(str(line.claim_line_id) for line in facts.lines_of(row)), WHOLE_CLAIM]
    return {
        line: [code for code, _ in effect.denials]
        for line, effect in zip(named, effects, strict=False)
        if effect.denials
    }


async def tell_information(
    session: AsyncSession,
    actor: Actor,
    facts: PostingFacts,
    row: RemittanceClaim,
    claim: Claim,
    now: datetime,
) -> None:
    """Append what a payer said without deciding: it forwarded the claim, or only estimated."""
    kind = "forwarded" if row.status_code == FORWARDED else "predetermined"
    trace = facts.remittance.trace_number
    source = f"{journal_source(facts.remittance, row)}:{now.isoformat()}"
    await append(session, claim, actor, kind=kind, source=source, at=now, trace_number=trace)


async def take_back_decision(session: AsyncSession, claim: Claim, taken_back: UUID) -> ClaimEvent | None:
    """Bring the claim to where its story stands without a remittance; returns the decision that stands."""
    story = select(ClaimEvent).where(
        ClaimEvent.practice_id == claim.practice_id, ClaimEvent.claim_id == claim.id
    )
    ordered = story.order_by(ClaimEvent.at, ClaimEvent.id)
    events = list((await session.execute(ordered)).scalars())
    posted = await _posted(session, claim.practice_id, events) - {taken_back}
    standing = [e for e in events if e.kind in DECISIONS and _remittance(e) in posted]
    if claim.status in ("paid", "denied", "accepted"):
        last = standing[-1] if standing else None
        claim.status = last.detail["leaves"] if last else status_in_story(events)
    return standing[-1] if standing else None


def _remittance(event: ClaimEvent) -> UUID:
    return UUID(event.source.partition(":")[0])


async def _posted(session: AsyncSession, practice_id: UUID, events: Sequence[ClaimEvent]) -> set[UUID]:
    named = {_remittance(e) for e in events if e.kind in DECISIONS}
    wanted = select(Remittance.id).where(
        Remittance.practice_id == practice_id, Remittance.id.in_(named), Remittance.status == "posted"
    )
    return set((await session.execute(wanted)).scalars())
