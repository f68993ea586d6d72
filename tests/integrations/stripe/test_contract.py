"""What every card processor must do, asked of the simulator and of Stripe's own test mode."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from domain.patient_billing.ports import CardProcessor, CheckoutRequest, ProcessorRefused
from integrations.stripe import StripeProcessor
from integrations.stripe.simulator import StripeSimulator
from tests.integrations.stripe.conftest import MERCHANT, checkout_request


class Rail(msgspec.Struct, frozen=True):
    """One processor and the connected account that may be charged on it."""

    processor: CardProcessor
    merchant: str
    base_address: str | None

    def request(self, **changes: Any) -> CheckoutRequest:
        """A request to this rail's merchant."""
        return checkout_request(**{"merchant_account": self.merchant, **changes})


@pytest.fixture(params=["simulator", "test_mode"])
async def rail(request: pytest.FixtureRequest) -> AsyncIterator[Rail]:
    """The same adapter, here on the simulator, there on Stripe (STRIPE_TEST_KEY, STRIPE_TEST_ACCOUNT)."""
    if request.param == "test_mode":
        key, merchant = os.environ.get("STRIPE_TEST_KEY"), os.environ.get("STRIPE_TEST_ACCOUNT")
        if not key or not merchant:
            pytest.skip("STRIPE_TEST_KEY and STRIPE_TEST_ACCOUNT are not set")
        adapter = StripeProcessor(key, ("whsec_not_used_here",))
        yield Rail(adapter, merchant, None)
        await adapter.close()
        return
    simulator = StripeSimulator()
    await simulator.start()
    adapter = StripeProcessor(simulator.secret_key, (simulator.webhook_secret,), simulator.base_url)
    yield Rail(adapter, MERCHANT, simulator.base_url)
    await adapter.close()
    await simulator.stop()


async def test_an_opened_checkout_has_a_page_and_is_unpaid(rail: Rail) -> None:
    request = rail.request()
    opened = await rail.processor.open_checkout(request)
    state = await rail.processor.checkout_state(rail.merchant, opened.session_id)
    assert opened.url.startswith("http")
    assert opened.expires_at == request.expires_at.replace(microsecond=0)
    assert (state.status, state.payment_status, state.amount_cents) == ("open", "unpaid", 0)
    assert state.reference == request.reference


async def test_the_same_key_opens_the_same_checkout(rail: Rail) -> None:
    request = rail.request()
    first = await rail.processor.open_checkout(request)
    assert await rail.processor.open_checkout(request) == first


async def test_another_key_opens_another_checkout(rail: Rail) -> None:
    first = await rail.processor.open_checkout(rail.request())
    assert (await rail.processor.open_checkout(rail.request())).session_id != first.session_id


async def test_one_key_for_two_amounts_is_refused(rail: Rail) -> None:
    request = rail.request()
    await rail.processor.open_checkout(request)
    with pytest.raises(ProcessorRefused, match="idempotency_key_reused"):
        await rail.processor.open_checkout(msgspec.structs.replace(request, amount_cents=9900))


async def test_an_expired_checkout_stays_expired(rail: Rail) -> None:
    opened = await rail.processor.open_checkout(rail.request())
    expired = await rail.processor.expire_checkout(rail.merchant, opened.session_id)
    assert (expired.status, expired.payment_status) == ("expired", "unpaid")
    assert await rail.processor.expire_checkout(rail.merchant, opened.session_id) == expired


async def test_an_unknown_checkout_is_refused(rail: Rail) -> None:
    with pytest.raises(ProcessorRefused, match="resource_missing"):
        await rail.processor.checkout_state(rail.merchant, "cs_test_nothing")


async def test_an_account_that_is_not_ours_is_refused(rail: Rail) -> None:
    with pytest.raises(ProcessorRefused, match="account_invalid"):
        await rail.processor.open_checkout(rail.request(merchant_account="acct_no"))


async def test_an_amount_below_the_least_charge_is_refused(rail: Rail) -> None:
    with pytest.raises(ProcessorRefused, match="amount_too_small"):
        await rail.processor.open_checkout(rail.request(amount_cents=49))


@pytest.mark.parametrize("ahead", [timedelta(minutes=10), timedelta(hours=25)])
async def test_a_checkout_lives_thirty_minutes_to_a_day(rail: Rail, ahead: timedelta) -> None:
    with pytest.raises(ProcessorRefused):
        await rail.processor.open_checkout(rail.request(expires_at=datetime.now(UTC) + ahead))


async def test_a_wrong_key_is_refused(rail: Rail) -> None:
    stranger = StripeProcessor("sk_test_wrong", ("whsec_any",), rail.base_address)
    with pytest.raises(ProcessorRefused, match="key_refused"):
        await stranger.open_checkout(rail.request())
    await stranger.close()
