"""Proves that a webhook is Stripe's: raw bytes, several live secrets, 300 seconds either way (MON-06)."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import stripe

from domain.patient_billing.ports import EventKind, ProcessorEvent, WebhookRefused

TOLERANCE_SECONDS = 300

_YEAR_9999 = 253_402_300_799
_TIMESTAMP = re.compile(r"t=([0-9]{1,11})")

# the object is read afresh whatever the event says, so late outcomes need no kind of their own
_KINDS: dict[str, EventKind] = {
    "checkout.session.completed": "checkout_completed",
    "checkout.session.async_payment_succeeded": "checkout_completed",
    "checkout.session.async_payment_failed": "checkout_completed",
    "checkout.session.expired": "checkout_expired",
    "payment_intent.succeeded": "payment_succeeded",
    "payment_intent.payment_failed": "payment_failed",
}


class _Subject(msgspec.Struct, frozen=True):
    id: str = ""


class _Data(msgspec.Struct, frozen=True):
    object: _Subject


class _Notice(msgspec.Struct, frozen=True):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    type: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    created: Annotated[int, msgspec.Meta(ge=0, le=_YEAR_9999)]
    data: _Data
    account: str | None = None


def verified_event(body: bytes, signature: str, secrets: Sequence[str], now: datetime) -> ProcessorEvent:
    """Read the event only after its signature holds; raises WebhookRefused with the reason."""
    if not signature:
        raise WebhookRefused("signature_missing")
    signed_at = _signed_at(signature)
    if not any(_signed_with(secret, body, signature) for secret in secrets):
        raise WebhookRefused("signature_invalid")
    age_seconds = now.timestamp() - signed_at
    if age_seconds > TOLERANCE_SECONDS:
        raise WebhookRefused("signature_stale")
    if age_seconds < -TOLERANCE_SECONDS:
        raise WebhookRefused("signature_ahead")
    return _event(body)


def _signed_at(signature: str) -> int:
    # two timestamps would let the signed one and the one that is aged differ
    stamps = [part for part in signature.split(",") if part.startswith("t=")]
    stamp = _TIMESTAMP.fullmatch(stamps[0]) if len(stamps) == 1 else None
    if stamp is None or not signature.isascii():
        raise WebhookRefused("signature_invalid")
    return int(stamp.group(1))


def _signed_with(secret: str, body: bytes, signature: str) -> bool:
    if not secret.strip():
        return False
    try:
        # age is judged above against the caller's clock; the SDK would ask the machine's
        stripe.WebhookSignature.verify_header(body, signature, secret, tolerance=None)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
    return True


def _event(body: bytes) -> ProcessorEvent:
    try:
        notice = msgspec.json.decode(body, type=_Notice)
    except msgspec.MsgspecError:
        raise WebhookRefused("malformed") from None
    if not notice.account:
        # the merchant is known by the connected account alone, never by metadata
        raise WebhookRefused("no_merchant")
    return ProcessorEvent(
        event_id=notice.id,
        kind=_KINDS.get(notice.type, "other"),
        vendor_kind=notice.type,
        merchant_account=notice.account,
        object_id=notice.data.object.id,
        created_at=datetime.fromtimestamp(notice.created, UTC),
    )
