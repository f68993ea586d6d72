"""Checkout Sessions: opened by the API, paid or declined on the hosted page, expired by either or by time."""

import re
from typing import Any

from integrations.stripe.simulator.cards import decline_code
from integrations.stripe.simulator.parameters import missing
from integrations.stripe.simulator.refusals import StripeRefusal
from integrations.stripe.simulator.resources import Resource, intent_resource, new_id, session_resource
from integrations.stripe.simulator.world import StripeWorld

_LEAST_CENTS = 50
_MOST_CENTS = 99_999_999
_LEAST_SECONDS = 30 * 60
_MOST_SECONDS = 24 * 60 * 60


def open_session(world: StripeWorld, account: str, params: dict[str, Any]) -> Resource:
    """Create a session in payment mode; raises StripeRefusal by the rules that types cannot say."""
    _check_mode_and_addresses(params)
    amount_cents = sum(_line_cents(item, place) for place, item in enumerate(params["line_items"]))
    _check_amount(amount_cents)
    data = params.get("payment_intent_data", {})
    _check_suffix(data.get("statement_descriptor_suffix"))
    _check_metadata(params.get("metadata", {}), "metadata")
    _check_metadata(data.get("metadata", {}), "payment_intent_data[metadata]")
    expires_at = _expiry(params.get("expires_at"), world.epoch)
    session = session_resource({**params, "expires_at": expires_at}, amount_cents, world.epoch)
    world.memory.put(account, session)
    world.memory.intent_data[session["id"]] = data
    world.memory.item_names[session["id"]] = params["line_items"][0]["price_data"]["product_data"]["name"]
    return session_view(world, account, session["id"], [])


def session_view(world: StripeWorld, account: str, session_id: str, expand: list[str]) -> Resource:
    """The session as the API shows it: an address only while open, the payment whole when expanded."""
    session = dict(world.memory.get(account, session_id, "cs"))
    if session["status"] == "open":
        session["url"] = f"{world.address}/c/pay/{session_id}"
    for name in expand:
        if name != "payment_intent":
            raise StripeRefusal(f"This property cannot be expanded ({name}).", param="expand")
        if session[name] is not None:
            session[name] = world.memory.get(account, session[name], "pi")
    return session


def expire_session(world: StripeWorld, account: str, session_id: str) -> None:
    """Close an open session; raises StripeRefusal for one that is no longer open."""
    session = world.memory.get(account, session_id, "cs")
    if session["status"] != "open":
        raise StripeRefusal(f"Only open Checkout Sessions can be expired, not {session['status']} ones.")
    session["status"] = "expired"
    world.emit("checkout.session.expired", account, session)


def expire_due_sessions(world: StripeWorld) -> None:
    """Close every session whose time has passed by this world's clock."""
    for account, session in world.memory.of_kind("checkout.session"):
        if session["status"] == "open" and session["expires_at"] <= world.epoch:
            expire_session(world, account, session["id"])


def try_card(world: StripeWorld, session_id: str, number: str) -> str | None:
    """Charge a valid card number once; returns why the issuer declined, or None when it is paid."""
    account = world.memory.account_of(session_id)
    session = world.memory.get(account, session_id, "cs")
    if session["status"] != "open":
        return None
    intent = _intent(world, account, session)
    decline = decline_code(number)
    if decline is not None:
        _decline(world, account, intent, decline)
    else:
        _succeed(world, account, session, intent)
    return decline


def _intent(world: StripeWorld, account: str, session: Resource) -> Resource:
    if session["payment_intent"] is None:
        intent = intent_resource(session, world.memory.intent_data.get(session["id"], {}), world.epoch)
        world.memory.put(account, intent)
        session["payment_intent"] = intent["id"]
    return world.memory.get(account, session["payment_intent"], "pi")


def _decline(world: StripeWorld, account: str, intent: Resource, decline: str) -> None:
    code = decline if decline == "authentication_required" else "card_declined"
    intent["last_payment_error"] = {
        "type": "card_error",
        "code": code,
        "decline_code": decline,
        "message": "Your card was declined.",
    }
    world.emit("payment_intent.payment_failed", account, intent)


def _succeed(world: StripeWorld, account: str, session: Resource, intent: Resource) -> None:
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        last_payment_error=None,
        latest_charge=new_id("ch"),
        payment_method=new_id("pm"),
    )
    session.update(status="complete", payment_status="paid")
    world.emit("payment_intent.succeeded", account, intent)
    world.emit("checkout.session.completed", account, session)


def _check_mode_and_addresses(params: dict[str, Any]) -> None:
    if params.get("mode") != "payment":
        raise StripeRefusal("Only payment mode is simulated.", code="parameter_invalid", param="mode")
    for name in ("line_items", "success_url"):
        if not params.get(name):
            raise missing(name)
    for name in ("success_url", "cancel_url"):
        if name in params and not re.match(r"https?://[^\s/]+", params[name]):
            raise StripeRefusal("Not a valid URL", code="url_invalid", param=name)


def _line_cents(item: dict[str, Any], place: int) -> int:
    path = f"line_items[{place}]"
    price = item.get("price_data")
    if price is None or "quantity" not in item:
        raise missing(f"{path}[{'quantity' if price else 'price_data'}]")
    if price["currency"] != "usd":
        raise StripeRefusal("Only usd is simulated.", param=f"{path}[price_data][currency]")
    for name in ("product_data", "unit_amount"):
        if name not in price:
            raise missing(f"{path}[price_data][{name}]")
    if price["unit_amount"] < 0 or item["quantity"] < 1:
        raise StripeRefusal("Invalid amount.", code="parameter_invalid_integer", param=path)
    return int(price["unit_amount"] * item["quantity"])


def _check_amount(amount_cents: int) -> None:
    if amount_cents < _LEAST_CENTS:
        raise StripeRefusal("The total must be at least $0.50 usd.", code="amount_too_small")
    if amount_cents > _MOST_CENTS:
        raise StripeRefusal("The total must be no more than $999,999.99.", code="amount_too_large")


def _check_suffix(suffix: str | None) -> None:
    # Stripe: at least one letter, at most 22 characters, none of < > \ ' " *
    if suffix is not None and not re.fullmatch(r"(?=.*[A-Za-z])[^<>\\'\"*]{1,22}", suffix):
        name = "payment_intent_data[statement_descriptor_suffix]"
        raise StripeRefusal("Invalid statement descriptor.", code="parameter_invalid", param=name)


def _check_metadata(metadata: dict[str, str], path: str) -> None:
    if len(metadata) > 50 or any(len(name) > 40 or len(text) > 500 for name, text in metadata.items()):
        raise StripeRefusal("Metadata is too large.", code="parameter_invalid", param=path)


def _expiry(asked: int | None, now: int) -> int:
    expires_at = now + _MOST_SECONDS if asked is None else asked
    if not now + _LEAST_SECONDS <= expires_at <= now + _MOST_SECONDS:
        raise StripeRefusal("Must be 30 minutes to 24 hours from now.", param="expires_at")
    return expires_at
