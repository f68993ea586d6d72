"""Stripe's notices: proven, kept once, applied once, in whatever order they come (MON-06, MON-07)."""

import asyncio
import itertools
import json
import os
from collections import Counter
from datetime import date, timedelta

import httpx
import pytest
from sqlalchemy import func, select

from api.app import create_app
from api.services import compose
from domain.ledger.invariants import verify
from domain.ledger.models import Transfer
from integrations.stripe.simulator.deliveries import signature_header
from tenants.ids import new_id
from tenants.models import InboxEvent, OutboxRow
from tests.api.conftest import connect
from tests.api.pay.conftest import Till, enter, notify, send_bill, start, work_off
from tests.api.pay.world import World

FEB_3 = date(2026, 2, 3)


async def stored(world: World) -> tuple[int, int]:
    """How many notices and tasks the practice holds."""
    async with world.door() as session:
        notices = (await session.execute(select(func.count()).select_from(InboxEvent))).scalar_one()
        tasks = (await session.execute(select(func.count()).select_from(OutboxRow))).scalar_one()
    return notices, tasks


async def money_in(world: World) -> list[int]:
    """The amounts of all patients' payments that reached cash."""
    async with world.door() as session:
        wanted = select(Transfer.amount).where(Transfer.kind == "patient_payment").order_by(Transfer.id)
        return list((await session.execute(wanted)).scalars())


def notice(world: World, kind: str = "checkout.session.completed", session_id: str = "cs_1") -> bytes:
    """The bytes of a notice about a checkout of this practice."""
    return json.dumps(
        {
            "id": f"evt_{new_id().hex}",
            "object": "event",
            "type": kind,
            "account": world.merchant,
            "created": int(world.now.timestamp()),
            "data": {"object": {"id": session_id, "metadata": {"practice_id": str(new_id())}}},
        }
    ).encode()


async def send(caller: httpx.AsyncClient, body: bytes, signature: str | None) -> httpx.Response:
    """Post a notice with its signature, or without any."""
    headers = {} if signature is None else {"stripe-signature": signature}
    return await caller.post("/webhooks/stripe", content=body, headers=headers)


@pytest.mark.req("MON-06")
async def test_only_a_proven_notice_is_kept(till: Till, world: World, browser: httpx.AsyncClient) -> None:
    body, secret, now = notice(world), till.stripe.webhook_secret, world.now
    good = signature_header(body, secret, now)
    same_json_other_bytes = json.dumps(json.loads(body), separators=(",", ":")).encode()
    refused = {
        "webhook_signature_missing": (body, None),
        "webhook_signature_stale": (body, signature_header(body, secret, now - timedelta(seconds=301))),
        "webhook_signature_ahead": (body, signature_header(body, secret, now + timedelta(seconds=301))),
    }
    for forged in (
        (body, good[:-1]),
        (body, signature_header(body, "whsec_another_secret", now)),
        (same_json_other_bytes, good),
        (body + b" ", good),
    ):
        answer = await send(browser, *forged)
        assert (answer.status_code, answer.json()["code"]) == (400, "webhook_signature_invalid")
    for code, (sent, signature) in refused.items():
        answer = await send(browser, sent, signature)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert answer.headers["content-type"] == "application/problem+json"
    assert await stored(world) == (0, 0)
    assert (await send(browser, body, good)).status_code == 200
    assert await stored(world) == (1, 1), "the practice is known by its account, never by metadata"


@pytest.mark.req("MON-06")
async def test_two_secrets_are_live_while_one_is_rotated_out(till: Till, world: World) -> None:
    from msgspec.structs import replace

    settings = replace(
        till.services.settings, stripe_webhook_secrets=("whsec_the_older_one_1", "whsec_the_newer_one_2")
    )
    services = compose(replace(settings, pepper=till.services.settings.pepper), clock=till.services.clock)
    async with connect(create_app(services)) as caller:
        for secret in settings.stripe_webhook_secrets:
            body = notice(world)
            answer = await send(caller, body, signature_header(body, secret, world.now))
            assert answer.status_code == 200
        body = notice(world)
        retired = await send(caller, body, signature_header(body, till.stripe.webhook_secret, world.now))
        assert retired.status_code == 400
    assert (await stored(world))[0] == 2
    await services.close()


async def test_an_account_of_nobody_is_answered_counted_and_dropped(
    till: Till, world: World, browser: httpx.AsyncClient
) -> None:
    body = notice(world).replace(world.merchant.encode(), b"acct_nobodys")
    answer = await send(browser, body, signature_header(body, till.stripe.webhook_secret, world.now))
    assert (answer.status_code, answer.content) == (200, b"")
    again = await till.services.database.count_try(
        "unknown_merchant", "acct_nobodys", window=timedelta(days=1)
    )
    assert again >= 2
    assert await stored(world) == (0, 0)


async def opened_checkout(till: Till, world: World, browser: httpx.AsyncClient, cents: int = 5_000) -> str:
    """A bill of one visit on its way to be paid; returns the card page's address."""
    person = await world.person()
    await world.visit(person, FEB_3, cents)
    _, link = await send_bill(world, person)
    page = await enter(browser, link.token, person.birth_on)
    return str((await start(browser, link.token, page)).headers["location"])


@pytest.mark.req("MON-07", "API-05")
async def test_the_same_notice_a_hundred_times_and_ten_at_once_posts_once(
    till: Till, world: World, browser: httpx.AsyncClient
) -> None:
    card_page = await opened_checkout(till, world, browser)
    till.stripe.world.memory.undelivered.clear()
    await till.stripe.pay(card_page)
    completed = till.stripe.undelivered()[-1]
    assert completed.kind == "checkout.session.completed"
    for _ in range(10):
        answers = await asyncio.gather(
            *(send(browser, completed.body, completed.signature) for _ in range(10))
        )
        assert {a.status_code for a in answers} == {200}
    assert await stored(world) == (1, 1)
    assert await money_in(world) == [], "the notice is kept and owed before anything is done about it"
    assert await work_off(till, world) == 1
    assert await money_in(world) == [5_000, 5_000], "into the payment, and out of it to the line"
    async with world.door() as session:
        event = (await session.execute(select(InboxEvent))).scalar_one()
        assert (event.outcome, event.handled_at is not None) == ("paid", True)
        assert await verify(session, world.practice_id) == []


@pytest.mark.req("MON-07")
async def test_ten_workers_at_once_post_once(till: Till, world: World, browser: httpx.AsyncClient) -> None:
    from api.tasks.patient_billing import handle_processor_event
    from domain.patient_billing.tasks import HandleProcessorEvent

    card_page = await opened_checkout(till, world, browser)
    till.stripe.world.memory.undelivered.clear()
    await till.stripe.pay(card_page)
    await notify(till)
    async with world.door() as session:
        ids = list((await session.execute(select(InboxEvent.id))).scalars())
    tasks = [
        HandleProcessorEvent(
            practice_id=world.practice_id, organization_id=world.organization_id, event_id=event_id
        )
        for event_id in ids
    ]
    await asyncio.gather(*(handle_processor_event(task, till.services) for task in tasks * 5))
    assert await money_in(world) == [5_000, 5_000]


KINDS = (
    "payment_intent.created",
    "payment_intent.processing",
    "payment_intent.succeeded",
    "checkout.session.completed",
    "charge.refunded",
    "charge.dispute.created",
)
ROTATIONS = [KINDS[n:] + KINDS[:n] for n in range(len(KINDS))]
ORDERS = (
    list(itertools.permutations(KINDS))
    if os.environ.get("PROOF") == "full"
    else [*ROTATIONS, *(tuple(reversed(order)) for order in ROTATIONS)]
)


@pytest.mark.req("MON-07")
async def test_every_order_of_events_ends_the_same(till: Till, world: World) -> None:
    for order in ORDERS:
        # Second factors are counted by practice within a quarter of an hour.
        till.services.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
        async with connect(till.app) as browser:
            card_page = await opened_checkout(till, world, browser)
            await till.stripe.pay(card_page)
            for kind in order:
                about = card_page.rsplit("/", 1)[-1] if kind.startswith("checkout") else "pi_1"
                body = notice(world, kind, about)
                signature = signature_header(body, till.stripe.webhook_secret, world.now)
                assert (await send(browser, body, signature)).status_code == 200
                await work_off(till, world)
    assert await money_in(world) == [5_000, 5_000] * len(ORDERS)
    async with world.door() as session:
        outcomes = (await session.execute(select(InboxEvent.outcome))).scalars().all()
        assert await verify(session, world.practice_id) == []
    assert Counter(outcomes) == {"paid": len(ORDERS), "ignored": 5 * len(ORDERS)}


@pytest.mark.req("MON-07")
async def test_a_late_expiry_never_undoes_paid(till: Till, world: World, browser: httpx.AsyncClient) -> None:
    card_page = await opened_checkout(till, world, browser)
    session_id = card_page.rsplit("/", 1)[-1]
    await till.stripe.pay(card_page)
    till.stripe.world.memory.undelivered.clear()
    for kind in ("checkout.session.expired", "checkout.session.completed", "checkout.session.expired"):
        body = notice(world, kind, session_id)
        await send(browser, body, signature_header(body, till.stripe.webhook_secret, world.now))
        await work_off(till, world)
    assert await money_in(world) == [5_000, 5_000]


async def test_a_processor_that_does_not_answer_is_asked_again(
    till: Till, world: World, browser: httpx.AsyncClient
) -> None:
    card_page = await opened_checkout(till, world, browser)
    till.stripe.world.memory.undelivered.clear()
    await till.stripe.pay(card_page)
    completed = till.stripe.undelivered()[-1].event_id
    till.stripe.world.memory.undelivered.clear()
    till.stripe.fail_next("error_before", times=3)
    assert await notify(till, [completed]) == [200]
    assert await work_off(till, world) == 0
    till.services.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    assert await work_off(till, world) == 1
    assert await money_in(world) == [5_000, 5_000]
