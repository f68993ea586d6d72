"""Applying one received transaction to its practice, once; what cannot be applied stays, with the reason."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.acknowledgement import apply_acknowledgement, apply_claim_answers
from domain.claims.models import InboundTransaction
from domain.claims.ports import Acknowledgement, ClaimAnswer, ClaimAnswers
from domain.claims.use import due_on
from domain.remittances.models import Remittance
from domain.remittances.ports import RemittanceContent
from domain.remittances.posting import post_remittance
from domain.remittances.recording import record
from domain.work.items import open_item
from tenants.access import Actor
from tenants.cipher import FileCipher
from tenants.errors import NotFound

CONTENT: dict[str, type] = {"999": Acknowledgement, "277CA": ClaimAnswers, "835": RemittanceContent}


async def apply_inbound(
    session: AsyncSession,
    cipher: FileCipher,
    actor: Actor,
    practice_id: UUID,
    inbound_id: UUID,
    now: datetime,
) -> InboundTransaction:
    """Apply a transaction if nobody has; one that answers nothing of ours is quarantined, not lost.

    Raises NotFound for an unknown id.
    """
    inbound = await _lock(session, practice_id, inbound_id)
    if inbound.status != "received":
        return inbound
    text = cipher.open(inbound.content, f"inbound_transactions:{practice_id}:{inbound_id}")
    content: object = msgspec.json.decode(text, type=CONTENT[inbound.kind])
    try:
        reason = await _apply(session, actor, inbound, content, now)
    except NotFound as unknown:
        reason = unknown.detail
    inbound.status = "quarantined" if reason else "applied"
    inbound.reason = reason
    if reason and inbound.kind != "835":
        await _open_work(session, inbound, reason, now)
    return inbound


async def _lock(session: AsyncSession, practice_id: UUID, inbound_id: UUID) -> InboundTransaction:
    mine = select(InboundTransaction).where(
        InboundTransaction.practice_id == practice_id, InboundTransaction.id == inbound_id
    )
    inbound = (await session.execute(mine.with_for_update())).scalar_one_or_none()
    if inbound is None:
        raise NotFound(f"no received transaction {inbound_id}")
    return inbound


async def _apply(
    session: AsyncSession, actor: Actor, inbound: InboundTransaction, content: object, now: datetime
) -> str | None:
    """Returns why the transaction must be looked at, or None."""
    practice_id, source = inbound.practice_id, str(inbound.id)
    if isinstance(content, RemittanceContent):
        return await _apply_remittance(session, actor, inbound, content, now)
    if isinstance(content, ClaimAnswers) and content.claims:
        connection_id = inbound.connection_id
        strange = await apply_claim_answers(session, actor, practice_id, connection_id, content, source, now)
        return _strangers(strange)
    answer = _of_the_whole_file(content) if isinstance(content, ClaimAnswers) else content
    assert isinstance(answer, Acknowledgement)
    await apply_acknowledgement(session, actor, practice_id, inbound.connection_id, answer, source, now)
    return None


async def _apply_remittance(
    session: AsyncSession,
    actor: Actor,
    inbound: InboundTransaction,
    content: RemittanceContent,
    now: datetime,
) -> str | None:
    recorded = await record(session, inbound.practice_id, inbound.received_file_id, content, now)
    remittance = recorded.remittance
    if recorded.differs:
        reason = f"payment {content.trace_number} stands posted with another content"
        await _ask_which(session, remittance, reason, now)
        return reason
    if remittance.status != "quarantined":
        await post_remittance(session, actor, inbound.practice_id, remittance.id, now)
    return remittance.reason


async def _ask_which(session: AsyncSession, remittance: Remittance, reason: str, now: datetime) -> None:
    await open_item(
        session,
        remittance.practice_id,
        kind="remittance_differs",
        subject_kind="remittance",
        subject_id=remittance.id,
        reason=f"A file was received again: {reason}",
        next_action="Compare the two; to take the new one, un-post the old and bring the new file again",
        due_on=due_on(now, 2),
        value_cents=abs(remittance.payment_cents),
        now=now,
    )


def _strangers(strange: list[ClaimAnswer]) -> str | None:
    if not strange:
        return None
    places = ", ".join(f"TRN at {a.position}" for a in strange[:5])
    return f"{len(strange)} answer(s) name claims that were not in the file: {places}"


def _of_the_whole_file(content: ClaimAnswers) -> Acknowledgement:
    return Acknowledgement(
        control_number=content.control_number, accepted=content.accepted, transactions=(), problems=()
    )


async def _open_work(session: AsyncSession, inbound: InboundTransaction, reason: str, now: datetime) -> None:
    await open_item(
        session,
        inbound.practice_id,
        kind="answer_unmatched",
        subject_kind="inbound_transaction",
        subject_id=inbound.id,
        reason=reason,
        next_action="Find out whose claim it is, and tell the clearinghouse",
        due_on=due_on(now, 2),
        now=now,
    )
