"""Nothing but opaque ids and neutral words crosses to the processor (SEC-08, BEYOND-17)."""

from typing import Any

import msgspec
import pytest

from domain.patient_billing.ports import NEUTRAL_DESCRIPTIONS, ProcessorRefused
from integrations.stripe import StripeProcessor
from integrations.stripe.allow_list import ALLOWED_PARAMETERS, READ_PARAMETERS
from integrations.stripe.simulator import StripeSimulator
from tests.integrations.stripe.conftest import MERCHANT, checkout_request

CANARY = "Canary Jane Roe F84.0 97153"


async def test_every_call_carries_only_allowed_parameters(
    simulator: StripeSimulator, processor: StripeProcessor
) -> None:
    for description in sorted(NEUTRAL_DESCRIPTIONS):
        opened = await processor.open_checkout(checkout_request(description=description))
        await processor.checkout_state(MERCHANT, opened.session_id)
        await processor.expire_checkout(MERCHANT, opened.session_id)
    for recorded in simulator.requests:
        opens = recorded.path == "/v1/checkout/sessions"
        assert recorded.parameter_names == (ALLOWED_PARAMETERS if opens else READ_PARAMETERS)
        assert recorded.headers["stripe-account"] == MERCHANT


@pytest.mark.parametrize(
    "changes",
    [
        {"description": CANARY},
        {"reference": CANARY},
        {"reference": ""},
        {"reference": "jane@example.test"},
        {"idempotency_key": CANARY},
        {"success_url": f"https://pay.example.test/{CANARY}"},
        {"success_url": "https://pay.example.test/Canary%20Jane"},
        {"cancel_url": "https://pay.example.test/?name=Canary+Jane"},
        {"cancel_url": "https://jane:roe@pay.example.test/"},
        {"cancel_url": "javascript:alert(1)"},
        {"merchant_account": ""},
        {"merchant_account": CANARY},
        {"currency": "eur"},
        {"amount_cents": 0},
        {"amount_cents": -100},
    ],
)
async def test_a_doubtful_value_is_refused_before_anything_is_sent(
    simulator: StripeSimulator, processor: StripeProcessor, changes: dict[str, Any]
) -> None:
    with pytest.raises(ProcessorRefused) as refusal:
        await processor.open_checkout(checkout_request(**changes))
    assert simulator.requests == []
    assert CANARY not in str(refusal.value)


@pytest.mark.parametrize("session_id", ["", "../accounts", CANARY, "pi_123"])
async def test_what_is_no_session_id_is_never_sent(
    simulator: StripeSimulator, processor: StripeProcessor, session_id: str
) -> None:
    with pytest.raises(ProcessorRefused, match="session_id_invalid"):
        await processor.checkout_state(MERCHANT, session_id)
    with pytest.raises(ProcessorRefused, match="session_id_invalid"):
        await processor.expire_checkout(MERCHANT, session_id)
    assert simulator.requests == []


async def test_no_recorded_byte_tells_more_than_the_request(
    simulator: StripeSimulator, processor: StripeProcessor
) -> None:
    request = checkout_request()
    await processor.open_checkout(request)
    raw = simulator.requests[0].raw.decode()
    for word in ("customer", "email", "phone", "receipt", "description", "payment_method_types"):
        assert word not in raw
    assert request.reference in raw


def test_a_request_has_no_room_for_a_person() -> None:
    assert set(checkout_request().__struct_fields__) == {
        "merchant_account",
        "amount_cents",
        "reference",
        "success_url",
        "cancel_url",
        "expires_at",
        "idempotency_key",
        "currency",
        "description",
    }
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(
            {**msgspec.structs.asdict(checkout_request()), "patient_name": CANARY}, type(checkout_request())
        )
