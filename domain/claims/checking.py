"""Checking a claim's version: findings are kept, and blocking ones hold it until fixed or released."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.findings import Finding
from billing_rules.therapy.claim_checks import scrub
from billing_rules.therapy.claim_facts import ClaimFacts
from domain.claims.basis import ClaimBasis, claim_basis, lines_behind
from domain.claims.chargeables import refresh_authorizations
from domain.claims.events import append, move
from domain.claims.facts import facts_of
from domain.claims.kept_checks import keep_check
from domain.claims.models import Claim, ClaimFinding
from domain.claims.note_facts import ask_clinicians
from domain.claims.patterns import tell_upstream
from domain.claims.plan_facts import relink_plans
from domain.claims.rendering import refresh_rendering
from domain.claims.retro_authorization import route_unapproved
from domain.claims.rule_suggestions import suggest_distinct_services
from domain.claims.submission import lock_claim
from domain.claims.use import due_on
from domain.claims.versions import add_version
from domain.work.items import close_item, open_item
from tenants.access import Actor
from tenants.audit import note_change
from tenants.errors import Conflict, Invalid
from tenants.ids import new_id

CHECKABLE = frozenset({"held", "ready", "rejected"})
DAYS_TO_FIX = 2
FIRST = 1
"""The version that an assembly makes: no work about the claim is open yet."""


class ClaimNotCheckable(Conflict):
    """A claim that is on its way or answered is not checked again."""

    code = "claim_not_checkable"


async def check_claim(
    session: AsyncSession, actor: Actor, basis: ClaimBasis, facts: ClaimFacts, now: datetime
) -> list[Finding]:
    """Check the version that has just been made; the claim becomes ready, or held with one work item."""
    claim, book = basis.claim, basis.book
    findings = scrub(facts, book)
    await _keep(session, claim, findings, now)
    await keep_check(session, claim, facts, findings, book, now)
    await ask_clinicians(session, basis, findings, now)
    blocking = [f for f in findings if f.severity == "blocks"]
    await append(
        session,
        claim,
        actor,
        kind="checked",
        source=f"version {claim.version}: {now.isoformat()}",
        at=now,
        rules=book.version,
        blocking=[f.rule for f in blocking],
        warnings=[f.rule for f in findings if f.severity == "warns"],
    )
    move(claim, "held" if blocking else "ready")
    if findings or claim.version > FIRST:
        await _work(session, claim, blocking, now)
        await route_unapproved(session, claim, findings, now)
    await tell_upstream(session, claim, findings, book, now)
    await suggest_distinct_services(session, actor, claim, facts, book, findings, now)
    return findings


async def _keep(session: AsyncSession, claim: Claim, findings: Sequence[Finding], now: datetime) -> None:
    rows: list[dict[str, Any]] = [
        {
            "practice_id": claim.practice_id,
            "id": new_id(),
            "claim_id": claim.id,
            "version": claim.version,
            "ordinal": ordinal,
            "rule": f.rule,
            "severity": f.severity,
            "subject": f.subject,
            "message": f.message,
            "fix": f.fix,
            "source": f.source,
            "evidence": f.evidence,
            "found_at": now,
            "family": f.family,
            "risk": f.risk,
            "row": f.row,
            "starts_on": f.starts_on,
            "ends_on": f.ends_on,
            "correction": msgspec.to_builtins(f.correction),
        }
        for ordinal, f in enumerate(findings, 1)
    ]
    if rows:
        await session.execute(insert(ClaimFinding), rows)
    for row in rows:
        note_change(session, "insert", "claim_findings", row["id"])


async def _work(session: AsyncSession, claim: Claim, blocking: Sequence[Finding], now: datetime) -> None:
    key = {"kind": "claim_held", "subject_kind": "claim", "subject_id": claim.id}
    if not blocking:
        await close_item(session, claim.practice_id, outcome="the claim is ready", now=now, **key)  # type: ignore[arg-type]
        return
    first = blocking[0]
    more = f" (and {len(blocking) - 1} more)" if len(blocking) > 1 else ""
    await open_item(
        session,
        claim.practice_id,
        kind="claim_held",
        subject_kind="claim",
        subject_id=claim.id,
        reason=f"{first.message}{more}",
        next_action=first.fix,
        due_on=due_on(now, DAYS_TO_FIX),
        value_cents=claim.billed_cents,
        now=now,
    )


async def recheck_claim(
    session: AsyncSession, actor: Actor, practice_id: UUID, claim_id: UUID, now: datetime
) -> Claim:
    """Take the facts as they stand now into a new version and check it; raises ClaimNotCheckable."""
    claim = await lock_claim(session, practice_id, claim_id)
    if claim.status not in CHECKABLE:
        raise ClaimNotCheckable(f"claim {claim_id} is {claim.status}")
    await recheck_locked(session, actor, claim, now)
    return claim


async def recheck_locked(session: AsyncSession, actor: Actor, claim: Claim, now: datetime) -> None:
    """A new version of a locked claim that may be checked, from the facts as they stand now."""
    claim.version += 1
    await refresh_authorizations(session, claim, await lines_behind(session, claim))
    basis = await claim_basis(session, claim)
    await relink_plans(session, basis)
    await refresh_rendering(session, basis)
    content = await add_version(session, basis, now)
    await check_claim(session, actor, basis, await facts_of(session, basis, content, now), now)


async def release_claim(
    session: AsyncSession, actor: Actor, practice_id: UUID, claim_id: UUID, reason: str, now: datetime
) -> Claim:
    """Release a held claim by name and reason; raises ClaimNotCheckable, Invalid."""
    if not reason.strip():
        raise Invalid("a release needs a reason", pointer="/reason")
    claim = await lock_claim(session, practice_id, claim_id)
    if claim.status != "held":
        raise ClaimNotCheckable(f"claim {claim_id} is {claim.status}, not held")
    for finding in await open_blocking(session, claim):
        finding.released_at, finding.released_by, finding.release_reason = now, actor.id, reason
    source = f"version {claim.version}: {now.isoformat()}"
    await append(session, claim, actor, kind="released", source=source, at=now, reason=reason, by=actor.name)
    move(claim, "ready")
    await _work(session, claim, (), now)
    return claim


async def open_blocking(session: AsyncSession, claim: Claim) -> list[ClaimFinding]:
    """The blocking findings of the current version that nobody has released."""
    wanted = select(ClaimFinding).where(
        ClaimFinding.practice_id == claim.practice_id,
        ClaimFinding.claim_id == claim.id,
        ClaimFinding.version == claim.version,
        ClaimFinding.severity == "blocks",
        ClaimFinding.released_at.is_(None),
    )
    return list((await session.execute(wanted.order_by(ClaimFinding.ordinal))).scalars())
