"""Turns what the SDK raises into the port's two answers: not now, or no."""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from domain.patient_billing.ports import ProcessorRefused, ProcessorUnavailable


@contextmanager
def port_errors() -> Iterator[None]:
    """Translate Stripe's errors; the cause is cut off, as it carries the bodies that went over the wire."""
    try:
        yield
    except stripe.StripeError as error:
        raise _translated(error) from None


def _translated(error: stripe.StripeError) -> ProcessorRefused | ProcessorUnavailable:
    if isinstance(error, stripe.APIConnectionError):
        return ProcessorUnavailable("no_answer")
    if isinstance(error, stripe.RateLimitError):
        return ProcessorUnavailable("rate_limited")
    if error.http_status == 409:
        return ProcessorUnavailable("still_running")
    if isinstance(error, stripe.APIError):
        return ProcessorUnavailable("processor_failed")
    return ProcessorRefused(_code(error), request_id=error.request_id or "")


def _code(error: stripe.StripeError) -> str:
    if isinstance(error, stripe.AuthenticationError):
        return "key_refused"
    if isinstance(error, stripe.IdempotencyError):
        return "idempotency_key_reused"
    detail = error.error
    return (detail.code or detail.type if detail is not None else None) or "refused"
