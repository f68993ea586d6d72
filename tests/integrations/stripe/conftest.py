"""A simulated Stripe on loopback, and the real SDK pointed at it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.patient_billing.ports import CheckoutRequest
from integrations.stripe import StripeProcessor
from integrations.stripe.simulator import StripeSimulator

MERCHANT = "acct_practice0001"
OTHER_MERCHANT = "acct_practice0002"


def checkout_request(**changes: Any) -> CheckoutRequest:
    """A request for $42.17 with an idempotency key of its own."""
    known = {
        "merchant_account": MERCHANT,
        "amount_cents": 4217,
        "reference": uuid4().hex,
        "success_url": "https://pay.example.test/pay/tok3n?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://pay.example.test/pay/tok3n",
        "expires_at": datetime.now(UTC) + timedelta(hours=1),
        "idempotency_key": f"checkout:{uuid4()}",
    }
    return CheckoutRequest(**{**known, **changes})


@pytest.fixture
async def simulator() -> AsyncIterator[StripeSimulator]:
    """A fresh Stripe that nobody has visited."""
    simulated = StripeSimulator()
    await simulated.start()
    yield simulated
    await simulated.stop()


@pytest.fixture
async def processor(simulator: StripeSimulator) -> AsyncIterator[StripeProcessor]:
    """The adapter without the SDK's own retries, so that each failure is seen."""
    adapter = StripeProcessor(
        simulator.secret_key,
        (simulator.webhook_secret,),
        simulator.base_url,
        timeout_seconds=5.0,
        automatic_retries=0,
    )
    yield adapter
    await adapter.close()
