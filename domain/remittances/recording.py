"""Recording a remittance once, whatever file brings it; the same payment with another content is not lost."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.use import due_on
from domain.practices.models import Payer
from domain.remittances.matching import load_ours
from domain.remittances.models import Remittance
from domain.remittances.ports import RemittanceContent
from domain.remittances.transcribing import insert_parts
from domain.work.items import close_item, open_item
from tenants.audit import note_change
from tenants.ids import new_id

DAYS_TO_REVIEW = 2


class Recorded(Struct, frozen=True):
    """The remittance that stands for a payment; `differs` when it stands posted with another content."""

    remittance: Remittance
    differs: bool


async def record(
    session: AsyncSession,
    practice_id: UUID,
    received_file_id: UUID,
    content: RemittanceContent,
    now: datetime,
) -> Recorded:
    """Record an 835 transaction, once.

    The same payee, payer, trace, amount and date is the same payment, whatever file brings it (MON-11). When
    its content was corrected, it replaces one that is not posted; a posted one stands until it is un-posted.
    One that does not add up as a whole is quarantined and posts nothing.
    """
    digest = _digest(content)
    new = await _insert(session, practice_id, received_file_id, content, digest, now)
    if new is None:
        standing = await _standing(session, practice_id, content, digest)
        differs = standing.content_sha256 not in ("", digest)
        if not differs or standing.status == "posted":
            return Recorded(standing, differs)
        await _replace(session, standing, now)
        new = await _insert(session, practice_id, received_file_id, content, digest, now)
        assert new is not None, "the one in its place was locked and moved away"
    return Recorded(await _complete(session, practice_id, new, content, now), False)


async def _complete(
    session: AsyncSession, practice_id: UUID, new: UUID, content: RemittanceContent, now: datetime
) -> Remittance:
    ours = await load_ours(session, practice_id, content.claims)
    await insert_parts(session, practice_id, new, content, ours)
    remittance = await session.get_one(Remittance, (practice_id, new))
    if content.problems:
        await _open_quarantine(session, remittance, content, now)
    else:
        await _close_quarantine(session, remittance, now)
    return remittance


def _digest(content: RemittanceContent) -> str:
    """A hash of what a remittance says, wherever in whatever file it says it."""
    told = _without_positions(msgspec.to_builtins(content))
    return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()


def _without_positions(told: Any) -> Any:
    if isinstance(told, dict):
        return {name: _without_positions(value) for name, value in told.items() if name != "position"}
    return [_without_positions(one) for one in told] if isinstance(told, list | tuple) else told


async def _insert(
    session: AsyncSession,
    practice_id: UUID,
    file_id: UUID,
    content: RemittanceContent,
    digest: str,
    now: datetime,
) -> UUID | None:
    remittance_id = new_id()
    first = content.problems[0] if content.problems else None
    values = _named(content) | {
        "practice_id": practice_id,
        "id": remittance_id,
        "received_file_id": file_id,
        "transaction_position": content.position,
        "quarantine_key": _key(content, digest),
        "content_sha256": digest,
        "payer_id": await _payer(session, practice_id, content.payer_identifier),
        "payer_name": content.payer_name,
        "payment_method": content.payment_method,
        "status": "quarantined" if first else "received",
        "reason": f"{first.segment} at {first.position}: {first.detail}" if first else None,
        "problems": [msgspec.to_builtins(p) for p in content.problems],
        "recorded_at": now,
    }
    statement = insert(Remittance).values(values).on_conflict_do_nothing().returning(Remittance.id)
    new = (await session.execute(statement)).scalar_one_or_none()
    if new is not None:
        note_change(session, "insert", "remittances", new)
    return new


def _named(content: RemittanceContent) -> dict[str, Any]:
    """What makes a payment the same payment."""
    return {
        "payee_npi": content.payee_npi,
        "payer_identifier": content.payer_identifier,
        "trace_number": content.trace_number,
        "payment_cents": content.payment_cents,
        "paid_on": content.paid_on,
    }


def _key(content: RemittanceContent, digest: str) -> str:
    return digest if content.problems else ""


async def _payer(session: AsyncSession, practice_id: UUID, identifier: str) -> UUID | None:
    wanted = select(Payer.id).where(Payer.practice_id == practice_id, Payer.electronic_id == identifier)
    return (await session.execute(wanted)).scalar_one_or_none()


async def _standing(
    session: AsyncSession, practice_id: UUID, content: RemittanceContent, digest: str
) -> Remittance:
    named = [getattr(Remittance, name) == value for name, value in _named(content).items()]
    same = select(Remittance).where(
        Remittance.practice_id == practice_id, *named, Remittance.quarantine_key == _key(content, digest)
    )
    return (await session.execute(same.with_for_update())).scalar_one()


async def _replace(session: AsyncSession, standing: Remittance, now: datetime) -> None:
    """Let a corrected content take the place of one that is not posted, which stays to be read."""
    standing.quarantine_key, standing.status = str(standing.id), "quarantined"
    standing.reason = "the payer sent the same payment again with another content, which stands in its place"
    await session.flush()
    await _close(session, standing, "remittance_differs", "the other content stands in its place", now)


async def _open_quarantine(
    session: AsyncSession, remittance: Remittance, content: RemittanceContent, now: datetime
) -> None:
    await open_item(
        session,
        remittance.practice_id,
        kind="remittance_quarantined",
        subject_kind="remittance",
        subject_id=remittance.id,
        reason=f"The remittance does not add up: {remittance.reason}",
        next_action="Ask the payer for a corrected file; nothing of this one was posted",
        due_on=due_on(now, DAYS_TO_REVIEW),
        value_cents=abs(content.payment_cents),
        now=now,
    )


async def _close_quarantine(session: AsyncSession, remittance: Remittance, now: datetime) -> None:
    """The repaired file of a payment settles the work about those that did not add up."""
    same = select(Remittance).where(
        Remittance.practice_id == remittance.practice_id,
        Remittance.payee_npi == remittance.payee_npi,
        Remittance.payer_identifier == remittance.payer_identifier,
        Remittance.trace_number == remittance.trace_number,
        Remittance.status == "quarantined",
    )
    for quarantined in (await session.execute(same)).scalars().all():
        await _close(session, quarantined, "remittance_quarantined", "the payer sent a corrected file", now)


async def _close(session: AsyncSession, about: Remittance, kind: str, outcome: str, now: datetime) -> None:
    await close_item(
        session,
        about.practice_id,
        kind=kind,
        subject_kind="remittance",
        subject_id=about.id,
        outcome=outcome,
        now=now,
    )
