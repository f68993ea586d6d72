"""Lets a test in another process plan faults, hold and repeat webhooks, and read what was recorded."""

from typing import Any, Literal

import msgspec

from integrations.stripe.simulator.deliveries import deliver
from integrations.stripe.simulator.faults import PlannedFault
from integrations.stripe.simulator.messages import HttpReply, HttpRequest, json_reply
from integrations.stripe.simulator.world import StripeWorld


class DeliveryOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Send these events now, in this order; an id that is named twice is sent twice."""

    event_ids: list[str]


class DeliveryMode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether events are pushed as they happen or held until they are ordered."""

    mode: Literal["push", "hold"]


async def answer(world: StripeWorld, request: HttpRequest) -> HttpReply:
    """Serve `/_control/faults`, `/_control/webhooks`, `/_control/deliveries` and `/_control/events`."""
    if request.headers.get("authorization") != f"Bearer {world.secret_key}":
        return json_reply(401, {"error": "key refused"})
    handler = _HANDLERS.get((request.method, request.path))
    if handler is None:
        return json_reply(404, {"error": "no such control"})
    try:
        return json_reply(200, await handler(world, request.body))
    except msgspec.MsgspecError as error:
        return json_reply(400, {"error": str(error)})


async def _plan_fault(world: StripeWorld, body: bytes) -> Any:
    planned = msgspec.json.decode(body, type=PlannedFault)
    world.faults.plan(planned)
    return planned


async def _set_mode(world: StripeWorld, body: bytes) -> Any:
    world.pushes_webhooks = msgspec.json.decode(body, type=DeliveryMode).mode == "push"
    return {"undelivered": world.memory.undelivered}


async def _deliver(world: StripeWorld, body: bytes) -> Any:
    order = msgspec.json.decode(body, type=DeliveryOrder)
    return {"statuses": await deliver(world, order.event_ids)}


async def _list_events(world: StripeWorld, _: bytes) -> Any:
    return {"events": [event for _, event in world.memory.of_kind("event")]}


_HANDLERS = {
    ("POST", "/_control/faults"): _plan_fault,
    ("POST", "/_control/webhooks"): _set_mode,
    ("POST", "/_control/deliveries"): _deliver,
    ("GET", "/_control/events"): _list_events,
}
