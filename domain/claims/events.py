"""A claim's events are appended; its status is what they say."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.models import Claim, ClaimEvent
from tenants.access import Actor
from tenants.audit import note_change
from tenants.errors import Conflict
from tenants.ids import new_id

ClaimStatus = Literal[
    "held",
    "ready",
    "queued",
    "written",
    "sent",
    "received",
    "accepted",
    "rejected",
    "paid",
    "denied",
    "voided",
]
# A payer may still decide on what went out before, while a claim is corrected or waits for the next file.
MOVES: dict[str, frozenset[str]] = {
    "held": frozenset({"held", "ready", "paid", "denied", "voided"}),
    "ready": frozenset({"held", "ready", "queued", "paid", "denied", "voided"}),
    "queued": frozenset({"written", "ready", "held", "paid", "denied"}),
    "written": frozenset({"sent", "received", "accepted", "rejected", "paid", "denied"}),
    "sent": frozenset({"sent", "received", "accepted", "rejected", "paid", "denied"}),
    "received": frozenset({"received", "accepted", "rejected", "paid", "denied"}),
    "accepted": frozenset({"accepted", "rejected", "paid", "denied"}),
    "rejected": frozenset({"held", "ready", "rejected", "paid", "denied", "voided"}),
    "paid": frozenset({"paid", "denied", "accepted"}),
    "denied": frozenset({"paid", "denied", "accepted"}),
    "voided": frozenset(),
}
UNSENT = frozenset({"held", "ready", "queued"})
ANSWERED = frozenset({"accepted", "rejected", "paid", "denied"})
# What an acknowledgement leaves a claim at, each further than the one before.
ACKNOWLEDGED = {
    "sent": "sent",
    "999_accepted": "received",
    "277ca_received": "received",
    "277ca_accepted": "accepted",
    "277ca_rejected": "rejected",
    "999_rejected": "rejected",
}


class IllegalClaimMove(Conflict):
    """The claim's state does not allow this; the message names the moves that are allowed."""

    code = "illegal_claim_move"


def move(claim: Claim, status: str) -> None:
    """Set the status; raises IllegalClaimMove for a step that the life of a claim does not have."""
    allowed = MOVES[claim.status]
    if status not in allowed:
        moves = ", ".join(sorted(allowed)) or "nothing"
        raise IllegalClaimMove(f"claim {claim.id} is {claim.status}; from here it can become: {moves}")
    claim.status = status


def status_in_story(events: Sequence[ClaimEvent]) -> str:
    """Where the acknowledgements of the version that was queued last leave a claim that no payer decided."""
    at = max((n for n, e in enumerate(events) if e.kind == "queued"), default=0)
    version = events[at].detail.get("version")
    told = {e.kind for e in events[at:] if e.detail.get("version", version) == version}
    reached = [status for kind, status in ACKNOWLEDGED.items() if kind in told]
    return reached[-1] if reached else "sent"


async def append(
    session: AsyncSession, claim: Claim, actor: Actor, *, kind: str, source: str, at: datetime, **detail: Any
) -> bool:
    """Append an event once per kind and source; returns False for a repeat."""
    values = {
        "practice_id": claim.practice_id,
        "id": new_id(),
        "claim_id": claim.id,
        "at": at,
        "kind": kind,
        "source": source,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "detail": detail,
    }
    statement = insert(ClaimEvent).values(values).on_conflict_do_nothing().returning(ClaimEvent.id)
    new = (await session.execute(statement)).scalar_one_or_none()
    if new is not None:
        note_change(session, "insert", "claim_events", new)
    return new is not None
