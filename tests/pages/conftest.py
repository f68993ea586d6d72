"""The stage, served on loopback, a real browser, and a signed-in caller without one."""

import asyncio
import os
import shutil
import socket
import warnings
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, async_playwright

from api.app import create_app
from api.services import compose
from integrations.clearinghouse.mailboxes import SimulatedMailboxes
from integrations.payer_simulator import PayerSimulator
from integrations.stripe.simulator import StripeSimulator
from tenants.clock import MovedClock
from tenants.ids import new_id
from tests.api.conftest import PASSWORD, Company, make_settings
from tests.conftest import START, Cluster
from tests.domain.claims.world import payer_book
from tests.pages.stage import Stage, set_stage

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


@pytest_asyncio.fixture(scope="session")
async def stage(cluster: Cluster) -> AsyncIterator[Stage]:
    """One stage for all pages, on a database of its own; tests that change it change a claim of their own."""
    name = f"pages_{new_id().hex[-8:]}_{os.getpid()}"
    await cluster.clone(name)
    url = cluster.login_url(name).replace("postgresql+asyncpg://", "postgresql://")
    port = _free_port()
    clock = MovedClock(START)
    address = f"http://127.0.0.1:{port}"
    stripe = StripeSimulator(now=clock.now, webhook_url=f"{address}/webhooks/stripe")
    await stripe.start()
    settings = make_settings(
        url,
        PUBLIC_URL=address,
        PORT=str(port),
        STRIPE_SECRET_KEY=stripe.secret_key,
        STRIPE_WEBHOOK_SECRETS=stripe.webhook_secret,
        STRIPE_API_BASE=stripe.base_url,
    )
    mailboxes = SimulatedMailboxes(PayerSimulator(payer_book(), None, clock.now), clock.now)
    services = compose(settings, clock=clock, mailboxes=mailboxes)
    made = await set_stage(services, create_app(services), stripe)
    yield made
    await made.program.aclose()
    await services.close()
    await services.cards.close()
    await stripe.stop()


@pytest_asyncio.fixture(scope="session")
async def signed_in(stage: Stage) -> httpx.Cookies:
    """The owner's sign-in, once for the run: tries are throttled, and the clock stands still."""
    async with visitor(stage) as caller:
        await enter(caller, stage.company)
        return caller.cookies


@pytest_asyncio.fixture
async def owner(stage: Stage, signed_in: httpx.Cookies) -> AsyncIterator[httpx.AsyncClient]:
    """The company's owner, signed in by the form."""
    async with visitor(stage) as caller:
        caller.cookies.update(signed_in)
        yield caller


def visitor(stage: Stage) -> httpx.AsyncClient:
    """A caller without a sign-in, at the address that the stage is served under."""
    transport = httpx.ASGITransport(stage.app)
    return httpx.AsyncClient(transport=transport, base_url=stage.services.settings.public_url)


async def enter(caller: httpx.AsyncClient, company: Company) -> None:
    """Sign in by the form of the page."""
    form = {"email": company.email, "password": PASSWORD}
    answer = await caller.post(f"/o/{company.slug}/sign-in", data=form)
    assert answer.status_code == 303, answer.text


@pytest_asyncio.fixture(scope="session")
async def address(stage: Stage) -> AsyncIterator[str]:
    """Where the stage is served; in this event loop, to which its database connections belong."""
    url = stage.services.settings.public_url
    port = int(url.rpartition(":")[2])
    config = uvicorn.Config(stage.app, host="127.0.0.1", port=port, lifespan="off", log_level="warning")
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", port))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield url
    server.should_exit = True
    await serving


@pytest_asyncio.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """A headless browser; without one on this machine its tests are skipped, loudly."""
    if not CHROMIUM:
        warnings.warn("no Chromium on this machine: the pages were not opened in a browser", stacklevel=1)
        pytest.skip("no Chromium: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
