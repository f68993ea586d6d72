"""What is read of a party's account: its payments for staff, and all of it for whoever pays."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from domain.patient_billing.account import PartyAccount, explain
from domain.patient_billing.disputes import is_disputed
from domain.patient_billing.models import Payment
from domain.practices.settings import practice_profile
from domain.views import read_views
from tenants.access import PatientActor


class PaymentView(Struct, frozen=True, kw_only=True):
    """A payment as staff and its payer see it."""

    id: UUID
    party_id: UUID
    amount_cents: Cents
    status: str
    created_at: datetime
    paid_at: datetime | None


class Contact(Struct, frozen=True, kw_only=True):
    """Whom a payer asks; `phone` has ten digits."""

    billing_name: str
    phone: str
    time_zone: str


class PayerAccount(Struct, frozen=True, kw_only=True):
    """What a payer sees after the second factor: the account of one party, and nothing of any other."""

    account: PartyAccount
    paid: list[PaymentView]
    disputed: bool
    contact: Contact


async def payments_of(session: AsyncSession, practice_id: UUID, party_id: UUID) -> list[PaymentView]:
    """A party's payments, the latest first."""
    mine = (Payment.practice_id == practice_id, Payment.party_id == party_id)
    return await read_views(session, PaymentView, Payment, *mine, order=[Payment.id.desc()])


async def payer_account(session: AsyncSession, patient: PatientActor, now: datetime) -> PayerAccount:
    """The account of whoever passed the second factor; the party comes from there, never from the request."""
    payments = await payments_of(session, patient.practice_id, patient.party_id)
    profile = await practice_profile(session, patient.practice_id)
    return PayerAccount(
        account=await explain(session, patient.practice_id, patient.party_id),
        paid=[payment for payment in payments if payment.status == "paid"],
        disputed=await is_disputed(session, patient, now),
        contact=Contact(billing_name=profile.billing_name, phone=profile.phone, time_zone=profile.time_zone),
    )
