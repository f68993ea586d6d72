"""The only values that may cross to Stripe, which signs no agreement to guard health data (SEC-08)."""

import re

from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItem

from domain.patient_billing.ports import NEUTRAL_DESCRIPTIONS, CheckoutRequest, ProcessorRefused

STATEMENT_SUFFIX = "BALANCE"
"""Follows the practice's own registered descriptor prefix on the cardholder's statement."""

ALLOWED_PARAMETERS: frozenset[str] = frozenset(
    {
        "adaptive_pricing[enabled]",
        "cancel_url",
        "client_reference_id",
        "expires_at",
        "line_items[0][price_data][currency]",
        "line_items[0][price_data][product_data][name]",
        "line_items[0][price_data][unit_amount]",
        "line_items[0][quantity]",
        "metadata[reference]",
        "mode",
        "payment_intent_data[metadata][reference]",
        "payment_intent_data[statement_descriptor_suffix]",
        "submit_type",
        "success_url",
    }
)
"""Every parameter name, as it is written on the wire, that a checkout may carry."""

READ_PARAMETERS: frozenset[str] = frozenset({"expand[0]"})
"""The parameter names that a read may carry."""

_OPAQUE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEY = re.compile(r"[A-Za-z0-9_:.-]{1,255}")
_MERCHANT = re.compile(r"acct_[A-Za-z0-9]{1,64}")
_SESSION = re.compile(r"cs_[A-Za-z0-9_]{1,120}")
# no blank, no percent escape, no free text: an address can name a link but cannot spell out a person
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9/_~.-]*)?(\?[A-Za-z0-9_={}&-]*)?")


def checkout_params(request: CheckoutRequest) -> SessionCreateParams:
    """Write the request in Stripe's words; raises ProcessorRefused before a doubtful value can leave."""
    _refuse_unless_opaque(request)
    return {
        "mode": "payment",
        "submit_type": "pay",
        # the ledger is in dollars; a converted presentment would not be the amount that was explained
        "adaptive_pricing": {"enabled": False},
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
        "expires_at": int(request.expires_at.timestamp()),
        "client_reference_id": request.reference,
        "metadata": {"reference": request.reference},
        "payment_intent_data": {
            "metadata": {"reference": request.reference},
            "statement_descriptor_suffix": STATEMENT_SUFFIX,
        },
        "line_items": [_the_balance(request)],
    }


def merchant(account: str) -> str:
    """The account unchanged; raises ProcessorRefused for anything else, as none would charge the platform."""
    return _refused_unless(_MERCHANT, account, "merchant_account_invalid")


def session(session_id: str) -> str:
    """The session id unchanged; raises ProcessorRefused for what cannot be one."""
    return _refused_unless(_SESSION, session_id, "session_id_invalid")


def _the_balance(request: CheckoutRequest) -> SessionCreateParamsLineItem:
    return {
        "quantity": 1,
        "price_data": {
            "currency": request.currency,
            "unit_amount": request.amount_cents,
            "product_data": {"name": request.description},
        },
    }


def _refuse_unless_opaque(request: CheckoutRequest) -> None:
    _refused_unless(_OPAQUE, request.reference, "reference_not_opaque")
    _refused_unless(_KEY, request.idempotency_key, "idempotency_key_not_opaque")
    _refused_unless(_ADDRESS, request.success_url, "success_url_not_neutral")
    _refused_unless(_ADDRESS, request.cancel_url, "cancel_url_not_neutral")
    if request.description not in NEUTRAL_DESCRIPTIONS:
        raise ProcessorRefused("description_not_neutral")
    if request.currency != "usd":
        raise ProcessorRefused("currency_not_supported")
    if request.amount_cents <= 0:
        raise ProcessorRefused("amount_not_positive")


def _refused_unless(pattern: re.Pattern[str], value: str, code: str) -> str:
    if not pattern.fullmatch(value):
        raise ProcessorRefused(code)
    return value
