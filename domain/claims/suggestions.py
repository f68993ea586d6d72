"""Suggested codes and modifiers: inert, kept apart from the claim, until a member accepts one.

Nothing that assembles, checks, writes or sends a claim reads this table. Accepting is a member's act with
four confirmations and the evidence seen, and leads to a new version of the claim like any correction.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.checking import CHECKABLE, ClaimNotCheckable, recheck_locked
from domain.claims.events import append
from domain.claims.evidence import Evidence, require_evidence
from domain.claims.line_changes import LineChange, change_line, read_line
from domain.claims.persons import require_person
from domain.claims.submission import lock_claim
from domain.claims.suggestion_models import CodingSuggestion
from domain.views import lock_row, read_views
from tenants.access import Actor
from tenants.audit import note_change
from tenants.errors import Conflict, Invalid, NotFound
from tenants.ids import new_id

CONFIRMATIONS = ("note_supports", "payer_allows", "modifier_justified", "diagnosis_connects")


class SuggestionNotOpen(Conflict):
    """The suggestion was accepted or rejected before."""

    code = "suggestion_not_open"


class NewSuggestion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a program or a rule suggests for a line, why, and from which words of the record."""

    source: Literal["ai", "rule"]
    made_with: Annotated[str, Meta(min_length=1, max_length=200)]
    change: LineChange
    why: Annotated[str, Meta(min_length=1, max_length=2000)]
    evidence: Annotated[str, Meta(min_length=1, max_length=2000)]


class Acceptance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The four confirmations of a member, each by itself, and the evidence that was read."""

    note_supports: bool = False
    payer_allows: bool = False
    modifier_justified: bool = False
    diagnosis_connects: bool = False
    evidence: Evidence | None = None


class SuggestionView(Struct, frozen=True, kw_only=True):
    """A suggestion, and what became of it."""

    id: UUID
    claim_id: UUID
    source: str
    made_with: str
    pointer: str
    was: str
    becomes: str
    why: str
    evidence: dict[str, Any]
    state: str
    made_by: UUID
    made_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    confirmed: list[str]
    evidence_seen: str | None
    reason: str | None
    led_to_version: int | None


async def suggest(
    session: AsyncSession,
    actor: Actor,
    practice_id: UUID,
    claim_id: UUID,
    given: NewSuggestion,
    now: datetime,
) -> UUID:
    """Write a suggestion down beside the claim, which stays as it is; raises NotFound, Invalid."""
    claim = await lock_claim(session, practice_id, claim_id)
    row = CodingSuggestion(
        practice_id=practice_id,
        id=new_id(),
        claim_id=claim_id,
        source=given.source,
        made_with=given.made_with,
        pointer=given.change.pointer,
        was=await read_line(session, claim, given.change.pointer),
        becomes=given.change.becomes,
        why=given.why,
        evidence={"words": given.evidence},
        state="open",
        made_by=actor.id,
        made_at=now,
        confirmed=[],
    )
    session.add(row)
    await session.flush()
    note_change(session, "insert", "coding_suggestions", row.id)
    return row.id


async def suggestions_of(session: AsyncSession, practice_id: UUID, claim_id: UUID) -> list[SuggestionView]:
    """The suggestions for a claim, in order of their making."""
    mine = (CodingSuggestion.practice_id == practice_id, CodingSuggestion.claim_id == claim_id)
    order = [CodingSuggestion.made_at, CodingSuggestion.id]
    return await read_views(session, SuggestionView, CodingSuggestion, *mine, order=order)


async def accept_suggestion(
    session: AsyncSession,
    actor: Actor,
    practice_id: UUID,
    claim_id: UUID,
    suggestion_id: UUID,
    given: Acceptance,
    now: datetime,
) -> UUID:
    """Take a suggestion over into a new version of the claim, which is checked; by a member only.

    Raises OnlyAPerson, NotFound, SuggestionNotOpen, ClaimNotCheckable, LineChanged, and Invalid naming the
    confirmation that is missing or the evidence that links nothing.
    """
    require_person(actor)
    claim = await lock_claim(session, practice_id, claim_id)
    if claim.status not in CHECKABLE:
        raise ClaimNotCheckable(f"claim {claim_id} is {claim.status}")
    row = await _open(session, practice_id, claim_id, suggestion_id)
    for name in CONFIRMATIONS:
        if not getattr(given, name):
            raise Invalid(f"the confirmation {name} is missing", pointer=f"/{name}")
    seen = await require_evidence(session, practice_id, claim, given.evidence)
    await change_line(session, claim, LineChange(pointer=row.pointer, becomes=row.becomes), row.was)
    await recheck_locked(session, actor, claim, now)
    row.state, row.decided_by, row.decided_at = "accepted", actor.id, now
    row.confirmed, row.led_to_version = list(CONFIRMATIONS), claim.version
    row.evidence_seen = msgspec.json.encode(seen).decode()
    await append(
        session,
        claim,
        actor,
        kind="suggestion_accepted",
        source=str(row.id),
        at=now,
        by=actor.name,
        pointer=row.pointer,
        was=row.was,
        becomes=row.becomes,
    )
    await session.flush()
    note_change(session, "update", "coding_suggestions", row.id)
    return row.id


async def reject_suggestion(
    session: AsyncSession,
    actor: Actor,
    practice_id: UUID,
    claim_id: UUID,
    suggestion_id: UUID,
    reason: str,
    now: datetime,
) -> None:
    """Put a suggestion away with a reason; raises OnlyAPerson, NotFound, SuggestionNotOpen."""
    require_person(actor)
    row = await _open(session, practice_id, claim_id, suggestion_id)
    row.state, row.decided_by, row.decided_at, row.reason = "rejected", actor.id, now, reason
    await session.flush()
    note_change(session, "update", "coding_suggestions", row.id)


async def _open(
    session: AsyncSession, practice_id: UUID, claim_id: UUID, suggestion_id: UUID
) -> CodingSuggestion:
    row = await lock_row(session, CodingSuggestion, practice_id, suggestion_id)
    if row.claim_id != claim_id:
        raise NotFound(f"no suggestion {suggestion_id}")
    if row.state != "open":
        raise SuggestionNotOpen(f"suggestion {suggestion_id} is {row.state}")
    return row
