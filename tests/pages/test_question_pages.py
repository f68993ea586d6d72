"""Questions to clinicians, unsigned notes and codes that wait for review, through the pages."""

import re
from datetime import date
from typing import Any

import httpx
import pytest

from domain.practices.roster import NewProvider, add_provider
from tenants.access import Role
from tests.api.v1.clinic import attestation
from tests.pages.conftest import enter, visitor
from tests.pages.stage import Stage, add_member, add_therapist
from tests.pages.test_front import csrf

DAY = date(2026, 3, 20)
EXERCISE = [{"code": "97110", "minutes": 30}]
ANGRY = "Which muscles <script>alert(1)</script> were trained?"


async def asked(stage: Stage, number: int, day: date, question: str = ANGRY) -> tuple[str, str]:
    """A session whose charges wait for an answer, and the question."""
    visit = (await stage.session(number, day, EXERCISE))["id"]
    body = {"question": question, "service_ordinal": 1}
    return visit, (await stage.post(f"/visits/{visit}/queries", body))["id"]


@pytest.fixture
async def colleague(stage: Stage) -> Any:
    """Another therapist of the practice, as a member."""
    async with stage.services.database.practice_transaction(stage.actor, stage.world.practice_id) as session:
        other = await add_provider(
            session,
            stage.world.practice_id,
            NewProvider(
                given_name="Cleo",
                family_name="Marsh",
                credential="PT",
                disciplines=["PT"],
                npi="1023011079",
                taxonomy="225100000X",
            ),
        )
    return await add_therapist(stage.services, stage.company, stage.world.practice_id, other)


async def test_the_clinician_answers_by_form_and_the_session_is_charged(
    stage: Stage, owner: httpx.AsyncClient
) -> None:
    """The own questions are counted and answered without any money in sight; then the charges appear."""
    visit, query = await asked(stage, 300, DAY)
    held = (await owner.get(f"{stage.practice}/visits/{visit}")).text
    assert "Nothing is charged yet." in held
    assert "Waits for an answer" in held
    here = f"{stage.practice}/queries/{query}"
    async with visitor(stage) as caller:
        await enter(caller, stage.therapist)
        mine = (await caller.get("/my-patients")).text
        assert re.search(rf'href="{stage.practice}/queries"><strong>\d+ questions?</strong>', mine)
        listed = (await caller.get(f"{stage.practice}/queries")).text
        assert "Questions to you" in listed
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in listed
        assert "<script" not in listed
        one = (await caller.get(here)).text
        form = {"_csrf": csrf(one), "answer": "Quadriceps.", "addendum": "Quadriceps and gluteus."}
        assert (await caller.post(f"{here}/answer", data={"answer": "No token"})).status_code == 403
        empty = await caller.post(f"{here}/answer", data={"_csrf": csrf(one), "answer": " "})
        assert (empty.status_code, "An answer has 1 to 2,000 characters" in empty.text) == (422, True)
        sent = await caller.post(f"{here}/answer", data=form)
        assert (sent.status_code, sent.headers["location"]) == (303, here)
        answered = (await caller.get(here)).text
        assert re.search(
            r'class="mono">97110-GP</th><td class="number">30</td><td class="number">2<', answered
        )
        for page in (mine, listed, one, answered):
            assert not re.search(r"\$\d|billed|balance|/visits/|/claims", page)
        twice = await caller.post(f"{here}/answer", data=form)
        assert (twice.status_code, "Back to the page" in twice.text) == (409, True)
    charged = (await owner.get(f"{stage.practice}/visits/{visit}")).text
    assert "$100.00" in charged
    assert "Quadriceps and gluteus." in charged
    assert "Answered" in charged


async def test_a_coder_asks_withdraws_and_asks_again_by_forms(stage: Stage, owner: httpx.AsyncClient) -> None:
    """A reopened question keeps its earlier reply; a withdrawn one says why."""
    visit = (await stage.session(301, date(2026, 3, 19), EXERCISE))["id"]
    session = f"{stage.practice}/visits/{visit}"
    token = csrf((await owner.get(session)).text)
    form = {"_csrf": token, "question": "How many repetitions?", "about": "1"}
    assert (await owner.post(f"{session}/ask", data=form)).headers["location"] == session
    page = (await owner.get(session)).text
    here = re.search(rf'href="({stage.practice}/queries/[0-9a-f-]+)"', page)
    assert here
    for move, reason in (("withdraw", "Found in the flow sheet"), ("reopen", "It was another note")):
        moved = await owner.post(f"{here[1]}/{move}", data={"_csrf": token, "reason": reason})
        assert moved.status_code == 303, moved.text
        assert reason in (await owner.get(here[1])).text
    delegate = await owner.post(f"{here[1]}/answer", data={"_csrf": token, "answer": "She says twelve."})
    assert delegate.status_code == 303
    await owner.post(f"{here[1]}/reopen", data={"_csrf": token, "reason": "Too thin"})
    again = (await owner.get(here[1])).text
    assert "She says twelve." in again
    assert "asked again by Olive Owner" in again
    assert "Waits for an answer" in again
    await owner.post(f"{here[1]}/withdraw", data={"_csrf": token, "reason": "Enough"})


async def test_nobody_reads_or_answers_for_another_clinician(stage: Stage, colleague: Any) -> None:
    _, query = await asked(stage, 302, date(2026, 3, 18))
    async with visitor(stage) as caller:
        await enter(caller, colleague)
        listed = (await caller.get(f"{stage.practice}/queries")).text
        assert "No question waits." in listed
        assert "Lopez" not in listed
        here = f"{stage.practice}/queries/{query}"
        assert (await caller.get(here)).status_code == 403
        form = {"_csrf": csrf(listed), "answer": "I think so."}
        assert (await caller.post(f"{here}/answer", data=form)).status_code == 403
        assert (await caller.post(f"{here}/withdraw", data=form)).status_code == 403
        assert (await caller.get(f"{stage.practice}/unsigned-notes")).status_code == 403
        assert (await caller.get("/unsigned-notes")).status_code == 403


async def test_who_may_only_read_gets_the_questions_without_forms(stage: Stage) -> None:
    visit, query = await asked(stage, 303, date(2026, 3, 17))
    auditor = await add_member(stage.services, stage.company, Role.AUDITOR, None)
    async with visitor(stage) as caller:
        await enter(caller, auditor)
        for path in ("queries", f"queries/{query}", f"visits/{visit}"):
            page = (await caller.get(f"{stage.practice}/{path}")).text
            assert "trained?" in page
            assert not re.search(r'action="[^"]*/(answer|withdraw|reopen|ask|accept-codes)"', page)


async def test_the_answer_may_attest_what_the_checklist_asks(stage: Stage, owner: httpx.AsyncClient) -> None:
    """The form asks for the items that the note lacks, and no others."""
    items = {k: v for k, v in attestation()["items"].items() if k != "medical_necessity"}
    told = {"documentation": attestation(items=items)}
    visit = (await stage.session(304, date(2026, 3, 16), EXERCISE, **told))["id"]
    listed = (await owner.get(f"{stage.practice}/visits/{visit}")).text
    here = re.search(rf'href="({stage.practice}/queries/[0-9a-f-]+)"', listed)
    assert here
    page = (await owner.get(here[1])).text
    assert re.findall(r'name="item\.([a-z_]+)"', page) == ["medical_necessity"]
    form = {"_csrf": csrf(page), "answer": "See below.", "item.medical_necessity": "Hands-on cueing of gait."}
    assert (await owner.post(f"{here[1]}/answer", data=form)).status_code == 303
    done = (await owner.get(here[1])).text
    assert "Medical necessity: Hands-on cueing of gait." in done
    assert "97110" in done
    assert "Charged" in done


async def test_unsigned_notes_are_counted_on_today_and_open_their_sessions(
    stage: Stage, owner: httpx.AsyncClient
) -> None:
    """By clinician with age and dollars; who may not see claims sees no dollars."""
    today = (await owner.get("/today")).text
    card = today.split('href="/unsigned-notes"')[1].split("</a>")[0]
    assert re.search(r'class="figure">\d+ <small>\$', card)
    desk = await add_member(stage.services, stage.company, Role.FRONT_DESK, stage.world.practice_id)
    for path in ("/unsigned-notes", f"{stage.practice}/unsigned-notes"):
        page = (await owner.get(path)).text
        assert "Ada Stone" in page
        assert f'href="{stage.practice}/visits/{stage.held_visit_id}"' in page
        assert re.search(r'data-label="Age">\d+ days?<', page)
        assert re.search(r'data-label="Waiting">\$', page)
        async with visitor(stage) as caller:
            await enter(caller, desk)
            plain = (await caller.get(path)).text
            assert "Ada Stone" in plain
            assert "$" not in plain
    await stage.session(3, date(2026, 3, 25), [{"code": "97110", "minutes": 24}], source_version="2")
    signed = (await owner.get(f"{stage.practice}/unsigned-notes")).text
    assert stage.held_visit_id not in signed


async def test_codes_that_wait_for_review_are_accepted_by_form(
    stage: Stage, owner: httpx.AsyncClient
) -> None:
    rule = {
        "rule": "coding_review",
        "value": {"review": "none", "codes": ["97530"]},
        "starts_on": "2026-01-01",
        "source": "Review policy of the practice",
        "reason": "New codes are read by a coder first",
    }
    await stage.post("/rules", rule)
    visit = (await stage.session(305, date(2026, 3, 13), [{"code": "97530", "minutes": 30}]))["id"]
    here = f"{stage.practice}/visits/{visit}"
    page = (await owner.get(here)).text
    assert "The coding waits for review" in page
    token = csrf(page)
    accepted = await owner.post(f"{here}/accept-codes", data={"_csrf": token, "note": "As documented"})
    assert (accepted.status_code, accepted.headers["location"]) == (303, here)
    after = (await owner.get(here)).text
    assert "The coding waits for review" not in after
    assert "Codes reviewed by Olive Owner: As documented" in after
    assert "97530-GP" in after
