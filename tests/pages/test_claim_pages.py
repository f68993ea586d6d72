"""The claim's story: everything in order of time with who and when, money that sums, and the moves."""

import re
from datetime import datetime

import httpx
import pytest

from tenants.access import Role
from tests.pages.conftest import enter, visitor
from tests.pages.stage import MONDAY, Stage, add_member
from tests.pages.test_front import csrf


def moments(page: str) -> list[tuple[datetime, str, str, str]]:
    """Time, chapter, actor and title of each entry of the story."""
    found = re.findall(
        r'<time datetime="([^"]+)">[^<]*</time> · ([^·<]+) · ([^<]+)</p>'
        r'\s*<p class="what">(?:<a[^>]*>)?([^<]+)',
        page,
    )
    return [
        (datetime.fromisoformat(at), chapter.strip(), who.strip(), what) for at, chapter, who, what in found
    ]


def cents(text: str) -> int:
    """An amount of a page."""
    return int(text.replace("$", "").replace(",", "").replace(".", ""))


async def test_the_story_has_every_chapter_in_order_of_time(stage: Stage, owner: httpx.AsyncClient) -> None:
    page = (await owner.get(f"{stage.practice}/claims/{stage.claim_id}")).text
    told = moments(page)
    assert [at for at, *_ in told] == sorted(at for at, *_ in told)
    assert {chapter for _, chapter, *_ in told} >= {
        "Appointment", "Session", "Limit", "Claim", "Check", "Submission", "Acknowledgement", "Remittance",
        "Ledger",
    }  # fmt: skip
    assert all(who for *_, who, _ in told)
    titles = [what for *_, what in told]
    wanted = [
        "Appointment booked with Ada Stone",
        "Session with Ada Stone",
        "Note signed",
        "Claim put together from its charges",
        "Claim checked",
        "Submitted: waits for the next file",
        "Sent to the clearinghouse (837P)",
        "The file was taken in (999)",
        "The payer accepted the claim (277CA)",
        "Remittance posted",
    ]
    assert [title for title in titles if title in wanted] == wanted
    for fact in ("Not asked", "A-4711", "Signed by Ada Stone PT", "Insurance paid"):
        assert fact in page


async def test_the_parts_of_each_line_sum_to_its_charge(stage: Stage, owner: httpx.AsyncClient) -> None:
    page = (await owner.get(f"{stage.practice}/claims/{stage.claim_id}")).text
    table = page.split('<h2 id="money">')[1].split("</table>")[0]
    for row in table.split("<tr>")[2:]:
        amounts = [cents(a) for a in re.findall(r"-?\$[\d,]+\.\d\d", row)]
        billed, parts = amounts[0], amounts[2:] if "remittances" in row else amounts[1:]
        assert sum(parts) == billed
        assert len(parts) == 7


async def test_each_number_opens_the_entries_that_add_up_to_it(
    stage: Stage, owner: httpx.AsyncClient
) -> None:
    page = (await owner.get(f"{stage.practice}/claims/{stage.claim_id}")).text
    links = re.findall(r'href="([^"]*/entries/[^"]*)">(-?\$[\d,.]+)</a>', page)
    assert len(links) >= 8
    for path, amount in links:
        opened = (await owner.get(path)).text
        entries = re.findall(r'class="number" data-label="Amount">(-?\$[\d,.]+)<', opened)
        assert sum(cents(e) for e in entries) == cents(amount)
        assert f": {amount}</h1>" in opened


async def test_it_says_why_it_is_where_it_is_and_whose_turn_it_is(
    stage: Stage, owner: httpx.AsyncClient
) -> None:
    held = (await owner.get(f"{stage.practice}/claims/{stage.held_claim_id}")).text
    assert "The line repeats a charge that was already billed." in held
    assert "Take it off, or send a replacement of the earlier claim." in held
    assert "Sun 29 Mar 2026" in held
    ready = (await owner.get(f"{stage.practice}/claims/{stage.ready_claim_id}")).text
    assert "Every check passed, and nobody has submitted it yet." in ready
    assert "Submit the claim" in ready
    paid = (await owner.get(f"{stage.practice}/claims/{stage.claim_id}")).text
    assert "is due from the patient" in paid or "Everything is settled" in paid


async def test_a_claim_is_checked_released_by_name_and_submitted_by_forms(
    stage: Stage, owner: httpx.AsyncClient
) -> None:
    body = [{"code": "97110", "minutes": 30}]
    twice = {"starts_at": "2026-03-23T20:00:00Z", "ends_at": "2026-03-23T21:00:00Z"}
    await _claim(stage, 90, body, {"starts_at": "2026-03-23T14:00:00Z", "ends_at": "2026-03-23T15:00:00Z"})
    path = f"{stage.practice}/claims/{await _claim(stage, 91, body, twice)}"
    token = csrf((await owner.get(path)).text)
    checked = await owner.post(f"{path}/check", data={"_csrf": token})
    assert (checked.status_code, checked.headers["location"]) == (303, path)
    refused = await owner.post(f"{path}/submit", data={"_csrf": token})
    assert refused.status_code == 409, refused.text
    assert "not ready" in refused.text
    reason = "Two sessions on one day, agreed by telephone"
    released = await owner.post(f"{path}/release", data={"_csrf": token, "reason": reason})
    assert released.status_code == 303
    page = (await owner.get(path)).text
    assert f"Released by Olive Owner: {reason}" in page
    assert [what for *_, what in moments(page)].count("Claim checked") == 2
    assert (await owner.post(f"{path}/submit", data={"_csrf": token})).status_code == 303
    sent = (await owner.get(path)).text
    assert "It is submitted and goes out with the next file." in sent
    assert "/submit" not in sent


async def _claim(stage: Stage, number: int, services: list[dict[str, object]], when: dict[str, str]) -> str:
    visit = await stage.session(number, MONDAY, services, **when)
    made = await stage.post("/claims/assemble", {"visit_ids": [visit["id"]]})
    return made["claim_ids"][0]


async def test_buttons_follow_the_grants(stage: Stage) -> None:
    biller = await add_member(stage.services, stage.company, Role.BILLER, None)
    async with visitor(stage) as caller:
        await enter(caller, biller)
        held = (await caller.get(f"{stage.practice}/claims/{stage.held_claim_id}")).text
        assert "Check again" in held
        assert "Release the claim" not in held
        form = {"_csrf": csrf(held), "reason": "because"}
        path = f"{stage.practice}/claims/{stage.held_claim_id}/release"
        assert (await caller.post(path, data=form)).status_code == 403


async def test_lists_filter_by_status_and_never_show_another_practice(
    stage: Stage, owner: httpx.AsyncClient
) -> None:
    held = (await owner.get(f"{stage.practice}/claims", params={"status": "held"})).text
    assert stage.held_claim_id in held
    assert stage.claim_id not in held
    other = (await owner.get(f"/practices/{stage.company.practice_ids[1]}/claims")).text
    assert "No claim here" in other
    assert (
        await owner.get(f"/practices/{stage.company.practice_ids[1]}/claims/{stage.claim_id}")
    ).status_code == 404


@pytest.mark.parametrize("path", ["", "/visits", "/remittances", "/patients"])
async def test_every_page_of_a_practice_names_it(stage: Stage, owner: httpx.AsyncClient, path: str) -> None:
    answer = await owner.get(f"{stage.practice}{path}")
    assert answer.status_code == 200
    assert '<span class="name"><span class="hidden-text">Practice: </span>Practice 0</span>' in answer.text
    assert "Data as of" in answer.text


async def test_a_patient_is_found_by_the_beginning_of_the_name_without_a_name_in_an_address(
    stage: Stage, owner: httpx.AsyncClient
) -> None:
    path = f"{stage.practice}/patients"
    token = csrf((await owner.get(path)).text)
    found = await owner.post(path, data={"_csrf": token, "name": "lop"})
    assert "Lopez, Maria" in found.text
    assert found.history == []
    nobody = await owner.post(path, data={"_csrf": token, "name": "zz"})
    assert "Lopez" not in nobody.text
    assert "begins like this" in nobody.text


async def test_what_a_limit_says_opens_its_ledger(stage: Stage, owner: httpx.AsyncClient) -> None:
    page = (await owner.get(f"{stage.practice}/patients/{stage.world.patient_id}")).text
    for path, amount in re.findall(r'href="([^"]*/limits/[^"]*)">(?:<strong>)?(\d+) visits?', page):
        opened = (await owner.get(path)).text
        balances = re.findall(r'data-label="Balance">(-?\d+)<', opened)
        assert abs(int(balances[-1])) == int(amount), path


async def test_minutes_and_units_are_explained(stage: Stage, owner: httpx.AsyncClient) -> None:
    page = (await owner.get(f"{stage.practice}/visits/{stage.visit_id}")).text
    assert "38 timed minutes make 3 units" in page
    assert "Midpoint of each code (AMA)" in page
    assert "1 visit of authorization A-4711" in page
    held = (await owner.get(f"{stage.practice}/visits/{stage.held_visit_id}")).text
    assert "The note is not signed." in held


async def test_a_remittance_is_read_and_taken_back_by_form(stage: Stage, owner: httpx.AsyncClient) -> None:
    listed = (await owner.get(f"{stage.practice}/remittances")).text
    path = re.findall(rf'href="({stage.practice}/remittances/[0-9a-f-]+)"', listed)[-1]
    page = (await owner.get(path)).text
    assert "CO-45" in page
    assert "contractual adjustment" in page
    assert f"{stage.practice}/claims/{stage.claim_id}" in page
    before = (await owner.get(f"{stage.practice}/claims/{stage.claim_id}/entries/patient_due")).text
    form = {"_csrf": csrf(page), "reason": "Posted to try it"}
    assert (await owner.post(f"{path}/unpost", data=form)).status_code == 303
    assert "Un-posted" in (await owner.get(path)).text
    assert (await owner.post(f"{path}/post", data={"_csrf": csrf(page)})).status_code == 303
    after = (await owner.get(f"{stage.practice}/claims/{stage.claim_id}/entries/patient_due")).text
    assert re.findall(r"<h1>.*</h1>", before) == re.findall(r"<h1>.*</h1>", after)
