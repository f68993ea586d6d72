"""What a checkout came to, written down once: paid never turns back, and money posts once (MON-07)."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents, dollars
from domain.ledger.entries import JournalEntry, Stamp
from domain.ledger.posting import post
from domain.patient_billing.application import (
    Held,
    applied,
    captured,
    held_money,
    lock_party,
    owed_lines,
)
from domain.patient_billing.links import close_links
from domain.patient_billing.models import Payment
from domain.patient_billing.ports import CheckoutState
from domain.practices.models import PracticeProfile
from domain.work.items import open_item
from tenants.access import Actor
from tenants.clock import local_date
from tenants.errors import NotFound

LIVE = frozenset({"opening", "opened"})


class Settled(Struct, frozen=True):
    """How the payment stands now, and whether this call was the one that posted it."""

    status: str
    posted: bool


async def settle(
    session: AsyncSession, actor: Actor, payment: Payment, state: CheckoutState, now: datetime
) -> Settled:
    """Record what the processor says now of this payment; safe to repeat, and in whatever order it comes.

    `state` was read afresh outside of this transaction. What was captured is posted as it is, even where it
    differs from what was asked for; a late *expired* never undoes *paid*.
    """
    await lock_party(session, payment.practice_id, payment.party_id)
    payment = await lock_payment(session, payment.practice_id, payment.id)
    if payment.status == "paid":
        return Settled("paid", False)
    payment.session_id = payment.session_id or state.session_id
    if state.payment_status == "paid" and state.amount_cents > 0:
        await _post(session, actor, payment, state, now)
        return Settled("paid", True)
    if state.status == "expired" and payment.status in LIVE:
        payment.status = "expired"
    return Settled(payment.status, False)


async def lock_payment(session: AsyncSession, practice_id: UUID, payment_id: UUID) -> Payment:
    """The payment as it stands, locked after its party."""
    mine = select(Payment).where(Payment.practice_id == practice_id, Payment.id == payment_id)
    locked = mine.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(locked)).scalar_one()


async def _post(
    session: AsyncSession, actor: Actor, payment: Payment, state: CheckoutState, now: datetime
) -> None:
    practice_id, party_id = payment.practice_id, payment.party_id
    payment.status, payment.paid_at = "paid", now
    payment.payment_reference = state.payment_reference
    await session.flush()
    on = local_date(now, await time_zone(session, practice_id))
    held = [
        *await held_money(session, practice_id, party_id),
        Held(payment.id, state.amount_cents),
    ]
    owed = await owed_lines(session, practice_id, party_id)
    money_in = captured(practice_id, payment.id, state.amount_cents, on)
    journals = [
        JournalEntry("patient_payment", str(payment.id), [money_in]),
        *applied(party_id, held, owed, payment.id, on),
    ]
    await post(session, Stamp(practice_id, actor.id, now), journals)
    left = sum(line.cents for line in owed) - sum(money.cents for money in held)
    if left <= 0:
        await close_links(session, practice_id, party_id, "paid", now)
    await _tell(session, payment, state.amount_cents, max(0, -left), now)


async def time_zone(session: AsyncSession, practice_id: UUID) -> str:
    """The practice's time zone, which says what day it is there; raises NotFound before it has settings."""
    wanted = select(PracticeProfile.time_zone).where(PracticeProfile.practice_id == practice_id)
    zone = (await session.execute(wanted)).scalar_one_or_none()
    if zone is None:
        raise NotFound(f"practice {practice_id} has no settings yet")
    return zone


async def _tell(
    session: AsyncSession, payment: Payment, paid_cents: Cents, over_cents: Cents, now: datetime
) -> None:
    """Open work for what needs a person: money beyond what is owed, or another amount than was asked for."""
    if over_cents:
        reason = f"The payment left {dollars(over_cents)} that no line is open for"
        action = "Refund it, or keep it for what becomes due next"
        await _open(session, payment, "payment_unapplied", reason, action, over_cents, now)
    if paid_cents != payment.amount_cents:
        reason = f"{dollars(paid_cents)} was captured where {dollars(payment.amount_cents)} was asked for"
        action = "Compare the payment with the processor"
        await _open(session, payment, "payment_amount_differs", reason, action, paid_cents, now)


async def _open(
    session: AsyncSession,
    payment: Payment,
    kind: str,
    reason: str,
    action: str,
    value_cents: Cents,
    now: datetime,
) -> None:
    await open_item(
        session,
        payment.practice_id,
        kind=kind,
        subject_kind="payment",
        subject_id=payment.id,
        reason=reason,
        next_action=action,
        due_on=now.date(),
        value_cents=value_cents,
        now=now,
    )
