"""Signing in and out by form, where each person starts, and what a refusal looks like."""

import re

import httpx
import pytest

from tenants.access import Role
from tests.api.conftest import PASSWORD, Company
from tests.pages.conftest import enter, visitor
from tests.pages.stage import Stage, add_member


async def test_the_front_page_asks_for_the_company_and_leads_to_its_sign_in(stage: Stage) -> None:
    async with visitor(stage) as caller:
        asked = await caller.get("/")
        assert "Your company&#39;s address" in asked.text or "Your company's address" in asked.text
        answer = await caller.get("/", params={"company": stage.company.slug})
        assert answer.headers["location"] == f"/o/{stage.company.slug}/sign-in"
        assert "letters, digits and hyphens" in (await caller.get("/?company=a/b")).text


async def another_owner(stage: Stage) -> Company:
    """A member with a throttle of their own."""
    return await add_member(stage.services, stage.company, Role.OWNER, None, name="Oz Owner")


async def test_a_wrong_password_is_told_on_the_page_and_keeps_the_address(stage: Stage) -> None:
    member = await another_owner(stage)
    async with visitor(stage) as caller:
        form = {"email": member.email, "password": "wrong"}
        answer = await caller.post(f"/o/{stage.company.slug}/sign-in", data=form)
        assert answer.status_code == 401
        assert "The e-mail address or the password is wrong." in answer.text
        assert member.email in answer.text
        assert "set-cookie" not in answer.headers


async def test_everybody_starts_where_their_work_is(stage: Stage) -> None:
    member = await another_owner(stage)
    async with visitor(stage) as caller:
        await enter(caller, member)
        assert (await caller.get("/")).headers["location"] == "/home"
        assert (await caller.get("/home")).headers["location"] == "/today"
    async with visitor(stage) as caller:
        await enter(caller, stage.therapist)
        assert (await caller.get("/home")).headers["location"] == "/my-patients"
        assert (await caller.get("/today")).status_code == 403


async def test_who_is_not_signed_in_comes_back_to_the_wanted_page_after_it(stage: Stage) -> None:
    member = await another_owner(stage)
    async with visitor(stage) as caller:
        await enter(caller, member)
        caller.cookies.delete("visitledger")
        wanted = f"{stage.practice}/claims/{stage.claim_id}"
        led = await caller.get(wanted)
        assert led.status_code == 303
        form_page = await caller.get(led.headers["location"])
        assert f'name="next" value="{wanted}"' in form_page.text
        form = {"email": member.email, "password": PASSWORD, "next": wanted}
        back = await caller.post(f"/o/{stage.company.slug}/sign-in", data=form)
        assert back.headers["location"] == wanted


@pytest.mark.parametrize("elsewhere", ["https://evil.test/", "//evil.test", "/\\evil.test", "evil.test"])
async def test_nobody_is_led_elsewhere(stage: Stage, elsewhere: str) -> None:
    member = await another_owner(stage)
    async with visitor(stage) as caller:
        form = {"email": member.email, "password": PASSWORD, "next": elsewhere}
        answer = await caller.post(f"/o/{stage.company.slug}/sign-in", data=form)
        assert answer.headers["location"] == "/home"


async def test_signing_out_ends_it_everywhere(stage: Stage) -> None:
    member = await another_owner(stage)
    async with visitor(stage) as caller, visitor(stage) as other:
        await enter(caller, member)
        other.cookies.update(caller.cookies)
        token = csrf((await caller.get("/today")).text)
        assert (await caller.post("/sign-out", data={"_csrf": token})).status_code == 303
        assert (await other.get("/today")).status_code == 303


@pytest.mark.req("API-09", "SEC-13")
async def test_a_refusal_is_a_page_with_a_way_on_and_says_nothing_of_what_is_there(
    stage: Stage, owner: httpx.AsyncClient
) -> None:
    clerk = await add_member(stage.services, stage.company, Role.BILLER, stage.company.practice_ids[1])
    async with visitor(stage) as caller:
        await enter(caller, clerk)
        foreign = await caller.get(f"{stage.practice}/claims/{stage.claim_id}")
        unknown = await caller.get(f"/practices/{stage.claim_id}/claims/{stage.claim_id}")
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert plain(foreign.text) == plain(unknown.text)
    for answer in (foreign, await owner.get("/today")):
        assert answer.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.req("SEC-13")
async def test_a_form_without_its_token_changes_nothing(stage: Stage, owner: httpx.AsyncClient) -> None:
    path = f"{stage.practice}/claims/{stage.held_claim_id}"
    for form in ({"reason": "sent from elsewhere"}, {"reason": "sent from elsewhere", "_csrf": "guessed"}):
        answer = await owner.post(f"{path}/release", data=form)
        assert answer.status_code == 403
        assert "Open the page again" in answer.text
        assert f'href="{path}"' in answer.text
    assert "sent from elsewhere" not in (await owner.get(path)).text


async def test_the_same_form_is_taken_twice(stage: Stage, owner: httpx.AsyncClient) -> None:
    """Equal bytes of two requests are parsed once by the framework; the token must be there both times."""
    path = f"{stage.practice}/patients"
    form = {"_csrf": csrf((await owner.get(path)).text), "name": "Lop"}
    answers = [await owner.post(path, data=form) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert all("Lopez, Maria" in answer.text for answer in answers)


def csrf(page: str) -> str:
    """The token of the page's forms."""
    found = re.search(r'name="_csrf" value="([^"]+)"', page)
    assert found
    return found[1]


def plain(page: str) -> str:
    """A refusal without its number."""
    return re.sub(r"[0-9a-f]{32}", "", page)


async def test_an_unknown_address_is_a_page_for_browsers_only(owner: httpx.AsyncClient) -> None:
    """A mistyped address shows a page; a program gets its problem document."""
    page = await owner.get("/nowhere", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["content-type"].split(";")[0]) == (404, "text/html")
    problem = await owner.get("/v1/nowhere", headers={"Accept": "text/html"})
    assert problem.headers["content-type"].startswith("application/problem+json")
