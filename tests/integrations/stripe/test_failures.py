"""When Stripe fails: whatever happened to the answer, one key makes one checkout (MON-05)."""

import asyncio

import pytest

from domain.patient_billing.ports import ProcessorUnavailable
from integrations.stripe import StripeProcessor
from integrations.stripe.simulator import StripeSimulator
from integrations.stripe.simulator.faults import Fault
from tests.integrations.stripe.conftest import checkout_request


def sessions(simulator: StripeSimulator) -> list[str]:
    """The ids of all sessions that came into being."""
    return [session["id"] for _, session in simulator.world.memory.of_kind("checkout.session")]


@pytest.mark.parametrize("fault", ["error_before", "error_after_unsaved", "rate_limited"])
async def test_a_failed_call_is_repeated_with_its_key(
    simulator: StripeSimulator, processor: StripeProcessor, fault: Fault
) -> None:
    request = checkout_request()
    simulator.fail_next(fault, path="/v1/checkout/sessions")
    with pytest.raises(ProcessorUnavailable):
        await processor.open_checkout(request)
    opened = await processor.open_checkout(request)
    assert sessions(simulator) == [opened.session_id]


async def test_a_saved_failure_is_replayed_and_opens_no_second_checkout(
    simulator: StripeSimulator, processor: StripeProcessor
) -> None:
    request = checkout_request()
    simulator.fail_next("error_after")
    for _ in range(3):
        with pytest.raises(ProcessorUnavailable, match="processor_failed"):
            await processor.open_checkout(request)
    assert len(sessions(simulator)) == 1
    assert (await processor.open_checkout(checkout_request())).session_id not in sessions(simulator)[:1]


async def test_an_answer_that_never_comes_is_unavailable_and_safe_to_repeat(
    simulator: StripeSimulator,
) -> None:
    hurried = StripeProcessor(
        simulator.secret_key, ("whsec_a",), simulator.base_url, timeout_seconds=0.4, automatic_retries=0
    )
    request = checkout_request()
    simulator.fail_next("hang_after")
    with pytest.raises(ProcessorUnavailable, match="no_answer"):
        await hurried.open_checkout(request)
    opened = await hurried.open_checkout(request)
    await hurried.close()
    assert sessions(simulator) == [opened.session_id]


@pytest.mark.parametrize("fault", ["error_before", "error_after_unsaved", "hang_after"])
async def test_the_sdk_repeats_by_itself_with_the_same_key(simulator: StripeSimulator, fault: Fault) -> None:
    patient = StripeProcessor(
        simulator.secret_key, ("whsec_a",), simulator.base_url, timeout_seconds=0.4, automatic_retries=2
    )
    simulator.fail_next(fault)
    opened = await patient.open_checkout(checkout_request())
    await patient.close()
    assert sessions(simulator) == [opened.session_id]
    assert len({recorded.headers["idempotency-key"] for recorded in simulator.requests}) == 1


async def test_the_same_key_at_the_same_time_is_still_running(
    simulator: StripeSimulator, processor: StripeProcessor
) -> None:
    request = checkout_request()
    simulator.fail_next("slow")
    answers = await asyncio.gather(
        *(processor.open_checkout(request) for _ in range(5)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, ProcessorUnavailable)]
    assert [str(answer) for answer in refused] == ["still_running"] * 4
    assert len(sessions(simulator)) == 1


async def test_nobody_at_the_address_is_unavailable() -> None:
    lonely = StripeProcessor("sk_test", ("whsec_a",), "http://127.0.0.1:9", automatic_retries=0)
    with pytest.raises(ProcessorUnavailable, match="no_answer"):
        await lonely.open_checkout(checkout_request())
    await lonely.close()


def test_one_adapter_serves_two_event_loops() -> None:
    simulator = StripeSimulator()

    async def open_and_close(adapter: StripeProcessor) -> str:
        opened = await adapter.open_checkout(checkout_request())
        await adapter.close()
        return opened.session_id

    asyncio.run(simulator.start())
    adapter = StripeProcessor(simulator.secret_key, ("whsec_a",), simulator.base_url)
    first, second = asyncio.run(open_and_close(adapter)), asyncio.run(open_and_close(adapter))
    asyncio.run(simulator.stop())
    assert first != second
