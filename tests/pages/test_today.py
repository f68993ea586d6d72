"""Today: one queue over the member's practices and no other, counted as it is listed, worked by forms."""

import re
from datetime import date

import httpx
import pytest

from domain.work.items import open_item
from tenants import provisioning
from tenants.access import Role
from tests.api.conftest import make_company
from tests.pages.conftest import enter, visitor
from tests.pages.stage import Stage, add_member
from tests.pages.test_front import csrf


async def add_work(stage: Stage, reason: str, due_on: date, number: int = 0) -> str:
    """Open work about nothing in particular in one of the practices."""
    practice_id = stage.company.practice_ids[number]
    async with stage.services.database.practice_transaction(stage.actor, practice_id) as session:
        item_id = await open_item(
            session,
            practice_id,
            kind="next_payer_due",
            subject_kind="claim",
            subject_id=provisioning.new_id(),
            reason=reason,
            next_action="Do it",
            due_on=due_on,
            value_cents=123_456,
            now=stage.services.now(),
        )
    return f"/practices/{practice_id}/work/{item_id}"


def due_dates(page: str) -> list[str]:
    """The deadlines of the rows in their order."""
    return re.findall(r'data-label="Due">\s*<span class="nowrap">([^<]+)</span>', page)


@pytest.mark.req("CORE-13")
async def test_one_queue_from_every_practice_of_the_member_and_from_no_other(
    stage: Stage, signed_in: httpx.Cookies
) -> None:
    """The nearest deadline first; the company's other practice and other companies stay out."""
    stranger = await make_company(stage.services)
    clerk = await add_member(stage.services, stage.company, Role.BILLER, stage.company.practice_ids[1])
    await add_work(stage, "Only in the first practice", date(2026, 3, 30))
    await add_work(stage, "Only in the second practice", date(2026, 3, 31), number=1)
    async with visitor(stage) as caller:
        caller.cookies.update(signed_in)
        everything = (await caller.get("/today")).text
        narrowed = (await caller.get("/today", params={"practice": str(stage.company.practice_ids[1])})).text
        shown = due_dates(everything)
        assert "Only in the first practice" in everything
        assert "Only in the second practice" in everything
        assert "Only in the first practice" not in narrowed
        assert [s.split()[1:] for s in shown] == sorted(
            (s.split()[1:] for s in shown),
            key=lambda day: (day[2], {"Mar": 3, "Apr": 4}[day[1]], int(day[0])),
        )
        opened = await caller.get(f"{stage.practice}/claims/{stage.held_claim_id}")
        assert "Practice 0" in opened.text
        assert "Practice 1" not in opened.text
    async with visitor(stage) as caller:
        await enter(caller, clerk)
        theirs = (await caller.get("/today")).text
        assert "Only in the second practice" in theirs
        assert "Only in the first practice" not in theirs
        assert "Practice 0" not in theirs
        assert (await caller.get(stage.practice)).status_code == 404
    async with visitor(stage) as caller:
        await enter(caller, stranger)
        assert "Nothing needs you now." in (await caller.get("/today")).text


async def test_each_count_equals_its_rows(stage: Stage, owner: httpx.AsyncClient) -> None:
    page = (await owner.get("/today")).text
    cards = re.findall(r'href="/today\?kind=(\w+)".*?<span class="figure">(\d+) ', page, flags=re.DOTALL)
    assert cards
    for kind, count in cards:
        rows = due_dates((await owner.get("/today", params={"kind": kind})).text)
        assert len(rows) == int(count), kind


async def test_work_is_taken_put_off_and_closed_by_forms(stage: Stage, owner: httpx.AsyncClient) -> None:
    """Each answers with a redirect back to the list as it was filtered."""
    item = await add_work(stage, "A thing to be done", date(2026, 4, 3))
    token = csrf((await owner.get("/today")).text)
    back = "/today?kind=next_payer_due"
    taken = await owner.post(f"{item}/take", data={"_csrf": token, "back": back})
    assert (taken.status_code, taken.headers["location"]) == (303, back)
    assert "A thing to be done" in (await owner.get("/today?owner=me")).text
    assert "A thing to be done" not in (await owner.get("/today?owner=nobody")).text
    form = {"_csrf": token, "next_action": "Call again", "due_on": "2026-05-06", "back": "https://evil.test"}
    moved = await owner.post(f"{item}/put-off", data=form)
    assert moved.headers["location"] == "/today"
    listed = (await owner.get("/today?owner=me")).text
    assert "Next: Call again" in listed
    assert "Wed 6 May 2026" in listed
    closed = await owner.post(f"{item}/close", data={"_csrf": token, "outcome": "Done by telephone"})
    assert closed.status_code == 303
    assert "A thing to be done" not in (await owner.get("/today")).text
    again = await owner.post(f"{item}/close", data={"_csrf": token, "outcome": "Twice"})
    assert again.status_code == 404
    assert "text/html" in again.headers["content-type"]


async def test_a_form_that_says_nothing_changes_nothing(stage: Stage, owner: httpx.AsyncClient) -> None:
    item = await add_work(stage, "Still to be done", date(2026, 4, 3))
    token = csrf((await owner.get("/today")).text)
    assert (await owner.post(f"{item}/close", data={"_csrf": token, "outcome": ""})).status_code == 400
    assert (await owner.post(f"{item}/put-off", data={"_csrf": token, "due_on": "soon"})).status_code == 400
    assert "Still to be done" in (await owner.get("/today")).text


async def test_who_may_only_read_gets_no_buttons(stage: Stage) -> None:
    auditor = await add_member(stage.services, stage.company, Role.AUDITOR, None)
    item = await add_work(stage, "To be looked at", date(2026, 4, 3))
    async with visitor(stage) as caller:
        await enter(caller, auditor)
        page = (await caller.get("/today")).text
        assert "To be looked at" in page
        assert "/close" not in page
        refused = await caller.post(f"{item}/close", data={"_csrf": csrf(page), "outcome": "No"})
        assert refused.status_code == 403


async def test_a_long_list_goes_on_where_it_ended(stage: Stage, owner: httpx.AsyncClient) -> None:
    for number in range(55):
        await add_work(stage, f"Number {number} of many", date(2026, 6, 1))
    first = (await owner.get("/today?kind=next_payer_due")).text
    following = re.search(r'href="(/today\?[^"]*after=[^"]+)"', first)
    assert following
    second = (await owner.get(following[1].replace("&amp;", "&"))).text
    numbers = re.findall(r"Number (\d+) of many", first) + re.findall(r"Number (\d+) of many", second)
    assert sorted(set(map(int, numbers))) == list(range(55))
