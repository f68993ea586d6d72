"""Starting a card payment: the attempt's row is committed first, then the processor's page is opened.

The key of the outside call derives from the attempt's row, so whatever breaks in between, a repeat opens the
same page (API-03, MON-05). A party has one live attempt: another amount ends the earlier page first.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents, dollars
from domain.patient_billing.application import balance_cents, lock_party
from domain.patient_billing.links import LinkDead
from domain.patient_billing.merchants import merchant_of
from domain.patient_billing.models import Payment, PaymentLink
from domain.patient_billing.ports import (
    CardProcessor,
    CheckoutOpened,
    CheckoutRequest,
    CheckoutState,
    ProcessorRefused,
    ProcessorUnavailable,
)
from domain.patient_billing.settlement import LIVE, Settled, lock_payment, settle
from tenants.access import Actor, PatientActor
from tenants.database import Database
from tenants.errors import Conflict, Invalid, Unavailable
from tenants.ids import new_id

LEAST_CENTS = 100
LEAST_BY_CARD_CENTS = 50
PAGE_LIFE = timedelta(hours=2)
REPEATABLE = timedelta(minutes=60)
ACTION = "pay by link"


class AmountNotPayable(Invalid):
    """Less than a dollar that is not the whole balance, or more than the balance."""

    code = "amount_not_payable"


class PaymentOvertaken(Conflict):
    """Another attempt of the same party replaced this one while its page was being opened."""

    code = "payment_overtaken"


class Addresses(Struct, frozen=True, kw_only=True):
    """Where the processor sends the person afterwards; they name a link and nobody."""

    success_url: str
    cancel_url: str


class _Attempt(Struct, frozen=True, kw_only=True):
    id: UUID
    practice_id: UUID
    party_id: UUID
    link_id: UUID | None
    amount_cents: Cents
    status: str
    merchant_account: str
    session_id: str | None
    checkout_url: str | None
    created_at: datetime


class _Step(Struct, frozen=True, kw_only=True):
    """What to do next outside of the transaction: look at an earlier page, or open the page of `attempt`."""

    attempt: _Attempt
    look_first: bool
    keep: bool


async def start_payment(
    database: Database,
    processor: CardProcessor,
    patient: PatientActor,
    amount_cents: Cents | None,
    addresses: Addresses,
) -> str | None:
    """The address of the processor's page for this amount (None: all that is owed).

    Answers None when an earlier page turns out to be paid meanwhile: look at the account again. Raises
    AmountNotPayable, NoMerchant, PaymentOvertaken, Unavailable, LinkDead.
    """
    actor = patient.acting(ACTION)
    for _ in range(4):
        async with database.practice_transaction(actor, patient.practice_id) as session:
            step = await _next_step(session, patient, amount_cents, database.clock.now())
        if not step.look_first:
            return await _open_page(database, processor, actor, step.attempt, addresses)
        state = await _look(processor, step)
        if state.status == "open":
            return step.attempt.checkout_url
        if (await _record(database, actor, step.attempt, state)).status == "paid":
            return None
    raise PaymentOvertaken("another payment of this account is under way")


async def _next_step(
    session: AsyncSession, patient: PatientActor, wanted_cents: Cents | None, now: datetime
) -> _Step:
    practice_id, party_id = patient.practice_id, patient.party_id
    await lock_party(session, practice_id, party_id)
    await _require_open(session, patient)
    amount_cents = _payable(wanted_cents, await balance_cents(session, practice_id, party_id))
    for payment in await _live(session, practice_id, party_id):
        same = payment.amount_cents == amount_cents and payment.link_id == patient.link_id
        if payment.status == "opened":
            return _Step(attempt=_attempt(payment), look_first=True, keep=same)
        if same and now - payment.created_at < REPEATABLE:
            return _Step(attempt=_attempt(payment), look_first=False, keep=True)
        # nobody was ever shown the page of an attempt that never got an address, so nobody can pay it
        payment.status = "failed"
    payment = await _new_attempt(session, patient, amount_cents, now)
    return _Step(attempt=_attempt(payment), look_first=False, keep=True)


async def _new_attempt(
    session: AsyncSession, patient: PatientActor, amount_cents: Cents, now: datetime
) -> Payment:
    payment = Payment(
        practice_id=patient.practice_id,
        id=new_id(),
        party_id=patient.party_id,
        link_id=patient.link_id,
        amount_cents=amount_cents,
        status="opening",
        merchant_account=await merchant_of(session, patient.practice_id),
        created_at=now,
    )
    session.add(payment)
    await session.flush()
    return payment


async def _require_open(session: AsyncSession, patient: PatientActor) -> None:
    link = await session.get(PaymentLink, (patient.practice_id, patient.link_id))
    if link is None or link.closed_at is not None:
        raise LinkDead("this link does not open anything")


def _payable(wanted_cents: Cents | None, owed_cents: Cents) -> Cents:
    amount_cents = owed_cents if wanted_cents is None else wanted_cents
    if owed_cents < LEAST_BY_CARD_CENTS:
        raise AmountNotPayable("there is nothing to pay by card", pointer="/amount")
    if amount_cents > owed_cents:
        raise AmountNotPayable(f"the most to pay is {dollars(owed_cents)}", pointer="/amount")
    if amount_cents < LEAST_CENTS and amount_cents != owed_cents:
        raise AmountNotPayable(f"the least to pay is {dollars(LEAST_CENTS)}", pointer="/amount")
    return amount_cents


async def _live(session: AsyncSession, practice_id: UUID, party_id: UUID) -> list[Payment]:
    mine = select(Payment).where(
        Payment.practice_id == practice_id, Payment.party_id == party_id, Payment.status.in_(LIVE)
    )
    locked = mine.order_by(Payment.id).with_for_update().execution_options(populate_existing=True)
    return list((await session.execute(locked)).scalars())


def _attempt(payment: Payment) -> _Attempt:
    return msgspec.convert(payment, _Attempt, from_attributes=True)


async def _look(processor: CardProcessor, step: _Step) -> CheckoutState:
    """How an earlier page stands; one of another amount is ended, so that nobody can pay it any more."""
    attempt = step.attempt
    assert attempt.session_id is not None
    ask = processor.checkout_state if step.keep else processor.expire_checkout
    try:
        return await ask(attempt.merchant_account, attempt.session_id)
    except (ProcessorUnavailable, ProcessorRefused) as fault:
        raise Unavailable("card payments do not answer now") from fault


async def _record(database: Database, actor: Actor, attempt: _Attempt, state: CheckoutState) -> Settled:
    async with database.practice_transaction(actor, attempt.practice_id) as session:
        payment = await session.get_one(Payment, (attempt.practice_id, attempt.id))
        return await settle(session, actor, payment, state, database.clock.now())


async def _open_page(
    database: Database, processor: CardProcessor, actor: Actor, attempt: _Attempt, addresses: Addresses
) -> str:
    request = CheckoutRequest(
        merchant_account=attempt.merchant_account,
        amount_cents=attempt.amount_cents,
        reference=attempt.id.hex,
        success_url=addresses.success_url,
        cancel_url=addresses.cancel_url,
        expires_at=attempt.created_at + PAGE_LIFE,
        idempotency_key=f"checkout:{attempt.id}",
    )
    try:
        opened = await processor.open_checkout(request)
    except ProcessorUnavailable as fault:
        raise Unavailable("card payments do not answer now") from fault
    except ProcessorRefused as fault:
        await _mark_failed(database, actor, attempt)
        raise Unavailable("card payments are not possible now") from fault
    if not await _mark_opened(database, actor, attempt, opened):
        await _end_page(processor, attempt, opened)
        raise PaymentOvertaken("another payment of this account is under way")
    return opened.url


async def _mark_opened(database: Database, actor: Actor, attempt: _Attempt, opened: CheckoutOpened) -> bool:
    """Record the page before anybody sees it; False when the attempt was replaced meanwhile."""
    async with database.practice_transaction(actor, attempt.practice_id) as session:
        payment = await lock_payment(session, attempt.practice_id, attempt.id)
        if payment.status == "opening":
            payment.status, payment.session_id = "opened", opened.session_id
            payment.checkout_url = opened.url
        return payment.status == "opened" and payment.session_id == opened.session_id


async def _mark_failed(database: Database, actor: Actor, attempt: _Attempt) -> None:
    async with database.practice_transaction(actor, attempt.practice_id) as session:
        payment = await lock_payment(session, attempt.practice_id, attempt.id)
        if payment.status == "opening":
            payment.status = "failed"


async def _end_page(processor: CardProcessor, attempt: _Attempt, opened: CheckoutOpened) -> None:
    try:
        await processor.expire_checkout(attempt.merchant_account, opened.session_id)
    except (ProcessorUnavailable, ProcessorRefused):
        # nobody was shown its address, and it ends by itself
        return
