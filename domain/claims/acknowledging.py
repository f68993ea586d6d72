"""Warnings wait for a person: who looked at which of them, and when, before a claim is sent."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.payer_rules import Asked, ask
from billing_rules.therapy.scrub_rules import WARNING_ACKNOWLEDGEMENT, WarningAcknowledgement
from domain.claims.events import append
from domain.claims.models import Claim, ClaimFinding
from domain.claims.persons import require_person
from domain.patients.models import Coverage
from domain.practices.models import Payer, PracticeProfile
from domain.practices.rules import rule_book_for
from tenants.access import Actor
from tenants.audit import note_change
from tenants.errors import Conflict, NotFound


class WarningsNotAcknowledged(Conflict):
    """A claim with warnings waits until a person has looked at each of them."""

    code = "warnings_not_acknowledged"


class NothingToAcknowledge(Conflict):
    """The findings named are no open warnings of the claims' current versions."""

    code = "nothing_to_acknowledge"


async def acknowledge_warnings(
    session: AsyncSession,
    actor: Actor,
    practice_id: UUID,
    claim_ids: Sequence[UUID],
    finding_ids: Sequence[UUID] | None,
    now: datetime,
) -> int:
    """Note that a person saw the open warnings of claims, all or those named; returns how many.

    Raises OnlyAPerson, NotFound, and NothingToAcknowledge for a finding that is no open warning of them.
    """
    require_person(actor)
    claims = await _lock(session, practice_id, claim_ids)
    open_ones = await open_warnings(session, practice_id, [claim.id for claim in claims])
    chosen = [f for f in open_ones if finding_ids is None or f.id in finding_ids]
    if finding_ids is not None and len(chosen) != len(set(finding_ids)):
        raise NothingToAcknowledge("a finding named is no open warning of these claims")
    for claim in claims:
        seen = [f for f in chosen if f.claim_id == claim.id]
        if seen:
            await _note(session, actor, claim, seen, now)
    return len(chosen)


async def refuse_unseen(session: AsyncSession, practice_id: UUID, claims: Sequence[Claim]) -> None:
    """Raise WarningsNotAcknowledged for the first claim whose payer's rule wants its warnings seen."""
    waiting = await open_warnings(session, practice_id, [claim.id for claim in claims])
    if not waiting:
        return
    book = await rule_book_for(session, practice_id)
    asked = await _asked(session, practice_id, [claim.id for claim in claims])
    for claim in claims:
        policy = _policy(book, asked[claim.id])
        unseen = [f for f in waiting if f.claim_id == claim.id and f.rule not in policy.exempt_rules]
        if policy.required and unseen:
            rules = ", ".join(sorted({f.rule for f in unseen}))
            raise WarningsNotAcknowledged(f"nobody acknowledged the warnings of claim {claim.id}: {rules}")


async def open_warnings(
    session: AsyncSession, practice_id: UUID, claim_ids: Sequence[UUID]
) -> list[ClaimFinding]:
    """The warnings of the claims' current versions that nobody has acknowledged."""
    wanted = (
        select(ClaimFinding)
        .join(Claim, (Claim.practice_id == ClaimFinding.practice_id) & (Claim.id == ClaimFinding.claim_id))
        .where(
            ClaimFinding.practice_id == practice_id,
            ClaimFinding.claim_id.in_(list(claim_ids)),
            ClaimFinding.version == Claim.version,
            ClaimFinding.severity == "warns",
            ClaimFinding.acknowledged_at.is_(None),
        )
        .order_by(ClaimFinding.claim_id, ClaimFinding.ordinal)
    )
    return list((await session.execute(wanted)).scalars())


async def _lock(session: AsyncSession, practice_id: UUID, claim_ids: Sequence[UUID]) -> list[Claim]:
    mine = select(Claim).where(Claim.practice_id == practice_id, Claim.id.in_(list(claim_ids)))
    claims = list((await session.execute(mine.order_by(Claim.id).with_for_update())).scalars())
    missing = set(claim_ids) - {claim.id for claim in claims}
    if missing:
        raise NotFound(f"no claim {min(missing)}")
    return claims


async def _note(
    session: AsyncSession, actor: Actor, claim: Claim, seen: Sequence[ClaimFinding], now: datetime
) -> None:
    mine = (
        ClaimFinding.practice_id == claim.practice_id,
        ClaimFinding.id.in_([finding.id for finding in seen]),
    )
    values = {"acknowledged_at": now, "acknowledged_by": actor.id}
    await session.execute(update(ClaimFinding).where(*mine).values(values))
    for finding in seen:
        note_change(session, "update", "claim_findings", finding.id)
    await append(
        session,
        claim,
        actor,
        kind="acknowledged",
        source=f"version {claim.version}: {now.isoformat()}",
        at=now,
        by=actor.name,
        rules=[finding.rule for finding in seen],
    )


async def _asked(session: AsyncSession, practice_id: UUID, claim_ids: Sequence[UUID]) -> dict[UUID, Asked]:
    """For whom and when each claim asks the book."""
    state = select(PracticeProfile.state).where(PracticeProfile.practice_id == practice_id).scalar_subquery()
    wanted = (
        select(Claim.id, Payer.rule_key, Coverage.plan, state, Claim.first_on)
        .join(Payer, (Payer.practice_id == Claim.practice_id) & (Payer.id == Claim.payer_id))
        .join(Coverage, (Coverage.practice_id == Claim.practice_id) & (Coverage.id == Claim.coverage_id))
        .where(Claim.practice_id == practice_id, Claim.id.in_(list(claim_ids)))
    )
    return {
        row[0]: Asked(payer=row[1], plan=row[2], state=row[3], on=row[4])
        for row in await session.execute(wanted)
    }


def _policy(book: RuleBook, asked: Asked) -> WarningAcknowledgement:
    return ask(book, WARNING_ACKNOWLEDGEMENT, asked).read(WarningAcknowledgement)
