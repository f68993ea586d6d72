"""One claim from its session to its payment, through the pages alone, in a browser that runs no script."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.api.conftest import PASSWORD, Company
from tests.pages.conftest import address, chromium, stage
from tests.pages.stage import Stage

__all__ = ["address", "chromium", "stage"]
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
pytestmark = pytest.mark.browser


@asynccontextmanager
async def window(chromium: Browser, size: dict[str, int], *, script: bool) -> AsyncIterator[Page]:
    """A fresh window of that size; `script` says whether it runs any."""
    context = await chromium.new_context(viewport=size, java_script_enabled=script)
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def sign_in(page: Page, address: str, company: Company) -> None:
    """From the front page to the member's own first page, by forms."""
    await page.goto(address)
    await page.get_by_label("Company").fill(company.slug)
    await page.get_by_role("button", name="Go to the sign-in").click()
    await page.get_by_label("E-mail address").fill(company.email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page).to_have_url(re.compile("/(today|my-patients)$"))


async def read_story(page: Page) -> list[str]:
    """The titles of the story's entries."""
    return await page.locator(".timeline .what").all_inner_texts()


async def open_last(links: Locator) -> None:
    """Follow the last of the links."""
    await links.last.click()


@pytest.mark.req("WF-01")
async def test_one_claim_is_followed_from_its_session_to_its_payment(
    stage: Stage, address: str, chromium: Browser
) -> None:
    async with window(chromium, DESK, script=False) as page:
        await sign_in(page, address, stage.company)
        await expect(page.get_by_role("heading", level=1)).to_have_text("Today")
        await page.get_by_role("link", name="Practices").click()
        await page.get_by_role("link", name="Practice 0").click()
        await page.get_by_role("navigation", name="Practice 0").get_by_role("link", name="Sessions").click()
        await open_last(page.locator("tbody th a"))
        await expect(page.get_by_text("38 timed minutes make 3 units").first).to_be_visible()
        await page.locator("#claimed").locator("xpath=ancestor::section").get_by_role("link").click()
        await expect(page.get_by_text("is due from the patient")).to_be_visible()
        story_address = page.url
        await page.get_by_role("link", name="$60.00").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("$68.00 from HARBOR HEALTH")
        await page.get_by_role("heading", level=2).get_by_role("link").click()
        await page.get_by_role("link", name="Maria Lopez").click()
        await page.get_by_role("link", name="$20.00").click()
        await page.get_by_role("button", name="Issue a statement").click()
        await page.get_by_role("button", name="Make a payment link").click()
        link = await page.get_by_role("status").locator(".mono").inner_text()
        await pay(chromium, link)
        await page.goto(story_address)
        await expect(page.get_by_text("Everything is settled: nothing is open on any line.")).to_be_visible()
        await assert_whole(page)


async def pay(chromium: Browser, link: str) -> None:
    """The patient's part, in a browser of the patient's own."""
    async with window(chromium, PHONE, script=False) as page:
        await page.goto(link)
        born = date(1980, 5, 17)
        for label, value in (("Month", born.month), ("Day", born.day), ("Year", born.year)):
            await page.get_by_label(label, exact=True).fill(str(value))
        await page.get_by_label("ZIP code").fill("02108")
        await page.get_by_role("button", name="Continue").click()
        await page.get_by_role("button", name="Continue to pay").click()
        await page.get_by_role("button", name="Pay with test card").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, your payment is in")


async def assert_whole(page: Page) -> None:
    """Appointment, note, checks, submission, 999, 277CA, 835, postings, statement, link and payment."""
    told = await read_story(page)
    for title in (
        "Appointment booked with Ada Stone",
        "Session with Ada Stone",
        "Note signed",
        "1 visit: booked → documented",
        "Claim put together from its charges",
        "Claim checked",
        "Submitted: waits for the next file",
        "Sent to the clearinghouse (837P)",
        "The file was taken in (999)",
        "The payer accepted the claim (277CA)",
        "The payer decided (835)",
        "Remittance posted",
        "Statement to Maria Lopez",
        "Payment link made",
        "Maria Lopez paid $20.00 by card",
        "Patient payment set against the lines",
    ):
        assert title in told, title
    times = [await t.get_attribute("datetime") for t in await page.locator(".timeline time").all()]
    assert times == sorted(times, key=str)
    facts = await page.locator("#behind").locator("xpath=ancestor::section").inner_text()
    assert re.search(r"Eligibility\s+Not asked", facts)
    assert re.search(r"Authorization\s+A-4711", facts)
    actors = [w.rpartition(" · ")[2] for w in await page.locator(".timeline .when").all_inner_texts()]
    assert all(actors)
    assert "Olive Owner" in actors


async def test_the_pages_fit_a_phone_and_a_dark_room(stage: Stage, address: str, chromium: Browser) -> None:
    """Nothing sticks out at 360 pixels; measuring needs a script, the pages do not."""
    practice, claim = stage.practice, f"{stage.practice}/claims/{stage.claim_id}"
    paths = [
        "/today",
        "/practices",
        practice,
        *[f"{practice}/{name}" for name in ("claims", "visits", "remittances", "patients")],
        claim,
        f"{claim}/entries/insurer_open",
        f"{practice}/claims/{stage.held_claim_id}",
        f"{practice}/visits/{stage.visit_id}",
        f"{practice}/patients/{stage.world.patient_id}",
        f"{practice}/parties/{stage.world.party_id}",
        f"{practice}/claims/{stage.visit_id}",
    ]
    async with window(chromium, PHONE, script=True) as page:
        faults: list[str] = []
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        await page.emulate_media(color_scheme="dark")
        await sign_in(page, address, stage.company)
        for path in paths:
            await page.goto(f"{address}{path}")
            assert await page.evaluate("document.scrollingElement.scrollWidth") <= 360, path
        assert [fault for fault in faults if "404" not in fault] == []
    async with window(chromium, PHONE, script=True) as page:
        await sign_in(page, address, stage.therapist)
        await expect(page.get_by_role("heading", level=1)).to_have_text("My patients")
        assert await page.evaluate("document.scrollingElement.scrollWidth") <= 360


async def test_everything_is_reached_by_keyboard_and_named(
    stage: Stage, address: str, chromium: Browser
) -> None:
    """The first key leads past the menus, focus is seen, fields have names, and landmarks are there."""
    async with window(chromium, DESK, script=True) as page:
        await sign_in(page, address, stage.company)
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
        outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
        for path in ("/today", f"{stage.practice}/claims/{stage.held_claim_id}"):
            await page.goto(f"{address}{path}")
            for role in ("banner", "main", "contentinfo"):
                await expect(page.get_by_role(role)).to_have_count(1)
            await expect(page.get_by_role("heading", level=1)).to_have_count(1)
            unnamed = await page.evaluate(NAMELESS)
            assert unnamed == [], path


NAMELESS = """[...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a')]
    .filter(e => !(e.labels && e.labels.length) && !e.textContent.trim() && !e.getAttribute('aria-label'))
    .map(e => e.outerHTML)"""


@pytest.mark.req("CORE-13")
async def test_work_is_done_from_today_without_a_script(
    stage: Stage, address: str, chromium: Browser
) -> None:
    """The nearest deadline of all practices stands first; opening an item leads into its practice."""
    async with window(chromium, DESK, script=False) as page:
        await sign_in(page, address, stage.company)
        first = page.locator("tbody tr").first
        await expect(first).to_contain_text("Practice 1")
        await expect(first).to_contain_text("1 day late")
        await page.get_by_role("link", name=re.compile("Held claims")).click()
        await expect(page).to_have_url(re.compile(r"/today\?kind=claim_held"))
        await page.locator("tbody summary").first.click()
        await page.get_by_role("button", name="Take it").click()
        await expect(page).to_have_url(re.compile(r"/today\?kind=claim_held"))
        await expect(page.locator("tbody tr").first).to_contain_text("You")
        await page.locator("tbody tr").first.get_by_role("link").first.click()
        await expect(page.locator(".practice .name")).to_contain_text("Practice 0")
        await expect(page.get_by_text("Why it is where it is")).to_be_visible()
