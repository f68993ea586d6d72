"""Signs events and carries them to the visitor's webhook address: at least once, in no promised order."""

import hashlib
import hmac
from datetime import datetime

import httpx
import msgspec

from integrations.stripe.simulator.resources import Resource
from integrations.stripe.simulator.world import StripeWorld

_PATIENCE_SECONDS = 5.0


class SignedWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery: the exact bytes and the `Stripe-Signature` header that proves them."""

    event_id: str
    kind: str
    body: bytes
    signature: str


def signature_header(body: bytes, secret: str, signed_at: datetime) -> str:
    """Stripe's scheme v1: HMAC-SHA256 over the epoch seconds, a dot and the raw body."""
    stamp = int(signed_at.timestamp())
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


def signed(world: StripeWorld, event_id: str) -> SignedWebhook:
    """Sign a recorded event at this world's present; a repeated delivery is signed afresh."""
    event: Resource = world.memory.get(world.memory.account_of(event_id), event_id, "evt")
    body = msgspec.json.encode(event)
    return SignedWebhook(
        event_id=event_id,
        kind=event["type"],
        body=body,
        signature=signature_header(body, world.webhook_secret, world.now()),
    )


async def deliver(world: StripeWorld, event_ids: list[str]) -> list[int]:
    """Send the events in this order, repeats included; returns each status, 0 for no answer."""
    if world.webhook_url is None:
        return [0] * len(event_ids)
    async with httpx.AsyncClient(timeout=_PATIENCE_SECONDS, trust_env=False) as client:
        return [await _send(world, client, world.webhook_url, event_id) for event_id in event_ids]


async def deliver_waiting(world: StripeWorld) -> None:
    """Send what is not delivered yet, unless deliveries are held; what fails stays for the next time."""
    if world.pushes_webhooks and world.webhook_url and world.memory.undelivered:
        await deliver(world, list(world.memory.undelivered))
        world.save()


async def _send(world: StripeWorld, client: httpx.AsyncClient, url: str, event_id: str) -> int:
    webhook = signed(world, event_id)
    headers = {"content-type": "application/json; charset=utf-8", "stripe-signature": webhook.signature}
    try:
        status = (await client.post(url, content=webhook.body, headers=headers)).status_code
    except httpx.HTTPError:
        return 0
    if 200 <= status < 300 and event_id in world.memory.undelivered:
        world.memory.undelivered.remove(event_id)
    return status
