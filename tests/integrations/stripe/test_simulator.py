"""The double itself: as strict as the SDK's types, as forgetful as Stripe, and its answers whole."""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
import stripe
from stripe.checkout import Session
from stripe.params.checkout import SessionCreateParams

from integrations.stripe import StripeProcessor
from integrations.stripe.simulator import StripeSimulator
from integrations.stripe.simulator.forms import nested
from integrations.stripe.simulator.parameters import checked
from integrations.stripe.simulator.refusals import StripeRefusal
from tests.integrations.stripe.conftest import MERCHANT, OTHER_MERCHANT, checkout_request

GOOD = {
    "mode": "payment",
    "success_url": "https://pay.example.test/done",
    "line_items[0][quantity]": "1",
    "line_items[0][price_data][currency]": "usd",
    "line_items[0][price_data][unit_amount]": "4217",
    "line_items[0][price_data][product_data][name]": "Account balance",
}


async def ask(
    simulator: StripeSimulator,
    form: dict[str, str] | None = None,
    path: str = "/v1/checkout/sessions",
    **headers: str,
) -> httpx.Response:
    """One raw API request, POST when there is a form."""
    named = {"authorization": f"Bearer {simulator.secret_key}", "stripe-account": MERCHANT}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient(base_url=simulator.base_url, headers=named) as client:
        return await (client.get(path) if form is None else client.post(path, data=form))


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        (
            {"payment_method_types[0]": "card"},
            "payment_method_types_no_longer_supported",
            "payment_method_types",
        ),
        ({"patient_name": "x"}, "parameter_unknown", "patient_name"),
        ({"idempotency_key": "x"}, "parameter_unknown", "idempotency_key"),
        ({"line_items[0][colour]": "x"}, "parameter_unknown", "line_items[0][colour]"),
        ({"line_items[0][quantity]": "many"}, "parameter_invalid_integer", "line_items[0][quantity]"),
        (
            {"line_items[0][price_data][currency]": None},
            "parameter_missing",
            "line_items[0][price_data][currency]",
        ),
        (
            {"line_items[0][price_data][unit_amount]": None},
            "parameter_missing",
            "line_items[0][price_data][unit_amount]",
        ),
        ({"mode": "gift"}, "parameter_invalid", "mode"),
        ({"mode[x]": "payment", "mode": None}, "parameter_invalid", "mode"),
        ({"adaptive_pricing[enabled]": "maybe"}, "parameter_invalid", "adaptive_pricing[enabled]"),
        ({"metadata": "x"}, "parameter_invalid", "metadata"),
        ({"metadata[k]": "x" * 501}, "parameter_invalid", "metadata"),
        ({"success_url": None}, "parameter_missing", "success_url"),
        ({"success_url": "pay"}, "url_invalid", "success_url"),
        (
            {"payment_intent_data[statement_descriptor_suffix]": "*****"},
            "parameter_invalid",
            "payment_intent_data[statement_descriptor_suffix]",
        ),
    ],
)
async def test_a_wrong_parameter_is_refused_by_name(
    simulator: StripeSimulator, changes: dict[str, str | None], code: str, param: str
) -> None:
    form = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    reply = await ask(simulator, form)
    error = reply.json()["error"]
    assert reply.status_code == 400
    assert (error["type"], error["code"], error["param"]) == ("invalid_request_error", code, param)
    assert simulator.world.memory.of_kind("checkout.session") == []


@pytest.mark.parametrize("value", ["x", "1", {"k": "x"}, ["x"], [{"k": "x"}], {"k": ["x"]}])
def test_every_parameter_type_of_the_sdk_is_understood(value: Any) -> None:
    for name in SessionCreateParams.__annotations__.keys() - stripe.RequestOptions.__annotations__.keys():
        with contextlib.suppress(StripeRefusal):
            checked({name: value}, SessionCreateParams)


@pytest.mark.parametrize("body", [b"a=1&a[b]=2", b"a[b]=2&a=1", b"a b=1", b"a=%ff"])
def test_a_form_that_does_not_nest_is_refused(body: bytes) -> None:
    with pytest.raises(StripeRefusal):
        nested(body)


def test_forms_nest_into_lists_and_dictionaries() -> None:
    assert nested(b"a[1][x]=2&a[0][x]=1&b[c]=d%20e&f[]=g") == {
        "a": [{"x": "1"}, {"x": "2"}],
        "b": {"c": "d e"},
        "f": ["g"],
    }


async def test_a_repeated_key_is_replayed_and_said_so(simulator: StripeSimulator) -> None:
    first = await ask(simulator, GOOD, idempotency_key="k")
    again = await ask(simulator, dict(reversed(GOOD.items())), idempotency_key="k")
    assert again.json() == first.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_refused_request_does_not_use_up_its_key(simulator: StripeSimulator) -> None:
    refused = await ask(simulator, {**GOOD, "patient": "x"}, idempotency_key="k")
    accepted = await ask(simulator, GOOD, idempotency_key="k")
    assert (refused.status_code, accepted.status_code) == (400, 200)


async def test_keys_are_forgotten_after_a_day(simulator: StripeSimulator) -> None:
    first = await ask(simulator, GOOD, idempotency_key="k")
    simulator.world.now = lambda: datetime.now(UTC) + timedelta(hours=25)
    assert (await ask(simulator, GOOD, idempotency_key="k")).json()["id"] != first.json()["id"]


async def test_accounts_share_neither_objects_nor_keys(simulator: StripeSimulator) -> None:
    mine = await ask(simulator, GOOD, idempotency_key="k")
    theirs = await ask(simulator, GOOD, idempotency_key="k", stripe_account=OTHER_MERCHANT)
    assert mine.json()["id"] != theirs.json()["id"]
    path = f"/v1/checkout/sessions/{mine.json()['id']}"
    assert (await ask(simulator, path=path)).status_code == 200
    assert (await ask(simulator, path=path, stripe_account=OTHER_MERCHANT)).status_code == 404


async def test_every_field_of_the_sdk_is_there_and_no_other(
    simulator: StripeSimulator, processor: StripeProcessor
) -> None:
    opened = await processor.open_checkout(checkout_request())
    await simulator.pay(opened.url)
    session = (await ask(simulator, path=f"/v1/checkout/sessions/{opened.session_id}")).json()
    intent = (await ask(simulator, path=f"/v1/payment_intents/{session['payment_intent']}")).json()
    event_id = simulator.undelivered()[0].event_id
    event = (await ask(simulator, path=f"/v1/events/{event_id}")).json()
    for thing, shape in ((session, Session), (intent, stripe.PaymentIntent), (event, stripe.Event)):
        assert_shaped(thing, shape)
    assert (intent["amount_received"], intent["statement_descriptor_suffix"]) == (4217, "BALANCE")
    assert event["data"]["object"]["id"] == intent["id"]


def assert_shaped(thing: dict[str, Any], shape: type[stripe.StripeObject]) -> None:
    """Each declared field is present, of its plain type where it has one, and null only where it may be."""
    hints = {name: hint for name, hint in shape.__annotations__.items() if not name.isupper()}
    assert set(thing) == set(hints)
    for name, hint in hints.items():
        if thing[name] is None:
            assert type(None) in get_args(hint), name
        if hint in {str, int, bool}:
            assert type(thing[name]) is hint, name


async def test_an_event_tells_what_was_and_not_what_is(
    simulator: StripeSimulator, processor: StripeProcessor
) -> None:
    opened = await processor.open_checkout(checkout_request())
    await simulator.pay(opened.url, "4000000000009995")
    failed = simulator.undelivered()[0]
    await simulator.pay(opened.url)
    told = json.loads(simulator.signed_event(failed.event_id).body)["data"]["object"]
    assert told["last_payment_error"]["decline_code"] == "insufficient_funds"
    assert told["status"] == "requires_payment_method"


async def test_a_restart_remembers(tmp_path: Path) -> None:
    path = tmp_path / "stripe" / "state.json"
    request = checkout_request()
    first = StripeSimulator(secret_key="sk_test_kept", state_path=path)
    await first.start()
    adapter = StripeProcessor("sk_test_kept", ("whsec_a",), first.base_url)
    opened = await adapter.open_checkout(request)
    await adapter.close()
    await first.stop()
    await first.stop()
    second = StripeSimulator(secret_key="sk_test_kept", state_path=path)
    await second.start()
    adapter = StripeProcessor("sk_test_kept", ("whsec_a",), second.base_url)
    assert (await adapter.open_checkout(request)).session_id == opened.session_id
    await second.stop()
    await adapter.close()


async def test_a_taken_port_is_said_at_once(simulator: StripeSimulator) -> None:
    port = int(simulator.base_url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"):
        await StripeSimulator().start(port=port)


async def control(simulator: StripeSimulator, path: str, body: Any, key: str = "") -> httpx.Response:
    """One request to the test controls."""
    headers = {"authorization": f"Bearer {key or simulator.secret_key}"}
    async with httpx.AsyncClient(base_url=simulator.base_url, headers=headers) as client:
        return await (client.get(path) if body is None else client.post(path, json=body))


async def test_another_process_can_plan_faults_and_order_deliveries(simulator: StripeSimulator) -> None:
    planned = await control(simulator, "/_control/faults", {"fault": "error_before", "times": 1})
    held = await control(simulator, "/_control/webhooks", {"mode": "hold"})
    assert (planned.status_code, held.json()) == (200, {"undelivered": []})
    assert (await ask(simulator, GOOD)).status_code == 500
    session = (await ask(simulator, GOOD)).json()
    await simulator.pay(session["url"])
    events = (await control(simulator, "/_control/events", None)).json()["events"]
    ordered = await control(simulator, "/_control/deliveries", {"event_ids": [events[0]["id"]] * 2})
    assert ordered.json() == {"statuses": [0, 0]}


async def test_the_controls_need_the_key_and_known_words(simulator: StripeSimulator) -> None:
    body = {"fault": "error_before"}
    assert (await control(simulator, "/_control/faults", body, key="x")).status_code == 401
    assert (await control(simulator, "/_control/faults", {"fault": "flood"})).status_code == 400
    assert (await control(simulator, "/_control/elsewhere", body)).status_code == 404
    assert (await ask(simulator, path="/v1/customers")).status_code == 404
