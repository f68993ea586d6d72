"""A claim's events are appended; its status is what they say."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.models import Claim, ClaimEvent
from tenants.access import Actor
from tenants.errors import Conflict
from tenants.ids import new_id

MOVES: dict[str, frozenset[str]] = {
    "held": frozenset({"held", "ready", "voided"}),
    "ready": frozenset({"held", "ready", "queued", "voided"}),
    "queued": frozenset({"written", "ready", "held"}),
    "written": frozenset({"sent", "received", "accepted", "rejected", "paid", "denied"}),
    "sent": frozenset({"sent", "received", "accepted", "rejected", "paid", "denied"}),
    "received": frozenset({"received", "accepted", "rejected", "paid", "denied"}),
    "accepted": frozenset({"accepted", "rejected", "paid", "denied"}),
    "rejected": frozenset({"held", "ready", "rejected", "paid", "denied", "voided"}),
    "paid": frozenset({"paid", "denied", "accepted"}),
    "denied": frozenset({"paid", "denied", "accepted"}),
    "voided": frozenset(),
}
ANSWERED = frozenset({"accepted", "rejected", "paid", "denied"})


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
    return (await session.execute(statement)).scalar_one_or_none() is not None
