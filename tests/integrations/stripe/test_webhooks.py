"""A webhook counts only when its raw bytes are proven, now, by a secret that is live (MON-06)."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from domain.patient_billing.ports import WebhookRefused
from integrations.stripe import StripeProcessor
from integrations.stripe.simulator import StripeSimulator
from integrations.stripe.simulator.deliveries import SignedWebhook, signature_header
from integrations.stripe.webhooks import verified_event
from tests.integrations.stripe.conftest import MERCHANT, checkout_request

SECRET = "whsec_live"
NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "checkout.session.completed",
    "account": MERCHANT,
    "created": int(NOW.timestamp()),
    "data": {"object": {"id": "cs_1", "metadata": {"practice": "somebody-else"}}},
}
BODY = json.dumps(EVENT).encode()


def refusal_of(body: bytes, signature: str, secrets: tuple[str, ...] = (SECRET,), now: datetime = NOW) -> str:
    """Why the webhook is refused; fails when it is not."""
    with pytest.raises(WebhookRefused) as refusal:
        verified_event(body, signature, secrets, now)
    assert refusal.value.__cause__ is None
    return refusal.value.reason


def test_a_genuine_event_names_its_merchant_by_account_alone() -> None:
    event = verified_event(BODY, signature_header(BODY, SECRET, NOW), (SECRET,), NOW)
    assert (event.event_id, event.kind, event.object_id) == ("evt_1", "checkout_completed", "cs_1")
    assert (event.merchant_account, event.created_at) == (MERCHANT, NOW)
    assert event.vendor_kind == "checkout.session.completed"


def test_the_simulator_signs_as_the_sdk_does() -> None:
    oracle = stripe.WebhookSignature.generate_signature_header(BODY.decode(), SECRET, int(NOW.timestamp()))
    assert signature_header(BODY, SECRET, NOW) == oracle


GOOD = signature_header(BODY, SECRET, NOW)


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        ("", "signature_missing"),
        ("nonsense", "signature_invalid"),
        (GOOD[:-1], "signature_invalid"),
        (GOOD.replace("v1=", "v0="), "signature_invalid"),
        (GOOD.split(",")[0], "signature_invalid"),
        (GOOD.split(",")[1], "signature_invalid"),
        (f"t={int(NOW.timestamp()) + 1},{GOOD.split(',')[1]}", "signature_invalid"),
        (f"t={int(NOW.timestamp())},{GOOD}", "signature_invalid"),
        (f"{GOOD},v1=é", "signature_invalid"),
        ("t=-1,v1=00", "signature_invalid"),
        (f"t={'9' * 5000},v1=00", "signature_invalid"),
        (signature_header(BODY, "whsec_other", NOW), "signature_invalid"),
        (signature_header(BODY, "", NOW), "signature_invalid"),
        (signature_header(BODY, SECRET, NOW - timedelta(seconds=301)), "signature_stale"),
        (signature_header(BODY, SECRET, NOW + timedelta(seconds=301)), "signature_ahead"),
    ],
)
def test_a_signature_that_proves_nothing_is_refused(signature: str, reason: str) -> None:
    assert refusal_of(BODY, signature) == reason


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_five_minutes_either_way_are_near_enough(seconds: int) -> None:
    signature = signature_header(BODY, SECRET, NOW + timedelta(seconds=seconds))
    assert verified_event(BODY, signature, (SECRET,), NOW).event_id == "evt_1"


def test_the_same_json_in_other_bytes_is_refused() -> None:
    assert refusal_of(json.dumps(EVENT, separators=(",", ":")).encode(), GOOD) == "signature_invalid"
    assert refusal_of(BODY + b"\n", GOOD) == "signature_invalid"
    assert refusal_of(b"", GOOD) == "signature_invalid"


@given(place=st.integers(0, len(BODY) - 1), flip=st.integers(1, 255))
def test_any_changed_byte_is_refused(place: int, flip: int) -> None:
    changed = BODY[:place] + bytes([BODY[place] ^ flip]) + BODY[place + 1 :]
    assert refusal_of(changed, GOOD) == "signature_invalid"


def test_two_secrets_live_while_one_is_rotated_out() -> None:
    for secret in ("whsec_old", "whsec_new"):
        signature = signature_header(BODY, secret, NOW)
        assert verified_event(BODY, signature, ("whsec_old", "whsec_new"), NOW).event_id == "evt_1"
    retired = signature_header(BODY, "whsec_old", NOW)
    assert refusal_of(BODY, retired, ("whsec_new",)) == "signature_invalid"


@pytest.mark.parametrize("secrets", [(), ("",), (" ",), ("\t", "")])
def test_an_empty_secret_never_proves_anything(secrets: tuple[str, ...]) -> None:
    for forged in ("", " ", "\t"):
        assert refusal_of(BODY, signature_header(BODY, forged, NOW), secrets) == "signature_invalid"
    with pytest.raises(ValueError, match="webhook secret"):
        StripeProcessor("sk_test", secrets)


def test_an_empty_key_is_no_key() -> None:
    with pytest.raises(ValueError, match="key is empty"):
        StripeProcessor(" ", (SECRET,))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"not json", "malformed"),
        (b"[]", "malformed"),
        (b"{}", "malformed"),
        (json.dumps({**EVENT, "id": ""}).encode(), "malformed"),
        (json.dumps({**EVENT, "created": 10**15}).encode(), "malformed"),
        (json.dumps({**EVENT, "data": None}).encode(), "malformed"),
        (json.dumps({**EVENT, "account": None}).encode(), "no_merchant"),
        ("\ud800".encode("utf-8", "surrogatepass"), "signature_invalid"),
    ],
)
def test_signed_bytes_that_are_no_event_are_refused(body: bytes, reason: str) -> None:
    assert refusal_of(body, signature_header(body, SECRET, NOW)) == reason


def test_a_kind_nobody_handles_yet_is_kept_under_its_own_name() -> None:
    body = json.dumps({**EVENT, "type": "charge.dispute.created"}).encode()
    event = verified_event(body, signature_header(body, SECRET, NOW), (SECRET,), NOW)
    assert (event.kind, event.vendor_kind) == ("other", "charge.dispute.created")


async def test_what_the_simulator_signs_the_adapter_believes(
    simulator: StripeSimulator, processor: StripeProcessor
) -> None:
    opened = await processor.open_checkout(checkout_request())
    await simulator.pay(opened.url)
    webhooks = simulator.undelivered()
    events = [verify(processor, webhook) for webhook in webhooks]
    assert [kind for kind, _ in events] == ["payment_succeeded", "checkout_completed"]
    assert events[-1] == ("checkout_completed", opened.session_id)


def verify(processor: StripeProcessor, webhook: SignedWebhook) -> tuple[str, str]:
    """The kind and object of a proven webhook."""
    event = processor.verify_webhook(webhook.body, webhook.signature, datetime.now(UTC))
    assert event.merchant_account == MERCHANT
    return event.kind, event.object_id


class Receiver:
    """A webhook address on loopback that notes what comes and answers as told."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bytes]] = []
        self.status = 200
        self.url = ""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
        body = await reader.readexactly(int(headers["content-length"]))
        self.seen.append((headers["stripe-signature"], body))
        writer.write(f"HTTP/1.1 {self.status} -\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    @property
    def kinds(self) -> list[str]:
        """The kinds of events in the order of their coming."""
        return [json.loads(body)["type"] for _, body in self.seen]


async def test_events_come_before_the_person_does_and_again_when_refused(
    simulator: StripeSimulator, processor: StripeProcessor
) -> None:
    receiver = Receiver()
    async with await asyncio.start_server(receiver, "127.0.0.1", 0) as server:
        simulator.webhook_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/webhooks"
        receiver.status = 500
        opened = await processor.open_checkout(checkout_request())
        await simulator.pay(opened.url)
        assert set(receiver.kinds) == {"payment_intent.succeeded", "checkout.session.completed"}
        assert len(simulator.undelivered()) == 2
        receiver.status = 200
        await processor.checkout_state(MERCHANT, opened.session_id)
        await eventually(lambda: not simulator.undelivered())
        assert receiver.kinds.count("checkout.session.completed") >= 2
        for signature, body in receiver.seen:
            assert processor.verify_webhook(body, signature, datetime.now(UTC)).merchant_account == MERCHANT


async def test_held_events_come_twice_and_backwards_when_ordered(
    simulator: StripeSimulator, processor: StripeProcessor
) -> None:
    receiver = Receiver()
    async with await asyncio.start_server(receiver, "127.0.0.1", 0) as server:
        simulator.webhook_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/webhooks"
        simulator.hold_webhooks()
        opened = await processor.open_checkout(checkout_request())
        await simulator.pay(opened.url)
        assert receiver.seen == []
        first, second = [webhook.event_id for webhook in simulator.undelivered()]
        assert await simulator.deliver([second, first, second]) == [200, 200, 200]
    assert [json.loads(body)["id"] for _, body in receiver.seen] == [second, first, second]
    assert simulator.undelivered() == []


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait until `holds()` is true; fails after five seconds."""
    for _ in range(250):
        if holds():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it never came true")
