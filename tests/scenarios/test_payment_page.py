"""A patient pays in a real browser: link, second factor, sentences, card page, receipt."""

import asyncio
import os
import shutil
import socket
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from msgspec import Struct
from playwright.async_api import Browser, Page, async_playwright, expect

from api.app import create_app
from api.services import Services, compose
from integrations.stripe.simulator import StripeSimulator
from tests.api.conftest import MutableClock, make_company, make_settings
from tests.api.pay.conftest import send_bill
from tests.api.pay.world import World
from tests.conftest import Cluster

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
PICTURES = os.environ.get("PICTURES")
pytestmark = pytest.mark.browser


class Served(Struct, frozen=True, kw_only=True):
    """The application on a port of this machine, with a Stripe that tells it what happens."""

    services: Services
    stripe: StripeSimulator


@pytest_asyncio.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Headless Chromium; the tests are skipped, loudly, where there is none."""
    if not CHROMIUM:
        warnings.warn("no Chromium on this machine: the pay page was not opened in a browser", stacklevel=1)
        pytest.skip("no Chromium: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def served(cluster: Cluster, shared_database: str) -> AsyncIterator[Served]:
    """The application as `make run` serves it, and a simulated Stripe that pushes its notices to it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        clock = MutableClock(datetime.now(UTC))
        stripe = StripeSimulator(now=clock.now, webhook_url=f"{address}/webhooks/stripe")
        await stripe.start()
        url = cluster.login_url(shared_database).replace("postgresql+asyncpg://", "postgresql://")
        settings = make_settings(
            url,
            PUBLIC_URL=address,
            PORT=str(port),
            STRIPE_SECRET_KEY=stripe.secret_key,
            STRIPE_WEBHOOK_SECRETS=stripe.webhook_secret,
            STRIPE_API_BASE=stripe.base_url,
        )
        services = compose(settings, clock=clock)
        config = uvicorn.Config(create_app(services), log_config=None, access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield Served(services=services, stripe=stripe)
        server.should_exit = True
        await serving
        await services.close()
        await services.cards.close()
        await stripe.stop()


@pytest_asyncio.fixture
async def world(served: Served) -> World:
    """A practice with people who owe."""
    company = await make_company(served.services)
    return await World(served.services, company.organization_id, company.practice_id).furnish()


@asynccontextmanager
async def page_of(chromium: Browser, size: dict[str, int], *, script: bool = True) -> AsyncIterator[Page]:
    """A fresh window of that size; `script` says whether it runs any."""
    context = await chromium.new_context(viewport=size, java_script_enabled=script)
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def picture(page: Page, name: str) -> None:
    """Keep a picture for human eyes where PICTURES names a folder."""
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


async def fits(page: Page) -> None:
    """Nothing sticks out to the right, so nobody has to scroll sideways."""
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0


async def confirm(page: Page, born: date, zip_code: str = "02139") -> None:
    """Answer the second factor."""
    for label, value in (("Month", born.month), ("Day", born.day), ("Year", born.year)):
        await page.get_by_label(label, exact=True).fill(str(value))
    await page.get_by_label("ZIP code").fill(zip_code)
    await page.get_by_role("button", name="Continue").click()


async def owing(world: World) -> tuple[str, date]:
    """A mother who answers for herself and her child; returns her link's address and birth date."""
    mother = await world.person("Wrenna")
    child = await world.person("Pip", date(2015, 1, 9))
    await world.share(child, {mother.party_id: 10_000}, apart=False)
    await world.visit(mother, date(2026, 2, 3), 5_000)
    await world.visit(child, date(2026, 2, 10), 2_550, code="92507")
    both = await world.bill(mother, date(2026, 2, 17), 15_000)
    await world.adjudicate(mother, both, 6_000, date(2026, 2, 24), CO_45=4_000, PR_1=3_000, PR_3=2_000)
    await world.bill(child, date(2026, 2, 24), 15_000)
    _, link = await send_bill(world, mother)
    return f"{world.services.settings.public_url}/pay/{link.token}", mother.birth_on


@pytest.mark.parametrize(("name", "size"), [("360", PHONE), ("1280", DESK)])
async def test_a_patient_reads_and_pays(
    chromium: Browser, served: Served, world: World, name: str, size: dict[str, int]
) -> None:
    address, born = await owing(world)
    async with page_of(chromium, size) as page:
        await page.goto(address)
        await expect(page.get_by_role("heading", level=1)).to_have_text("First, please confirm it is you")
        await picture(page, f"1-second-factor-{name}")
        await fits(page)
        await confirm(page, date(1999, 9, 9))
        await expect(page.get_by_role("alert")).to_contain_text("does not match")
        await picture(page, f"2-wrong-{name}")
        await confirm(page, born)
        await expect(page.get_by_role("heading", level=1)).to_contain_text("You owe $125.50 because")
        await expect(page.get_by_text("Pip's speech visit on Feb 10, 2026")).to_be_visible()
        await expect(page.get_by_text("your plan has not finished with it")).to_be_visible()
        await page.get_by_text("Show the amounts").first.click()
        await expect(page.get_by_text("Canary Health Plan paid").first).to_be_visible()
        await picture(page, f"3-account-{name}")
        await fits(page)
        await page.get_by_role("button", name="Continue to pay").click()
        await expect(page.get_by_role("heading", name="Account balance")).to_be_visible()
        await expect(page.get_by_text("$125.50")).to_be_visible()
        await page.get_by_role("button", name="Pay with test card").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, your payment is in")
        await expect(page.get_by_text("$0.00")).to_be_visible()
        await picture(page, f"4-receipt-{name}")
        await fits(page)
        await page.goto(address)
        await expect(page).to_have_url(f"{address}/done")
    async with page_of(chromium, size) as page:
        reply = await page.goto(address)
        assert reply is not None
        assert reply.status == 404
        await expect(page.get_by_role("heading", level=1)).to_have_text("This link does not work")
        await picture(page, f"5-dead-{name}")


@pytest.mark.req("PB-13")
async def test_all_of_it_works_on_a_phone_without_a_script(
    chromium: Browser, served: Served, world: World
) -> None:
    address, born = await owing(world)
    async with page_of(chromium, PHONE, script=False) as page:
        await page.goto(address)
        await confirm(page, born)
        await page.get_by_label("A part of it").check()
        await page.get_by_label("Which part").fill("0.50")
        await page.get_by_role("button", name="Continue to pay").click()
        await expect(page.get_by_role("alert")).to_contain_text("the least to pay is $1.00")
        await picture(page, "6-refused-360")
        await page.get_by_label("Which part").fill("50")
        await page.get_by_role("button", name="Continue to pay").click()
        await page.get_by_role("button", name="Pay with test card").click()
        await expect(page.get_by_text("$75.50")).to_be_visible()
        await picture(page, "7-part-receipt-360")
        await page.get_by_role("link", name="See what is left to pay").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("You owe $75.50 because")
        await page.get_by_label("My plan should pay more").check()
        await page.get_by_role("button", name="Tell us this looks wrong").click()
        await expect(page.get_by_role("status")).to_contain_text("You told us that this looks wrong")
        await picture(page, "8-after-part-360")


async def test_it_is_legible_in_the_dark(chromium: Browser, served: Served, world: World) -> None:
    address, born = await owing(world)
    async with page_of(chromium, PHONE) as page:
        await page.emulate_media(color_scheme="dark")
        await page.goto(address)
        await confirm(page, born)
        await expect(page.get_by_role("heading", level=1)).to_contain_text("You owe $125.50 because")
        await picture(page, "9-dark-360")
