"""What the card processor tells us, and what a returning payer makes us ask: read afresh, then settled."""

from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.patient_billing.models import Payment
from domain.patient_billing.ports import (
    CardProcessor,
    CheckoutState,
    ProcessorEvent,
    ProcessorRefused,
    ProcessorUnavailable,
)
from domain.patient_billing.settlement import settle
from domain.patient_billing.tasks import HandleProcessorEvent
from domain.practices.models import PracticeProfile
from tenants import inbox
from tenants.access import Actor, PatientActor
from tenants.database import Database
from tenants.errors import Unavailable
from tenants.models import InboxEvent
from tenants.outbox import enqueue

SOURCE = "stripe"
CHECKOUTS = frozenset({"checkout_completed", "checkout_expired"})
ACTION = "look after payment"


class Outcome(Struct, frozen=True, kw_only=True):
    """A payment as its payer sees it after coming back."""

    id: UUID
    amount_cents: int
    status: str


class _Subject(Struct, frozen=True, kw_only=True):
    """Which checkout of which merchant is to be read."""

    merchant_account: str
    session_id: str


async def keep_event(
    session: AsyncSession, actor: Actor, practice_id: UUID, event: ProcessorEvent, database: Database
) -> bool:
    """Keep a proven event and owe its task, both once; False for a repeat."""
    now = database.clock.now()
    kept = await inbox.store(
        session,
        practice_id,
        source=SOURCE,
        external_id=event.event_id,
        kind=event.vendor_kind if event.kind == "other" else event.kind,
        object_id=event.object_id,
        at=now,
    )
    if kept is None:
        return False
    owed = HandleProcessorEvent(practice_id=practice_id, organization_id=actor.organization_id, event_id=kept)
    await enqueue(session, owed, available_at=now)
    return True


async def handle_event(
    database: Database, processor: CardProcessor, actor: Actor, task: HandleProcessorEvent
) -> None:
    """Read the event's checkout afresh, then settle and mark the event handled in one transaction.

    Events of other kinds are marked ignored: the checkout's own event decides. Raises Unavailable.
    """
    async with database.practice_transaction(actor, task.practice_id) as session:
        event = await inbox.take(session, task.practice_id, task.event_id)
        if event is None:
            return
        if event.kind not in CHECKOUTS:
            _mark(event, database, "ignored")
            return
        subject = await _subject(session, event)
    state = await _read(processor, subject) if subject else None
    async with database.practice_transaction(actor, task.practice_id) as session:
        event = await inbox.take(session, task.practice_id, task.event_id)
        if event is not None:
            outcome = await _apply(session, actor, database, task.practice_id, state)
            _mark(event, database, outcome)


async def check_payment(
    database: Database, processor: CardProcessor, patient: PatientActor
) -> Outcome | None:
    """The visitor's latest attempt as the processor sees it now; None without one.

    A paid one is settled at once, so that a late webhook keeps nobody waiting. When the processor does not
    answer, the attempt is shown as we know it.
    """
    actor = patient.acting(ACTION)
    async with database.practice_transaction(actor, patient.practice_id) as session:
        payment = await _latest(session, patient)
        if payment is None or payment.status != "opened" or payment.session_id is None:
            return _outcome(payment)
        subject = _Subject(merchant_account=payment.merchant_account, session_id=payment.session_id)
    try:
        state = await _read(processor, subject)
    except Unavailable:
        return _outcome(payment)
    if state is None:
        return _outcome(payment)
    async with database.practice_transaction(actor, patient.practice_id) as session:
        payment = await session.get_one(Payment, (patient.practice_id, payment.id))
        await settle(session, actor, payment, state, database.clock.now())
        return _outcome(payment)


async def _subject(session: AsyncSession, event: InboxEvent) -> _Subject | None:
    """The checkout's merchant: of its payment, or (our note of the page may be late) the practice's own."""
    mine = select(Payment.merchant_account).where(
        Payment.practice_id == event.practice_id, Payment.session_id == event.object_id
    )
    own = select(PracticeProfile.merchant_account).where(PracticeProfile.practice_id == event.practice_id)
    known = (await session.execute(mine)).scalar_one_or_none()
    account = known or (await session.execute(own)).scalar_one_or_none()
    return _Subject(merchant_account=account, session_id=event.object_id) if account else None


async def _read(processor: CardProcessor, subject: _Subject) -> CheckoutState | None:
    try:
        return await processor.checkout_state(subject.merchant_account, subject.session_id)
    except ProcessorUnavailable as fault:
        raise Unavailable("the card processor does not answer") from fault
    except ProcessorRefused:
        return None


async def _apply(
    session: AsyncSession, actor: Actor, database: Database, practice_id: UUID, state: CheckoutState | None
) -> str:
    payment = await _payment_of(session, practice_id, state) if state else None
    if state is None or payment is None or payment.session_id not in (None, state.session_id):
        return "unknown checkout"
    return (await settle(session, actor, payment, state, database.clock.now())).status


async def _payment_of(session: AsyncSession, practice_id: UUID, state: CheckoutState) -> Payment | None:
    """By our own reference, which the processor carries; never by anything that names a practice."""
    try:
        payment_id = UUID(hex=state.reference or "")
    except ValueError:
        return None
    return await session.get(Payment, (practice_id, payment_id))


async def _latest(session: AsyncSession, patient: PatientActor) -> Payment | None:
    mine = select(Payment).where(
        Payment.practice_id == patient.practice_id, Payment.link_id == patient.link_id
    )
    latest = mine.where(Payment.party_id == patient.party_id).order_by(Payment.id.desc()).limit(1)
    return (await session.execute(latest)).scalar_one_or_none()


def _outcome(payment: Payment | None) -> Outcome | None:
    return msgspec.convert(payment, Outcome, from_attributes=True) if payment else None


def _mark(event: InboxEvent, database: Database, outcome: str) -> None:
    event.handled_at, event.outcome = database.clock.now(), outcome
