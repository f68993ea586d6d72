"""What a 999, a TA1 or a 277CA does to claims: forward only, and never to one that is already decided."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.events import ANSWERED, MOVES, append, move
from domain.claims.models import Claim, Interchange, InterchangeClaim
from domain.claims.ports import Acknowledgement, ClaimAnswer, FileProblem
from domain.claims.use import due_on
from domain.work.items import open_item
from tenants.access import Actor
from tenants.errors import NotFound

DAYS_TO_FIX = 3


class UnknownInterchange(NotFound):
    """An acknowledgement answers a file that this practice never sent."""

    code = "unknown_interchange"


class UnknownClaim(NotFound):
    """An answer names a claim that this practice never sent."""

    code = "unknown_claim"


async def apply_acknowledgement(
    session: AsyncSession,
    actor: Actor,
    practice_id: UUID,
    connection_id: UUID,
    answer: Acknowledgement,
    source: str,
    now: datetime,
) -> None:
    """Apply a 999 or TA1 to the claims of the file; raises UnknownInterchange."""
    interchange = await _interchange(session, practice_id, connection_id, answer.control_number)
    interchange.status = _verdict(answer)
    placed = await _claims(session, practice_id, interchange.id)
    by_transaction = {t.transaction_control: t for t in answer.transactions}
    for claim, transaction_control in placed:
        spoken = by_transaction.get(transaction_control)
        accepted = spoken.accepted if spoken else answer.accepted
        if accepted:
            await _received(session, actor, claim, source, now)
        else:
            problems = spoken.problems if spoken else answer.problems
            await reject(session, actor, claim, "999_rejected", source, _sentence(problems), now)


async def _interchange(
    session: AsyncSession, practice_id: UUID, connection_id: UUID, control_number: int
) -> Interchange:
    mine = select(Interchange).where(
        Interchange.practice_id == practice_id,
        Interchange.connection_id == connection_id,
        Interchange.control_number == control_number,
    )
    interchange = (await session.execute(mine.with_for_update())).scalar_one_or_none()
    if interchange is None:
        raise UnknownInterchange(f"no file with control number {control_number} was sent")
    return interchange


def _verdict(answer: Acknowledgement) -> str:
    if not answer.transactions:
        return "accepted" if answer.accepted else "rejected"
    verdicts = {t.accepted for t in answer.transactions}
    return "partly_accepted" if len(verdicts) == 2 else ("accepted" if True in verdicts else "rejected")


async def _claims(session: AsyncSession, practice_id: UUID, interchange_id: UUID) -> list[tuple[Claim, str]]:
    wanted = (
        select(Claim, InterchangeClaim.transaction_control)
        .join(
            InterchangeClaim,
            (InterchangeClaim.practice_id == Claim.practice_id) & (InterchangeClaim.claim_id == Claim.id),
        )
        .where(Claim.practice_id == practice_id, InterchangeClaim.interchange_id == interchange_id)
        .order_by(Claim.id)
        .with_for_update(of=Claim)
    )
    return [(row[0], row[1]) for row in await session.execute(wanted)]


async def _received(session: AsyncSession, actor: Actor, claim: Claim, source: str, now: datetime) -> None:
    await append(session, claim, actor, kind="999_accepted", source=source, at=now)
    if claim.status in ("written", "sent"):
        move(claim, "received")


def _sentence(problems: tuple[FileProblem, ...]) -> str:
    told = "; ".join(f"{p.segment} at {p.position}: {p.detail}" for p in problems[:3])
    return told or "the file was rejected without a stated reason"


async def reject(
    session: AsyncSession, actor: Actor, claim: Claim, kind: str, source: str, reason: str, now: datetime
) -> None:
    """Note a rejection and open its work; a claim that was paid or denied meanwhile stays so."""
    fresh = await append(session, claim, actor, kind=kind, source=source, at=now, reason=reason)
    if not fresh or "rejected" not in MOVES[claim.status] or claim.status in ("paid", "denied"):
        return
    move(claim, "rejected")
    await open_item(
        session,
        claim.practice_id,
        kind="claim_rejected",
        subject_kind="claim",
        subject_id=claim.id,
        reason=f"Rejected before adjudication: {reason}",
        next_action="Correct the claim and send it again as a new claim",
        due_on=due_on(now, DAYS_TO_FIX),
        value_cents=claim.billed_cents,
        now=now,
    )


async def apply_claim_answers(
    session: AsyncSession,
    actor: Actor,
    practice_id: UUID,
    answers: Sequence[ClaimAnswer],
    source: str,
    now: datetime,
) -> list[ClaimAnswer]:
    """Apply a 277CA claim by claim; returns the answers whose claim is unknown here.

    Raises UnknownClaim when it knows none of them.
    """
    numbers = [a.claim_control_number for a in answers]
    mine = select(Claim).where(Claim.practice_id == practice_id, Claim.control_number.in_(numbers))
    locked = (await session.execute(mine.order_by(Claim.id).with_for_update())).scalars()
    claims = {c.control_number: c for c in locked}
    unknown = [a for a in answers if a.claim_control_number not in claims]
    if answers and len(unknown) == len(answers):
        first = unknown[0]
        raise UnknownClaim(f"TRN at {first.position} names a claim that was never sent from here")
    for answer in answers:
        claim = claims.get(answer.claim_control_number)
        if claim is not None:
            await _apply(session, actor, claim, answer, f"{source}:{answer.position}", now)
    return unknown


async def _apply(
    session: AsyncSession, actor: Actor, claim: Claim, answer: ClaimAnswer, source: str, now: datetime
) -> None:
    if answer.payer_control_number:
        claim.payer_control_number = answer.payer_control_number
    if answer.stage == "rejected":
        await reject(session, actor, claim, "277ca_rejected", source, answer.message, now)
        return
    await append(
        session,
        claim,
        actor,
        kind=f"277ca_{answer.stage}",
        source=source,
        at=now,
        codes=list(answer.codes),
        message=answer.message,
    )
    if claim.status not in ANSWERED and answer.stage in MOVES[claim.status]:
        move(claim, answer.stage)
