"""A person on the processor's page: pays, is declined, turns back, comes too late."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from integrations.stripe import StripeProcessor
from integrations.stripe.simulator import StripeSimulator
from integrations.stripe.simulator.cards import DECLINED_CARD, INSUFFICIENT_FUNDS_CARD
from tests.integrations.stripe.conftest import MERCHANT, checkout_request


async def test_paying_captures_the_amount_and_leads_back(
    simulator: StripeSimulator, processor: StripeProcessor
) -> None:
    request = checkout_request()
    opened = await processor.open_checkout(request)
    assert await simulator.pay(opened.url) == request.success_url.replace(
        "{CHECKOUT_SESSION_ID}", opened.session_id
    )
    state = await processor.checkout_state(MERCHANT, opened.session_id)
    assert (state.status, state.payment_status, state.amount_cents) == ("complete", "paid", 4217)
    assert state.payment_reference is not None
    assert await processor.expire_checkout(MERCHANT, opened.session_id) == state


async def test_pressing_pay_twice_pays_once(simulator: StripeSimulator, processor: StripeProcessor) -> None:
    opened = await processor.open_checkout(checkout_request())
    assert await simulator.pay(opened.url) == await simulator.pay(opened.url)
    kinds = [webhook.kind for webhook in simulator.undelivered()]
    assert kinds == ["payment_intent.succeeded", "checkout.session.completed"]


@pytest.mark.parametrize("card", [DECLINED_CARD, INSUFFICIENT_FUNDS_CARD, "4242 4242 4242 4241", "Jo"])
async def test_a_refused_card_leaves_the_page_open_for_another(
    simulator: StripeSimulator, processor: StripeProcessor, card: str
) -> None:
    opened = await processor.open_checkout(checkout_request())
    assert await simulator.pay(opened.url, card) == ""
    state = await processor.checkout_state(MERCHANT, opened.session_id)
    assert (state.status, state.payment_status, state.amount_cents) == ("open", "unpaid", 0)
    assert await simulator.pay(opened.url) != ""
    assert (await processor.checkout_state(MERCHANT, opened.session_id)).payment_status == "paid"


async def test_the_page_names_the_sum_and_nothing_of_the_care(processor: StripeProcessor) -> None:
    opened = await processor.open_checkout(checkout_request(amount_cents=123456))
    async with httpx.AsyncClient() as browser:
        page = (await browser.get(opened.url)).text
        declined = await browser.post(opened.url, data={"action": "decline", "card": ""})
        turned_back = await browser.post(opened.url, data={"action": "cancel"})
    assert "Account balance" in page
    assert "$1,234.56" in page
    assert "<script" not in page
    assert 'role="alert"' in declined.text
    assert turned_back.headers["location"] == "https://pay.example.test/pay/tok3n"


async def test_an_expired_page_takes_no_money(simulator: StripeSimulator, processor: StripeProcessor) -> None:
    opened = await processor.open_checkout(checkout_request())
    simulator.world.now = lambda: datetime.now(UTC) + timedelta(hours=2)
    assert await simulator.pay(opened.url) == ""
    state = await processor.checkout_state(MERCHANT, opened.session_id)
    assert (state.status, state.payment_status) == ("expired", "unpaid")
    assert [webhook.kind for webhook in simulator.undelivered()] == ["checkout.session.expired"]


async def test_an_unknown_page_is_not_found(simulator: StripeSimulator) -> None:
    async with httpx.AsyncClient() as browser:
        assert (await browser.get(f"{simulator.base_url}/c/pay/cs_test_none")).status_code == 404
        assert (await browser.get(f"{simulator.base_url}/elsewhere")).status_code == 404
