"""The card processor as patient billing needs it: a rail that moves money and knows nobody's care."""

from datetime import datetime
from typing import Literal, Protocol, get_args

import msgspec

NeutralDescription = Literal["Account balance", "Account prepayment", "Payment plan instalment"]
"""All that a processor, a bank or a card statement may ever read about why somebody pays."""

NEUTRAL_DESCRIPTIONS: frozenset[str] = frozenset(get_args(NeutralDescription))

EventKind = Literal["checkout_completed", "checkout_expired", "payment_succeeded", "payment_failed", "other"]


class CheckoutRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One attempt to take `amount_cents` on the processor's own page.

    `idempotency_key` derives from the attempt's row, so a repeated call opens no second checkout.
    `expires_at` lies 30 minutes to 24 hours ahead by the processor's clock.
    """

    merchant_account: str
    amount_cents: int
    reference: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    idempotency_key: str
    currency: Literal["usd"] = "usd"
    description: NeutralDescription = "Account balance"


class CheckoutOpened(msgspec.Struct, frozen=True, kw_only=True):
    """The processor's page is ready at `url` until `expires_at`."""

    session_id: str
    url: str
    expires_at: datetime


class CheckoutState(msgspec.Struct, frozen=True, kw_only=True):
    """What the processor says now; `amount_cents` is what was captured, so zero until it is paid."""

    session_id: str
    status: Literal["open", "complete", "expired"]
    payment_status: Literal["paid", "unpaid"]
    amount_cents: int
    payment_reference: str | None
    reference: str | None


class ProcessorEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A genuine notice that something changed; it is read for its ids only and the object read afresh.

    `vendor_kind` is the processor's own word, kept so that an ignored event can be replayed later.
    """

    event_id: str
    kind: EventKind
    vendor_kind: str
    merchant_account: str
    object_id: str
    created_at: datetime


class ProcessorUnavailable(Exception):
    """No answer, or none that counts: the outcome is unknown, the same idempotency key is safe to repeat."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ProcessorRefused(Exception):
    """The processor (or our own guard before it) said no; repeating the same request will not help.

    `code` is the processor's stable code, `request_id` its opaque trace, empty when nothing was sent.
    """

    def __init__(self, code: str, *, request_id: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.request_id = request_id


WebhookRefusal = Literal[
    "signature_missing", "signature_invalid", "signature_stale", "signature_ahead", "malformed", "no_merchant"
]


class WebhookRefused(Exception):
    """The notice is not proven to come from the processor; nothing of it may be stored."""

    def __init__(self, reason: WebhookRefusal) -> None:
        super().__init__(reason)
        self.reason: WebhookRefusal = reason


class CardProcessor(Protocol):
    """Takes card payments on behalf of a practice, which is the merchant; ids are opaque strings."""

    async def open_checkout(self, request: CheckoutRequest) -> CheckoutOpened:
        """Open the processor's page; raises ProcessorUnavailable or ProcessorRefused."""
        ...

    async def checkout_state(self, merchant_account: str, session_id: str) -> CheckoutState:
        """Read a checkout afresh; raises ProcessorUnavailable or ProcessorRefused."""
        ...

    async def expire_checkout(self, merchant_account: str, session_id: str) -> CheckoutState:
        """Close an open checkout so that nobody can pay it; a completed one answers as it is.

        Raises ProcessorUnavailable or ProcessorRefused.
        """
        ...

    async def close(self) -> None:
        """Give back the connections of the running event loop."""
        ...

    def verify_webhook(self, body: bytes, signature: str, now: datetime) -> ProcessorEvent:
        """Prove the raw `body` by its signature header within 300 seconds of `now`; raises WebhookRefused."""
        ...
