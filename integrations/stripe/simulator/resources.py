"""Builds Stripe's response objects with exactly the fields that the SDK's resource classes declare."""

import secrets
from typing import Any, get_args

import stripe
from stripe.checkout import Session

Resource = dict[str, Any]

_OF_EVERY_SESSION: Resource = {
    "object": "checkout.session",
    "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
    "custom_fields": [],
    "custom_text": dict.fromkeys(
        ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    ),
    "customer_creation": "if_required",
    "livemode": False,
    "mode": "payment",
    "payment_method_collection": "if_required",
    "payment_method_types": ["card"],
    "payment_status": "unpaid",
    "shipping_options": [],
    "status": "open",
    "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    "ui_mode": "hosted_page",
}


def resource(shape: type[stripe.StripeObject], **known: Any) -> Resource:
    """An object of `shape`, null where nothing is known; raises TypeError for a wrong or missing field."""
    # constants of the class are no fields of the object
    hints = {name: hint for name, hint in shape.__annotations__.items() if not name.isupper()}
    unknown = known.keys() - hints.keys()
    required = {name for name, hint in hints.items() if type(None) not in get_args(hint)}
    if unknown or required - known.keys():
        raise TypeError(f"{shape.__name__}: unknown {unknown}, missing {required - known.keys()}")
    return {name: known.get(name) for name in hints}


def new_id(prefix: str) -> str:
    """A fresh opaque id such as `evt_…`."""
    return f"{prefix}_{secrets.token_hex(14)}"


def session_resource(params: dict[str, Any], amount_cents: int, created: int) -> Resource:
    """An open Checkout Session for checked parameters."""
    return resource(
        Session,
        **_OF_EVERY_SESSION,
        id=new_id("cs_test"),
        adaptive_pricing=params.get("adaptive_pricing"),
        amount_subtotal=amount_cents,
        amount_total=amount_cents,
        cancel_url=params.get("cancel_url"),
        client_reference_id=params.get("client_reference_id"),
        created=created,
        currency=params["line_items"][0]["price_data"]["currency"],
        expires_at=params["expires_at"],
        metadata=params.get("metadata", {}),
        submit_type=params.get("submit_type"),
        success_url=params.get("success_url"),
    )


def intent_resource(session: Resource, data: dict[str, Any], created: int) -> Resource:
    """The payment that a person's first try on the hosted page brings into being."""
    return resource(
        stripe.PaymentIntent,
        object="payment_intent",
        id=new_id("pi"),
        amount=session["amount_total"],
        amount_capturable=0,
        amount_received=0,
        automatic_payment_methods={"allow_redirects": "always", "enabled": True},
        capture_method=data.get("capture_method", "automatic_async"),
        confirmation_method="automatic",
        created=created,
        currency=session["currency"],
        description=data.get("description"),
        livemode=False,
        metadata=data.get("metadata", {}),
        payment_method_types=["card"],
        statement_descriptor_suffix=data.get("statement_descriptor_suffix"),
        status="requires_payment_method",
    )


def event_resource(kind: str, account: str | None, subject: Resource, created: int) -> Resource:
    """A snapshot event of `kind` about `subject` as it is now."""
    return resource(
        stripe.Event,
        object="event",
        id=new_id("evt"),
        account=account,
        api_version=stripe.api_version,
        created=created,
        data={"object": dict(subject)},
        livemode=False,
        pending_webhooks=1,
        request={"id": None, "idempotency_key": None},
        type=kind,
    )
