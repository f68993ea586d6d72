"""Correcting a claim because of a finding: low risk at once and listed, high risk on linked evidence."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.check_models import ClaimCorrection
from domain.claims.checking import CHECKABLE, ClaimNotCheckable, recheck_locked
from domain.claims.events import append
from domain.claims.evidence import Evidence, adds_distinct_service, require_evidence
from domain.claims.line_changes import LineChange, change_line, read_line
from domain.claims.models import Claim, ClaimFinding
from domain.claims.persons import require_person
from domain.claims.submission import lock_claim
from domain.views import read_views
from tenants.access import Actor
from tenants.audit import note_change
from tenants.errors import Conflict, NotFound
from tenants.ids import new_id


class CorrectionRefused(Conflict):
    """The finding offers no correction of low risk, or the claim has changed since."""

    code = "correction_refused"


class CorrectionNotOpen(Conflict):
    """The correction was decided before."""

    code = "correction_not_open"


class ReviewerNeeded(Conflict):
    """Whoever proposed a correction does not review it."""

    code = "reviewer_needed"


class CorrectionView(Struct, frozen=True, kw_only=True):
    """A change that was made, or proposed, because of a finding."""

    id: UUID
    version: int
    rule: str
    risk: str
    pointer: str
    was: str
    becomes: str
    evidence: dict[str, Any] | None
    state: str
    made_by: UUID
    made_at: datetime
    reviewed_by: UUID | None
    reviewed_at: datetime | None


async def corrections_of(session: AsyncSession, practice_id: UUID, claim_id: UUID) -> list[CorrectionView]:
    """Every correction of a claim in order of making: the list to be read before it is sent."""
    mine = (ClaimCorrection.practice_id == practice_id, ClaimCorrection.claim_id == claim_id)
    order = [ClaimCorrection.made_at, ClaimCorrection.id]
    return await read_views(session, CorrectionView, ClaimCorrection, *mine, order=order)


async def apply_low_risk(
    session: AsyncSession,
    actor: Actor,
    practice_id: UUID,
    claim_id: UUID,
    finding_ids: Sequence[UUID] | None,
    now: datetime,
) -> list[UUID]:
    """Apply the corrections that low-risk findings offer, all or those named, and check the claim again.

    Of two about one field the first is applied; the check that follows offers the other if it still stands.
    Returns the ids of what was made. Raises NotFound, ClaimNotCheckable, CorrectionRefused.
    """
    claim = await _lock_checkable(session, practice_id, claim_id)
    found = await _findings(session, claim, finding_ids)
    offered = [f for f in found if f.risk == "low" and f.correction is not None]
    if finding_ids is not None and len(offered) != len(set(finding_ids)):
        raise CorrectionRefused("a finding named offers no correction of low risk")
    first = {(f.correction or {})["pointer"]: f for f in reversed(offered)}
    made = [await _apply_offer(session, actor, claim, f, now) for f in offered if f in first.values()]
    if made:
        await _recheck(session, actor, claim, made, now)
    return [row.id for row in made]


async def correct_on_evidence(
    session: AsyncSession,
    actor: Actor,
    practice_id: UUID,
    claim_id: UUID,
    finding_id: UUID,
    change: LineChange,
    evidence: Evidence | None,
    now: datetime,
) -> UUID:
    """Change a line because of a high-risk finding; a distinct-service modifier waits for a reviewer.

    Raises OnlyAPerson, NotFound, ClaimNotCheckable, CorrectionRefused, Invalid without linked evidence.
    """
    require_person(actor)
    claim = await _lock_checkable(session, practice_id, claim_id)
    (finding,) = await _findings(session, claim, [finding_id])
    if finding.risk == "not_fixable":
        raise CorrectionRefused(f"finding {finding.rule} is not fixable here")
    shown = await require_evidence(session, practice_id, claim, evidence)
    was = await read_line(session, claim, change.pointer)
    row = _row(actor, claim, finding, change, was, now) | {"risk": "high", "evidence": shown}
    waits = adds_distinct_service(change.pointer, was, change.becomes)
    made = await _write(session, row | {"state": "proposed" if waits else "applied"})
    if not waits:
        await change_line(session, claim, change, was)
        await _recheck(session, actor, claim, [made], now)
    return made.id


async def review_correction(
    session: AsyncSession,
    actor: Actor,
    practice_id: UUID,
    claim_id: UUID,
    correction_id: UUID,
    *,
    approve: bool,
    now: datetime,
) -> Claim:
    """Apply or refuse a proposed correction, by somebody else than its maker.

    Raises OnlyAPerson, NotFound, CorrectionNotOpen, ReviewerNeeded, ClaimNotCheckable, CorrectionRefused.
    """
    require_person(actor)
    claim = await _lock_checkable(session, practice_id, claim_id)
    made = await session.get(ClaimCorrection, (practice_id, correction_id), populate_existing=True)
    if made is None or made.claim_id != claim.id:
        raise NotFound(f"no correction {correction_id}")
    if made.state != "proposed":
        raise CorrectionNotOpen(f"correction {correction_id} is {made.state}")
    if made.made_by == actor.id:
        raise ReviewerNeeded("somebody else reviews a distinct-service modifier")
    made.reviewed_by, made.reviewed_at = actor.id, now
    made.state = "applied" if approve else "refused"
    await session.flush()
    if approve:
        await change_line(session, claim, LineChange(pointer=made.pointer, becomes=made.becomes), made.was)
        await _recheck(session, actor, claim, [made], now)
    return claim


async def _lock_checkable(session: AsyncSession, practice_id: UUID, claim_id: UUID) -> Claim:
    claim = await lock_claim(session, practice_id, claim_id)
    if claim.status not in CHECKABLE:
        raise ClaimNotCheckable(f"claim {claim_id} is {claim.status}")
    return claim


async def _findings(
    session: AsyncSession, claim: Claim, finding_ids: Sequence[UUID] | None
) -> list[ClaimFinding]:
    wanted = select(ClaimFinding).where(
        ClaimFinding.practice_id == claim.practice_id,
        ClaimFinding.claim_id == claim.id,
        ClaimFinding.version == claim.version,
    )
    if finding_ids is not None:
        wanted = wanted.where(ClaimFinding.id.in_(list(finding_ids)))
    found = list((await session.execute(wanted.order_by(ClaimFinding.ordinal))).scalars())
    if finding_ids is not None and len(found) != len(set(finding_ids)):
        raise NotFound("no such finding of the claim's current version")
    return found


async def _apply_offer(
    session: AsyncSession, actor: Actor, claim: Claim, finding: ClaimFinding, now: datetime
) -> ClaimCorrection:
    offer = finding.correction or {}
    change = LineChange(pointer=offer["pointer"], becomes=offer["becomes"])
    await change_line(session, claim, change, offer["was"])
    row = _row(actor, claim, finding, change, offer["was"], now)
    return await _write(session, row | {"risk": "low", "evidence": None, "state": "applied"})


def _row(
    actor: Actor, claim: Claim, finding: ClaimFinding, change: LineChange, was: str, now: datetime
) -> dict[str, Any]:
    return {
        "practice_id": claim.practice_id,
        "id": new_id(),
        "claim_id": claim.id,
        "version": claim.version,
        "rule": finding.rule,
        "pointer": change.pointer,
        "was": was,
        "becomes": change.becomes,
        "made_by": actor.id,
        "made_at": now,
    }


async def _write(session: AsyncSession, row: dict[str, Any]) -> ClaimCorrection:
    made = ClaimCorrection(**row)
    session.add(made)
    await session.flush()
    note_change(session, "insert", "claim_corrections", made.id)
    return made


async def _recheck(
    session: AsyncSession, actor: Actor, claim: Claim, made: Sequence[ClaimCorrection], now: datetime
) -> None:
    """A new version, checked; the event says what was changed, and each row which version it led to."""
    await recheck_locked(session, actor, claim, now)
    for row in made:
        row.version = claim.version
    await append(
        session,
        claim,
        actor,
        kind="corrected",
        source=f"version {claim.version}: {now.isoformat()}",
        at=now,
        version=claim.version,
        changes=[
            {"rule": row.rule, "pointer": row.pointer, "was": row.was, "becomes": row.becomes} for row in made
        ],
    )
    await session.flush()
