"""Carries the SDK's requests over httpx; the SDK's own client hands httpx text in a way it deprecates."""

import asyncio
from collections.abc import Mapping

import httpx
import stripe


class StripeTransport(stripe.HTTPClient):
    """One pool of connections for one event loop; `direct` ignores the machine's proxies (loopback)."""

    name = "httpx"

    def __init__(self, timeout_seconds: float, *, direct: bool) -> None:
        super().__init__()
        self._pool = httpx.AsyncClient(timeout=timeout_seconds, trust_env=not direct)

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | None = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Send once; raises stripe.APIConnectionError, after which the SDK may repeat with the same key."""
        try:
            reply = await self._pool.request(method, url, headers=headers, content=post_data)
        except httpx.HTTPError as error:
            failure = type(error).__name__
            raise stripe.APIConnectionError(f"no answer: {failure}", should_retry=True) from None  # type: ignore[no-untyped-call]
        return reply.content, reply.status_code, reply.headers

    async def sleep_async(self, secs: float) -> None:
        """Wait between two tries."""
        await asyncio.sleep(secs)

    async def close_async(self) -> None:
        """Close the pool's connections."""
        await self._pool.aclose()
