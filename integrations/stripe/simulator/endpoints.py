"""Stripe's API of version 1, as far as the product uses it: keys, accounts, idempotency, faults, routes."""

import asyncio
import hashlib
import re
from collections.abc import Callable
from typing import Any

import stripe
from stripe.params import EventRetrieveParams, PaymentIntentRetrieveParams
from stripe.params.checkout import SessionCreateParams, SessionExpireParams, SessionRetrieveParams

from integrations.stripe.simulator.checkout import expire_session, open_session, session_view
from integrations.stripe.simulator.faults import Fault
from integrations.stripe.simulator.forms import nested, pairs
from integrations.stripe.simulator.memory import SavedReply
from integrations.stripe.simulator.messages import HttpReply, HttpRequest, json_reply
from integrations.stripe.simulator.parameters import checked
from integrations.stripe.simulator.refusals import (
    AccountRefused,
    KeyInUse,
    KeyRefused,
    KeyReused,
    StripeRefusal,
)
from integrations.stripe.simulator.resources import Resource, new_id
from integrations.stripe.simulator.world import RecordedRequest, StripeWorld

_PLATFORM = "acct_platform"
_KEY_LIFE_SECONDS = 24 * 60 * 60
_SLOW_SECONDS = 0.5
_FAILURE = {"error": {"type": "api_error", "message": "An unknown error occurred."}}

Handler = Callable[[StripeWorld, str, str, dict[str, Any]], Resource]


async def answer(world: StripeWorld, request: HttpRequest) -> HttpReply:
    """Answer one API request as Stripe would, faults included."""
    world.recorded.append(
        RecordedRequest(
            method=request.method,
            path=request.path,
            query=request.query,
            headers=request.headers,
            body=request.body,
        )
    )
    try:
        account = _account(world, request)
        reply = await _faulty(world, request, account)
    except StripeRefusal as refusal:
        reply = json_reply(refusal.status, refusal.body())
    headers = {"request-id": new_id("req"), "stripe-version": stripe.api_version, **reply.headers}
    return HttpReply(status=reply.status, body=reply.body, headers=headers, hangs=reply.hangs)


def _account(world: StripeWorld, request: HttpRequest) -> str:
    if request.headers.get("authorization") != f"Bearer {world.secret_key}":
        raise KeyRefused
    account = request.headers.get("stripe-account", _PLATFORM)
    if account != _PLATFORM and not re.fullmatch(r"acct_[A-Za-z0-9]{8,}", account):
        raise AccountRefused
    return account


async def _faulty(world: StripeWorld, request: HttpRequest, account: str) -> HttpReply:
    fault = world.faults.next_for(request.path)
    if fault == "error_before":
        return json_reply(500, _FAILURE, stripe_should_retry="true")
    if fault == "rate_limited":
        return json_reply(429, {"error": {"type": "invalid_request_error", "code": "rate_limit"}})
    reply = await _once(world, request, account, fault)
    if fault in {"error_after", "error_after_unsaved"}:
        again = "true" if fault == "error_after_unsaved" else "false"
        return json_reply(500, _FAILURE, stripe_should_retry=again)
    if fault == "hang_after":
        return HttpReply(status=reply.status, body=b"", hangs=True)
    return reply


async def _once(world: StripeWorld, request: HttpRequest, account: str, fault: Fault | None) -> HttpReply:
    key = request.headers.get("idempotency-key")
    if request.method != "POST" or key is None:
        return json_reply(200, await _work(world, request, account, fault))
    scoped = f"{account}:{key}"
    saved = _saved(world, scoped, request)
    if saved is not None:
        again = "false" if saved.status >= 500 else "true"
        return json_reply(saved.status, saved.body, idempotent_replayed="true", stripe_should_retry=again)
    world.running_keys.add(scoped)
    try:
        body = await _work(world, request, account, fault)
        failed = fault == "error_after"
        world.memory.replies[scoped] = SavedReply(
            fingerprint=_fingerprint(request),
            status=500 if failed else 200,
            body=_FAILURE if failed else body,
            created=world.epoch,
        )
    finally:
        world.running_keys.discard(scoped)
    return json_reply(200, body)


def _saved(world: StripeWorld, scoped: str, request: HttpRequest) -> SavedReply | None:
    if scoped in world.running_keys:
        raise KeyInUse
    saved = world.memory.replies.get(scoped)
    if saved is None or saved.created + _KEY_LIFE_SECONDS <= world.epoch:
        return None
    if saved.fingerprint != _fingerprint(request):
        raise KeyReused
    return saved


def _fingerprint(request: HttpRequest) -> str:
    said = repr((request.method, request.path, sorted(pairs(request.body))))
    return hashlib.sha256(said.encode()).hexdigest()


async def _work(world: StripeWorld, request: HttpRequest, account: str, fault: Fault | None) -> Resource:
    if fault == "slow":
        await asyncio.sleep(_SLOW_SECONDS)
    for method, pattern, shape, handler in _ROUTES:
        match = pattern.fullmatch(request.path)
        if match is not None and request.method == method:
            params = checked(nested(request.body if method == "POST" else request.query), shape)
            return handler(world, account, match.group(1) if match.groups() else "", params)
    refusal = StripeRefusal(f"Unrecognized request URL ({request.method}: {request.path}).")
    refusal.status = 404
    raise refusal


def _open(world: StripeWorld, account: str, _: str, params: dict[str, Any]) -> Resource:
    return open_session(world, account, params)


def _show(world: StripeWorld, account: str, session_id: str, params: dict[str, Any]) -> Resource:
    return session_view(world, account, session_id, params.get("expand", []))


def _expire(world: StripeWorld, account: str, session_id: str, params: dict[str, Any]) -> Resource:
    expire_session(world, account, session_id)
    return session_view(world, account, session_id, params.get("expand", []))


def _intent(world: StripeWorld, account: str, intent_id: str, _: dict[str, Any]) -> Resource:
    return world.memory.get(account, intent_id, "pi")


def _event(world: StripeWorld, account: str, event_id: str, _: dict[str, Any]) -> Resource:
    return world.memory.get(account, event_id, "evt")


_ROUTES: list[tuple[str, re.Pattern[str], Any, Handler]] = [
    ("POST", re.compile(r"/v1/checkout/sessions"), SessionCreateParams, _open),
    ("GET", re.compile(r"/v1/checkout/sessions/(\w+)"), SessionRetrieveParams, _show),
    ("POST", re.compile(r"/v1/checkout/sessions/(\w+)/expire"), SessionExpireParams, _expire),
    ("GET", re.compile(r"/v1/payment_intents/(\w+)"), PaymentIntentRetrieveParams, _intent),
    ("GET", re.compile(r"/v1/events/(\w+)"), EventRetrieveParams, _event),
]
