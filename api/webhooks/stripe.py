"""Stripe's notices: proven on the raw bytes, kept once in the practice's inbox, answered after the commit."""

import logging
from datetime import timedelta

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from api.authentication import describe
from api.refusals import MalformedRequest
from api.services import Services
from api.transactions import Incoming
from domain.patient_billing.merchants import KIND
from domain.patient_billing.ports import ProcessorEvent, WebhookRefused
from domain.patient_billing.processor_events import keep_event
from tenants.access import system_actor

log = logging.getLogger("visitledger.webhooks")
SIGNATURE = "stripe-signature"
DAY = timedelta(days=1)


@post(
    "/webhooks/stripe",
    status_code=200,
    opt={"public": "the sender proves itself by the signature of the raw body"},
    include_in_schema=False,
)
async def receive_stripe(request: Incoming, services: NamedDependency[Services]) -> Response[bytes]:
    """Keep a genuine notice; 400 for one that proves nothing, of which nothing is stored (MON-06)."""
    body = await request.body()
    try:
        event = services.cards.verify_webhook(body, request.headers.get(SIGNATURE, ""), services.now())
    except WebhookRefused as refusal:
        raise MalformedRequest("this notice is not proven", code=f"webhook_{refusal.reason}") from None
    found = await services.database.directory_lookup(KIND, event.merchant_account)
    if found is None or found.practice_id is None:
        await _count_unknown(services, event)
        return Response(b"", media_type="text/plain")
    reach = frozenset({found.practice_id})
    described = describe(request)
    actor = msgspec.structs.replace(
        system_actor(found.organization_id, described.action, practice_ids=reach),
        request_id=described.request_id,
        address=described.address,
    )
    async with services.database.practice_transaction(actor, found.practice_id) as session:
        await keep_event(session, actor, found.practice_id, event, services.database)
    return Response(b"", media_type="text/plain")


async def _count_unknown(services: Services, event: ProcessorEvent) -> None:
    """A merchant that no practice has: counted by day, its body dropped."""
    seen = await services.database.count_try("unknown_merchant", event.merchant_account, window=DAY)
    log.warning("a notice for a merchant account of no practice, number %s today", seen)


ROUTES: list[HTTPRouteHandler] = [receive_stripe]
