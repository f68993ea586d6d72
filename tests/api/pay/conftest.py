"""The application with a simulated Stripe on loopback, and a practice whose people owe."""

import re
from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar
from msgspec import Struct

from api.app import create_app
from api.services import Services, compose
from api.task_runner import run_task
from domain.patient_billing.links import NewLink, create_link
from domain.patient_billing.statements import StatementView, issue_statement
from integrations.stripe.simulator import StripeSimulator
from tenants.access import Role
from tests.api.conftest import Company, MutableClock, connect, make_company, make_key, make_settings
from tests.api.pay.world import ZIP, Person, World
from tests.conftest import START, Cluster


class Till(Struct, frozen=True, kw_only=True):
    """The application and the Stripe that it talks to."""

    app: Litestar
    services: Services
    stripe: StripeSimulator


@pytest_asyncio.fixture(scope="session")
async def till_of_run(cluster: Cluster, shared_database: str) -> AsyncIterator[Till]:
    """One application and one simulated Stripe for the run."""
    clock = MutableClock(START)
    stripe = StripeSimulator(now=clock.now)
    await stripe.start()
    url = cluster.login_url(shared_database).replace("postgresql+asyncpg://", "postgresql://")
    settings = make_settings(
        url,
        STRIPE_SECRET_KEY=stripe.secret_key,
        STRIPE_WEBHOOK_SECRETS=stripe.webhook_secret,
        STRIPE_API_BASE=stripe.base_url,
    )
    services = compose(settings, clock=clock)
    yield Till(app=create_app(services), services=services, stripe=stripe)
    await services.close()
    await services.cards.close()
    await stripe.stop()


@pytest.fixture
def till(till_of_run: Till) -> Till:
    """The application with its clock back at its start, and nothing that Stripe still has to tell."""
    clock = till_of_run.services.clock
    assert isinstance(clock, MutableClock)
    clock.put(START)
    till_of_run.stripe.world.memory.undelivered.clear()
    return till_of_run


@pytest.fixture
def app_of_till(till: Till) -> Litestar:
    """The application, for visitors with addresses of their own."""
    return till.app


@pytest_asyncio.fixture
async def world(till: Till) -> World:
    """A practice of its own for this test."""
    company = await make_company(till.services)
    return await World(till.services, company.organization_id, company.practice_id).furnish()


@pytest_asyncio.fixture
async def staff(till: Till, world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A program of the billing company that may do whatever an owner may."""
    key = await key_of(till, world, Role.OWNER)
    async with connect(till.app, {"Authorization": f"Bearer {key}"}) as caller:
        yield caller


async def key_of(till: Till, world: World, role: Role) -> str:
    """An API key of the world's company."""
    company = Company(
        slug="",
        organization_id=world.organization_id,
        practice_ids=(world.practice_id,),
        member_id=world.organization_id,
        email="",
    )
    return await make_key(till.services, company, role)


@pytest_asyncio.fixture
async def browser(till: Till) -> AsyncIterator[httpx.AsyncClient]:
    """A payer's browser: it keeps cookies and follows nothing by itself."""
    async with connect(till.app) as caller:
        yield caller


async def send_bill(world: World, person_or_party: Person | object) -> tuple[StatementView, NewLink]:
    """Issue a statement to the party and make a link to it."""
    party_id = person_or_party.party_id if isinstance(person_or_party, Person) else person_or_party
    async with world.door() as session:
        stated = await issue_statement(
            session, world.actor, world.practice_id, party_id, today=world.now.date(), now=world.now
        )
        link = await create_link(
            session, world.services.database, world.actor, world.practice_id, stated.id, now=world.now
        )
    return stated, link


async def answer(
    browser: httpx.AsyncClient, token: str, birth_on: date, zip_code: str = ZIP
) -> httpx.Response:
    """Send the second factor."""
    form = {"month": birth_on.month, "day": birth_on.day, "year": birth_on.year, "zip": zip_code}
    return await browser.post(f"/pay/{token}/verify", data=form)


async def enter(browser: httpx.AsyncClient, token: str, birth_on: date, zip_code: str = ZIP) -> str:
    """Pass the second factor and read the page behind it."""
    passed = await answer(browser, token, birth_on, zip_code)
    assert passed.status_code == 303, passed.text
    page = await browser.get(f"/pay/{token}")
    assert page.status_code == 200, page.text
    return page.text


def form_token(page: str) -> str:
    """The token of the page's forms."""
    found = re.search(r'name="_csrf" value="([^"]+)"', page)
    assert found, page
    return found[1]


async def start(
    browser: httpx.AsyncClient, token: str, page: str, amount: str | None = None
) -> httpx.Response:
    """Press the button that leads to the card page."""
    form = {"_csrf": form_token(page), "how_much": "part" if amount else "full", "amount": amount or ""}
    return await browser.post(f"/pay/{token}/checkout", data=form)


async def work_off(till: Till, world: World) -> int:
    """Work on what this practice owes now."""
    worked = 0
    for due in await till.services.database.due_tasks(5000):
        if due.practice_id == world.practice_id:
            worked += await run_task(till.services, due.practice_id, due.id) == "done"
    return worked


async def notify(till: Till, event_ids: list[str] | None = None) -> list[int]:
    """Deliver Stripe's waiting notices, or those named, to the application; returns the statuses."""
    waiting = till.stripe.undelivered()
    ids = [w.event_id for w in waiting] if event_ids is None else event_ids
    statuses = []
    async with connect(till.app) as stripe:
        for event_id in ids:
            notice = till.stripe.signed_event(event_id)
            reply = await stripe.post(
                "/webhooks/stripe", content=notice.body, headers={"stripe-signature": notice.signature}
            )
            statuses.append(reply.status_code)
    if event_ids is None:
        till.stripe.world.memory.undelivered.clear()
    return statuses
