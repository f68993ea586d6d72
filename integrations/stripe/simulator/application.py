"""The simulator as a plain ASGI application: the API, the hosted page and the test controls."""

import asyncio
import contextlib
from typing import Any

from integrations.stripe.simulator import control, endpoints, hosted_page
from integrations.stripe.simulator.checkout import expire_due_sessions
from integrations.stripe.simulator.deliveries import deliver_waiting
from integrations.stripe.simulator.messages import HttpReply, HttpRequest, json_reply, request_from
from integrations.stripe.simulator.world import StripeWorld

_HANG_SECONDS = 30.0
_DOORS = {"/v1/": endpoints.answer, "/c/pay/": hosted_page.answer, "/_control/": control.answer}


class StripeApplication:
    """Serves one world over ASGI."""

    def __init__(self, world: StripeWorld) -> None:
        self.world = world

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one HTTP request; webhooks follow after the answer has left."""
        request = request_from(scope, await _whole_body(receive))
        expire_due_sessions(self.world)
        reply = await self._reply(request)
        self.world.save()
        if reply.hangs:
            await _hang(receive)
            return
        await _send(send, reply)
        await deliver_waiting(self.world)

    async def _reply(self, request: HttpRequest) -> HttpReply:
        for prefix, answer in _DOORS.items():
            if request.path.startswith(prefix):
                return await answer(self.world, request)
        return json_reply(404, {"error": {"type": "invalid_request_error", "message": "No such page."}})


async def _whole_body(receive: Any) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def _hang(receive: Any) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_HANG_SECONDS):
            while (await receive())["type"] != "http.disconnect":
                pass


async def _send(send: Any, reply: HttpReply) -> None:
    headers = {"content-length": str(len(reply.body)), **reply.headers}
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": pairs})
    await send({"type": "http.response.body", "body": reply.body})
