"""What a 999, a TA1 or a 277CA does to claims: forward only, and never to one that is already decided."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.events import ANSWERED, MOVES, append, move
from domain.claims.models import Claim, Interchange, InterchangeClaim
from domain.claims.patterns import propose_rules
from domain.claims.ports import Acknowledgement, ClaimAnswer, ClaimAnswers, FileProblem
from domain.claims.use import due_on
from domain.work.items import close_item, open_item
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
    interchange = await lock_interchange(session, practice_id, connection_id, answer.control_number)
    if answer.transactions or not answer.accepted or interchange.status in ("written", "sent"):
        interchange.status = _verdict(answer)
    by_transaction = {t.transaction_control: t for t in answer.transactions}
    for placed in await placed_claims(session, practice_id, interchange.id):
        spoken = by_transaction.get(placed.transaction_control)
        accepted = spoken.accepted if spoken else answer.accepted
        if accepted:
            await _received(session, actor, placed, source, now)
        else:
            problems = spoken.problems if spoken else answer.problems
            await _reject(session, actor, placed, "999_rejected", source, _sentence(problems), now)


async def lock_interchange(
    session: AsyncSession, practice_id: UUID, connection_id: UUID, control_number: int
) -> Interchange:
    """The file that we sent under a control number, locked; raises UnknownInterchange."""
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


class Placed(Struct, frozen=True):
    """A claim in one of our files; `is_current` is false for a version that was corrected since."""

    claim: Claim
    version: int
    transaction_control: str

    @property
    def is_current(self) -> bool:
        """Whether what is said of the file's version is said of the claim as it stands."""
        return self.version == self.claim.version


async def placed_claims(session: AsyncSession, practice_id: UUID, interchange_id: UUID) -> list[Placed]:
    """The claims of one of our files, locked in id order."""
    wanted = (
        select(Claim, InterchangeClaim.version, InterchangeClaim.transaction_control)
        .join(
            InterchangeClaim,
            (InterchangeClaim.practice_id == Claim.practice_id) & (InterchangeClaim.claim_id == Claim.id),
        )
        .where(Claim.practice_id == practice_id, InterchangeClaim.interchange_id == interchange_id)
        .order_by(Claim.id)
        .with_for_update(of=Claim)
    )
    return [Placed(*row) for row in await session.execute(wanted)]


async def _received(session: AsyncSession, actor: Actor, placed: Placed, source: str, now: datetime) -> None:
    claim = placed.claim
    await append(session, claim, actor, kind="999_accepted", source=source, at=now, version=placed.version)
    if placed.is_current and claim.status in ("written", "sent"):
        move(claim, "received")


def _sentence(problems: tuple[FileProblem, ...]) -> str:
    told = "; ".join(f"{p.segment} at {p.position}: {p.detail}" for p in problems[:3])
    return told or "the file was rejected without a stated reason"


async def _reject(
    session: AsyncSession,
    actor: Actor,
    placed: Placed,
    kind: str,
    source: str,
    reason: str,
    now: datetime,
    codes: tuple[str, ...] = (),
) -> None:
    """Note a rejection and open its work; what was decided or corrected meanwhile stays as it is."""
    claim, version = placed.claim, placed.version
    fresh = await append(
        session,
        claim,
        actor,
        kind=kind,
        source=source,
        at=now,
        reason=reason,
        codes=list(codes),
        version=version,
    )
    is_late = not placed.is_current or claim.status in ("paid", "denied")
    if not fresh or is_late or "rejected" not in MOVES[claim.status]:
        return
    move(claim, "rejected")
    await propose_rules(session, claim, now)
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


async def close_rejection(session: AsyncSession, claim: Claim, outcome: str, now: datetime) -> None:
    """Close the work about a rejection that something else has settled."""
    await close_item(
        session,
        claim.practice_id,
        kind="claim_rejected",
        subject_kind="claim",
        subject_id=claim.id,
        outcome=outcome,
        now=now,
    )


async def apply_claim_answers(
    session: AsyncSession,
    actor: Actor,
    practice_id: UUID,
    connection_id: UUID,
    told: ClaimAnswers,
    source: str,
    now: datetime,
) -> list[ClaimAnswer]:
    """Apply a 277CA claim by claim; returns the answers whose claim was not in the file that it answers.

    Raises UnknownInterchange, and UnknownClaim when it knows none of the claims.
    """
    interchange = await lock_interchange(session, practice_id, connection_id, told.control_number)
    placed = {p.claim.control_number: p for p in await placed_claims(session, practice_id, interchange.id)}
    unknown = [a for a in told.claims if a.claim_control_number not in placed]
    if told.claims and len(unknown) == len(told.claims):
        first = unknown[0]
        raise UnknownClaim(f"TRN at {first.position} names a claim that was never sent from here")
    for answer in told.claims:
        mine = placed.get(answer.claim_control_number)
        if mine is not None:
            await _apply(session, actor, mine, answer, f"{source}:{answer.position}", now)
    return unknown


async def _apply(
    session: AsyncSession, actor: Actor, placed: Placed, answer: ClaimAnswer, source: str, now: datetime
) -> None:
    claim = placed.claim
    if answer.payer_control_number and placed.is_current:
        claim.payer_control_number = answer.payer_control_number
    if answer.stage == "rejected":
        await _reject(session, actor, placed, "277ca_rejected", source, answer.message, now, answer.codes)
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
        version=placed.version,
    )
    if placed.is_current and claim.status not in ANSWERED and answer.stage in MOVES[claim.status]:
        move(claim, answer.stage)
