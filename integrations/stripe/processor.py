"""The card processor on Stripe's own SDK: Checkout on the practice's connected account (direct charge)."""

import asyncio
from datetime import UTC, datetime
from typing import Literal, cast
from weakref import WeakKeyDictionary

import stripe
from stripe.checkout import Session

from domain.patient_billing.ports import (
    CheckoutOpened,
    CheckoutRequest,
    CheckoutState,
    ProcessorEvent,
    ProcessorRefused,
    ProcessorUnavailable,
)
from integrations.stripe import allow_list
from integrations.stripe.refusals import port_errors
from integrations.stripe.transport import StripeTransport
from integrations.stripe.webhooks import verified_event


class StripeProcessor:
    """Implements `CardProcessor`; `base_address` other than None points the SDK at a simulator.

    `webhook_secrets` are all accepted, so that a secret can be rotated with two of them live.
    """

    def __init__(
        self,
        secret_key: str,
        webhook_secrets: tuple[str, ...],
        base_address: str | None = None,
        timeout_seconds: float = 20.0,
        automatic_retries: int = 2,
    ) -> None:
        if not secret_key.strip():
            raise ValueError("the Stripe key is empty")
        if not webhook_secrets or not all(secret.strip() for secret in webhook_secrets):
            raise ValueError("a Stripe webhook secret is missing or empty")
        self._secret_key = secret_key
        self._webhook_secrets = webhook_secrets
        self._base_address = base_address
        self._timeout_seconds = timeout_seconds
        self._automatic_retries = automatic_retries
        # connections belong to the loop that made them, and tasks run on a loop of their own
        self._transports: WeakKeyDictionary[asyncio.AbstractEventLoop, StripeTransport] = WeakKeyDictionary()

    async def open_checkout(self, request: CheckoutRequest) -> CheckoutOpened:
        """Open a session; the same idempotency key opens it once, however often it is called."""
        params = allow_list.checkout_params(request)
        options: stripe.RequestOptions = {
            "stripe_account": allow_list.merchant(request.merchant_account),
            "idempotency_key": request.idempotency_key,
        }
        with port_errors():
            session = await self._client().v1.checkout.sessions.create_async(params, options)
        if session.url is None:
            # the answer to a repeated call may be of a session that ended meanwhile
            raise ProcessorRefused("checkout_not_open")
        return CheckoutOpened(
            session_id=session.id,
            url=session.url,
            expires_at=datetime.fromtimestamp(session.expires_at, UTC),
        )

    async def checkout_state(self, merchant_account: str, session_id: str) -> CheckoutState:
        """Read a session with its payment in one call; never answers from memory."""
        options: stripe.RequestOptions = {"stripe_account": allow_list.merchant(merchant_account)}
        with port_errors():
            session = await self._client().v1.checkout.sessions.retrieve_async(
                allow_list.session(session_id), {"expand": ["payment_intent"]}, options
            )
        return _state(session)

    async def expire_checkout(self, merchant_account: str, session_id: str) -> CheckoutState:
        """Close an open session; one that is already complete or expired answers as it is."""
        options: stripe.RequestOptions = {"stripe_account": allow_list.merchant(merchant_account)}
        try:
            with port_errors():
                session = await self._client().v1.checkout.sessions.expire_async(
                    allow_list.session(session_id), {"expand": ["payment_intent"]}, options
                )
        except ProcessorRefused:
            state = await self.checkout_state(merchant_account, session_id)
            if state.status == "open":
                raise
            return state
        return _state(session)

    def verify_webhook(self, body: bytes, signature: str, now: datetime) -> ProcessorEvent:
        """Prove the raw body and read its ids; raises WebhookRefused."""
        return verified_event(body, signature, self._webhook_secrets, now)

    async def close(self) -> None:
        """Close the connections that this event loop opened."""
        transport = self._transports.pop(asyncio.get_running_loop(), None)
        if transport is not None:
            await transport.close_async()

    def _client(self) -> stripe.StripeClient:
        loop = asyncio.get_running_loop()
        transport = self._transports.get(loop)
        if transport is None:
            transport = self._transports[loop] = StripeTransport(
                self._timeout_seconds, direct=self._base_address is not None
            )
        return stripe.StripeClient(
            self._secret_key,
            base_addresses={"api": self._base_address} if self._base_address else {},
            http_client=transport,
            max_network_retries=self._automatic_retries,
        )


def _state(session: Session) -> CheckoutState:
    intent = session.payment_intent
    if isinstance(intent, str):
        # expand was asked for; without the payment's own amount nothing may be posted
        raise ProcessorUnavailable("payment_not_expanded")
    paid = session.payment_status == "paid" and intent is not None
    if paid and session.currency != "usd":
        raise ProcessorRefused("currency_not_supported")
    return CheckoutState(
        session_id=session.id,
        status=cast(Literal["open", "complete", "expired"], session.status or "open"),
        payment_status="paid" if paid else "unpaid",
        amount_cents=intent.amount_received if paid and intent is not None else 0,
        payment_reference=intent.id if intent is not None else None,
        reference=session.client_reference_id,
    )
