"""What staff read of a party's payments."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from domain.patient_billing.models import Payment
from domain.views import read_views


class PaymentView(Struct, frozen=True, kw_only=True):
    """A payment as staff and its payer see it."""

    id: UUID
    party_id: UUID
    amount_cents: Cents
    status: str
    created_at: datetime
    paid_at: datetime | None


async def payments_of(session: AsyncSession, practice_id: UUID, party_id: UUID) -> list[PaymentView]:
    """A party's payments, the latest first."""
    mine = (Payment.practice_id == practice_id, Payment.party_id == party_id)
    return await read_views(session, PaymentView, Payment, *mine, order=[Payment.id.desc()])
