"""Runs the simulator on a socket of this machine, in a thread and loop of its own."""

import asyncio
import contextlib
import secrets
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import httpx
import uvicorn

from integrations.stripe.simulator.application import StripeApplication
from integrations.stripe.simulator.cards import TEST_CARD
from integrations.stripe.simulator.deliveries import SignedWebhook, deliver, deliver_waiting, signed
from integrations.stripe.simulator.faults import Fault, PlannedFault
from integrations.stripe.simulator.world import RecordedRequest, StripeWorld, machine_time

_START_SECONDS = 10.0
_REDELIVER_SECONDS = 5.0


class StripeSimulator:
    """A Stripe of one's own: point the SDK at `base_url`, and webhooks at `webhook_url`.

    `state_path` keeps sessions, payments and undelivered events over a restart; `now` is this
    world's clock and no one else's. Keys are made up afresh unless given.
    """

    def __init__(
        self,
        *,
        secret_key: str | None = None,
        webhook_secret: str | None = None,
        webhook_url: str | None = None,
        state_path: Path | None = None,
        now: Callable[[], datetime] = machine_time,
    ) -> None:
        self.world = StripeWorld(
            secret_key=secret_key or f"sk_test_{secrets.token_hex(16)}",
            webhook_secret=webhook_secret or f"whsec_{secrets.token_hex(16)}",
            state_path=state_path,
            now=now,
        )
        self.world.webhook_url = webhook_url
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        """The address that stands for api.stripe.com; empty before the start."""
        return self.world.address

    @property
    def secret_key(self) -> str:
        """The only API key that is accepted."""
        return self.world.secret_key

    @property
    def webhook_secret(self) -> str:
        """The secret that signs webhooks."""
        return self.world.webhook_secret

    @property
    def webhook_url(self) -> str | None:
        """Where events are sent; None keeps them undelivered."""
        return self.world.webhook_url

    @webhook_url.setter
    def webhook_url(self, url: str | None) -> None:
        self.world.webhook_url = url

    @property
    def requests(self) -> list[RecordedRequest]:
        """Every API request so far, byte for byte."""
        return self.world.recorded

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen (port 0: any free one); raises OSError when the port is taken."""
        listener = socket.create_server((host, port))
        self.world.address = f"http://{host}:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            StripeApplication(self.world),
            lifespan="off",
            ws="none",
            log_config=None,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=_serve, args=(self._server, listener, self.world), name="stripe-simulator", daemon=True
        )
        self._thread.start()
        await asyncio.to_thread(_wait_until_started, self._server, self._thread)

    async def stop(self) -> None:
        """Stop listening and wait for the thread; safe to call twice."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            await asyncio.to_thread(self._thread.join)
        self._server = self._thread = None

    def fail_next(self, fault: Fault, *, path: str = "", times: int = 1) -> None:
        """The next `times` API requests whose path holds `path` meet the fault."""
        self.world.faults.plan(PlannedFault(fault=fault, path=path, times=times))

    def hold_webhooks(self) -> None:
        """Push nothing; events wait for `deliver`."""
        self.world.pushes_webhooks = False

    def push_webhooks(self) -> None:
        """Push events as they happen, those that wait included with the next request."""
        self.world.pushes_webhooks = True

    def undelivered(self) -> list[SignedWebhook]:
        """The events that no receiver has taken yet, oldest first, signed now."""
        return [signed(self.world, event_id) for event_id in list(self.world.memory.undelivered)]

    def signed_event(self, event_id: str) -> SignedWebhook:
        """One event, signed now; raises ResourceMissing for an unknown id."""
        return signed(self.world, event_id)

    async def deliver(self, event_ids: list[str]) -> list[int]:
        """Send these events to `webhook_url` in this order, repeats included; returns the statuses."""
        return await deliver(self.world, event_ids)

    async def pay(self, url: str, card: str = TEST_CARD) -> str:
        """Do what a person does on the hosted page at `url`; returns where they are sent, or nowhere.

        An empty answer means that the card was refused and the page is shown again.
        """
        async with httpx.AsyncClient(trust_env=False, timeout=20.0) as browser:
            reply = await browser.post(url, data={"action": "pay", "card": card})
        return str(reply.headers.get("location", ""))


def _serve(server: uvicorn.Server, listener: socket.socket, world: StripeWorld) -> None:
    with listener:
        asyncio.run(_serve_and_redeliver(server, listener, world))


async def _serve_and_redeliver(server: uvicorn.Server, listener: socket.socket, world: StripeWorld) -> None:
    redelivery = asyncio.create_task(_redeliver(world))
    try:
        await server.serve(sockets=[listener])
    finally:
        redelivery.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await redelivery


async def _redeliver(world: StripeWorld) -> None:
    while True:
        await deliver_waiting(world)
        await asyncio.sleep(_REDELIVER_SECONDS)


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the Stripe simulator did not start")
        time.sleep(0.01)
