"""What a claim should be paid, suggested codes, and corrections that wait for a second person."""

import base64
import re
from datetime import date
from html import unescape
from typing import Any
from uuid import UUID

import httpx
import pytest
from playwright.async_api import Browser

from domain.claims.suggestion_models import CodingSuggestion
from tenants.access import Role
from tenants.ids import new_id
from tests.pages.conftest import enter, visitor
from tests.pages.stage import Stage, add_member
from tests.pages.test_front import csrf

EXERCISE = [{"code": "97110", "minutes": 30}]
SUGGESTED = {
    "source": "ai",
    "made_with": "coder-1",
    "change": {"pointer": "/lines/0/code", "becomes": "97530"},
    "why": "The note <b>describes</b> dynamic activities",
    "evidence": "Practised getting up from a chair",
}
TICKS = ("note_supports", "payer_allows", "modifier_justified", "diagnosis_connects")
WORDS = "The note describes dynamic activities at length"


async def claimed(stage: Stage, number: int, day: date) -> tuple[str, str]:
    """A claim of one session, and the session."""
    visit = (await stage.session(number, day, EXERCISE))["id"]
    made = await stage.post("/claims/assemble", {"visit_ids": [visit]})
    return made["claim_ids"][0], visit


async def suggested(stage: Stage, number: int, day: date) -> tuple[str, dict[str, str]]:
    """The page of a claim with an open suggestion, and the whole form that accepts it, but for the token."""
    claim_id, visit = await claimed(stage, number, day)
    made = await stage.post(f"/claims/{claim_id}/suggestions", SUGGESTED)
    form = {"suggestion_id": made["id"], "visit_id": visit, "words": WORDS} | dict.fromkeys(TICKS, "true")
    return f"{stage.practice}/claims/{claim_id}", form


async def test_a_missing_tick_refuses_in_words_and_keeps_the_form(
    stage: Stage, owner: httpx.AsyncClient
) -> None:
    """Each of the four by itself; without evidence too. Nothing changes until all stand."""
    here, form = await suggested(stage, 400, date(2026, 3, 12))
    page = (await owner.get(here)).text
    assert page.count('type="checkbox"') == page.count('value="true" required') == 4
    assert "&lt;b&gt;describes&lt;/b&gt;" in page
    assert "Practised getting up from a chair" in page
    form["_csrf"] = csrf(page)
    said = ["The note supports it", "The payer allows it", "The modifier is justified"]
    for tick, words in zip(TICKS, [*said, "The diagnosis connects to it"], strict=True):
        sent = {name: value for name, value in form.items() if name != tick}
        refused = await owner.post(f"{here}/accept-suggestion", data=sent)
        assert refused.status_code == 422
        assert f"Not accepted: “{words}” is not confirmed." in refused.text
        assert WORDS in refused.text
        assert refused.text.count("required checked") == 3
    short = await owner.post(f"{here}/accept-suggestion", data=form | {"words": "Yes"})
    assert "say in at least ten characters" in short.text
    unlinked = await owner.post(f"{here}/accept-suggestion", data=form | {"visit_id": ""})
    assert "name the session, or the document" in unlinked.text
    assert "97530" not in (await owner.get(here)).text.split('<h2 id="money">')[1].split("</table>")[0]
    taken = await owner.post(f"{here}/accept-suggestion", data=form)
    assert (taken.status_code, taken.headers["location"]) == (303, here)
    after = (await owner.get(here)).text
    assert "97530" in after.split('<h2 id="money">')[1].split("</table>")[0]
    assert "A suggested code was accepted by name" in after
    assert "confirmed: the note supports it, the payer allows it" in after
    again = await owner.post(f"{here}/accept-suggestion", data=form)
    assert again.status_code == 409


async def test_a_suggestion_is_dismissed_with_a_reason(stage: Stage, owner: httpx.AsyncClient) -> None:
    here, form = await suggested(stage, 401, date(2026, 3, 11))
    sent = {"_csrf": csrf((await owner.get(here)).text), "suggestion_id": form["suggestion_id"]}
    assert (await owner.post(f"{here}/dismiss-suggestion", data=sent | {"reason": ""})).status_code == 400
    done = await owner.post(f"{here}/dismiss-suggestion", data=sent | {"reason": "The note says otherwise"})
    assert done.status_code == 303
    page = (await owner.get(here)).text
    assert "Dismissed" in page
    assert "The note says otherwise" in page
    assert "accept-suggestion" not in page


async def test_what_the_rule_book_suggests_shows_its_evidence_by_name(
    stage: Stage, owner: httpx.AsyncClient
) -> None:
    """A program's evidence are words of the record; the rule book's are the facts that it went by."""
    claim_id, _ = await claimed(stage, 410, date(2026, 3, 4))
    row = CodingSuggestion(
        practice_id=stage.world.practice_id,
        id=new_id(),
        claim_id=UUID(claim_id),
        source="rule",
        made_with="pairs of 2026Q1",
        pointer="/lines/0/modifiers",
        was="GP",
        becomes="GP, XE",
        why="the two services stand in separate times",
        evidence={"column1": "97150", "kind": "separate <i>times</i>"},
        state="open",
        made_by=stage.actor.id,
        made_at=stage.services.now(),
        confirmed=[],
    )
    async with stage.services.database.practice_transaction(stage.actor, stage.world.practice_id) as session:
        session.add(row)
    page = (await owner.get(f"{stage.practice}/claims/{claim_id}")).text
    assert "Kind: separate &lt;i&gt;times&lt;/i&gt;; Column1: 97150" in page
    assert "pairs of 2026Q1" in page


async def test_who_may_only_read_and_programs_accept_nothing(stage: Stage) -> None:
    here, form = await suggested(stage, 402, date(2026, 3, 10))
    auditor = await add_member(stage.services, stage.company, Role.AUDITOR, None)
    async with visitor(stage) as caller:
        await enter(caller, auditor)
        page = (await caller.get(here)).text
        assert "Suggested codes" in page
        assert "accept-suggestion" not in page
        form["_csrf"] = csrf(page)
        assert (await caller.post(f"{here}/accept-suggestion", data=form)).status_code == 403
    del form["_csrf"]
    program = await stage.program.post(f"{here}/accept-suggestion", data=form)
    assert program.status_code == 403
    assert "not a program" in program.text
    async with visitor(stage) as caller:
        await enter(caller, stage.therapist)
        for path in (here, f"{here}/expected"):
            assert (await caller.get(path)).status_code == 403


async def test_a_proposed_correction_waits_for_a_second_person(
    stage: Stage, owner: httpx.AsyncClient
) -> None:
    """Its maker is offered no review and is refused one; another approves, and the claim says so."""
    await claimed(stage, 403, date(2026, 3, 9))
    again = {"starts_at": "2026-03-09T21:00:00Z", "ends_at": "2026-03-09T22:00:00Z"}
    second = (await stage.session(404, date(2026, 3, 9), EXERCISE, **again))["id"]
    claim_id = (await stage.post("/claims/assemble", {"visit_ids": [second]}))["claim_ids"][0]
    here = f"{stage.practice}/claims/{claim_id}"
    token = csrf((await owner.get(here)).text)
    made = await propose(owner, here, second)
    page = (await owner.get(here)).text
    assert "Waits for a reviewer" in page
    assert "Somebody else reviews it." in page
    assert "review-correction" not in page
    form = {"_csrf": token, "correction_id": made, "verdict": "approve"}
    assert (await owner.post(f"{here}/review-correction", data=form)).status_code == 409
    reviewer = await add_member(stage.services, stage.company, Role.BILLING_MANAGER, None, name="Rhea Review")
    async with visitor(stage) as caller:
        await enter(caller, reviewer)
        page = (await caller.get(here)).text
        assert "Knee in the morning" in page
        form["_csrf"] = csrf(page)
        done = await caller.post(f"{here}/review-correction", data=form)
        assert (done.status_code, done.headers["location"]) == (303, here)
        after = (await caller.get(here)).text
    assert "97110-GP-59" in after
    assert "reviewed by Rhea Review" in after
    assert "modifiers: GP becomes GP, 59" in after


async def propose(owner: httpx.AsyncClient, here: str, visit: str) -> str:
    """A distinct-service modifier that the owner proposes by the form, on evidence only; its id."""
    page = (await owner.get(here)).text
    finding = re.search(r'name="finding_id"><option value="([^"]+)"', page)
    assert finding
    form = {
        "_csrf": csrf(page),
        "finding_id": finding[1],
        "pointer": "/lines/0/modifiers",
        "becomes": "GP, 59",
    }
    read = {"visit_id": visit, "words": "Knee in the morning, shoulder in the afternoon"}
    for lacking in ({}, read | {"visit_id": ""}, read | {"words": "Yes"}, read | {"visit_id": finding[1]}):
        refused = await owner.post(f"{here}/correct-on-evidence", data=form | lacking)
        assert refused.status_code == 422, refused.text
    done = await owner.post(f"{here}/correct-on-evidence", data=form | read)
    assert (done.status_code, done.headers["location"]) == (303, here)
    (made,) = (await owner.get(f"/v1{here}/corrections")).json()
    assert made["state"] == "proposed"
    return str(made["id"])


async def test_what_a_claim_should_be_paid_shows_every_step(stage: Stage, owner: httpx.AsyncClient) -> None:
    """Each step with rule and source as the interface for programs tells it; what is unknown has reasons."""
    unknown = (await owner.get(f"{stage.practice}/claims/{stage.claim_id}/expected")).text
    assert "What HARBOR HEALTH should pay is not known." in unknown
    assert "No contract of this payer is in force on 2026-03-03" in unknown
    assert "Nothing is certain of what is allowed, not even a bound." in unknown
    await agree(stage)
    claim_id, _ = await claimed(stage, 405, date(2026, 3, 23))
    here = f"{stage.practice}/claims/{claim_id}"
    assert f'href="{here}/expected"' in (await owner.get(here)).text
    half = (await owner.get(f"{here}/expected")).text
    assert "HARBOR HEALTH should allow $63.00; who pays how much of it is not known." in half
    assert "Not recorded for the coverage" in half
    sharing = {"deductible_remaining_cents": 1000, "coinsurance_basis_points": 2000, "copay_cents": 0}
    about = {"coverage_id": str(stage.world.coverage_id), "starts_on": "2026-03-23", "source": "The card"}
    await stage.post("/cost-sharing", about | sharing)
    page = unescape((await owner.get(f"{here}/expected")).text)
    assert "HARBOR HEALTH should pay $42.40, and the patient $20.60, of $63.00 allowed." in page
    told: dict[str, Any] = (await stage.program.get(f"/v1{here}/expected")).json()
    for step in told["lines"][0]["steps"]:
        assert step["formula"] in page
        assert step["source"] in page
    assert "2 × 31.50" in page


async def agree(stage: Stage) -> None:
    """A contract of the stage's payer for a few days."""
    sheet = {
        "name": "Harbor agreement",
        "file_name": "rates.csv",
        "starts_on": "2026-03-23",
        "ends_on": "2026-03-23",
        "content": base64.b64encode(b"code,method,rate\n97110,flat,31.50\n").decode(),
    }
    path = f"/contracts/{stage.world.payer_id}/rate-sheets"
    version = (await stage.post(path, sheet))["version_id"]
    await stage.post(f"{path}/{version}/confirm", None, 200)


@pytest.mark.parametrize("width", [360, 1280])
async def test_the_pages_of_decisions_fit_a_screen(
    stage: Stage, owner: httpx.AsyncClient, address: str, chromium: Browser, width: int
) -> None:
    here, _ = await suggested(stage, 406 + (width > 360), date(2026, 3, 5 if width > 360 else 6))
    visit = (await stage.session(408 + (width > 360), date(2026, 3, 8 if width > 360 else 7), EXERCISE))["id"]
    await stage.post(f"/visits/{visit}/queries", {"question": "Which muscles were trained, and how often?"})
    listed = (await owner.get(f"{stage.practice}/visits/{visit}")).text
    one = re.search(rf'href="({stage.practice}/queries/[0-9a-f-]+)"', listed)
    assert one
    context = await chromium.new_context(viewport={"width": width, "height": 900}, java_script_enabled=False)
    await context.add_cookies(
        [{"name": c.name, "value": c.value or "", "url": address} for c in owner.cookies.jar]
    )
    page = await context.new_page()
    paths = [here, f"{here}/expected", "/today", "/unsigned-notes", one[1]]
    paths += [f"{stage.practice}/{name}" for name in ("queries", "unsigned-notes", f"visits/{visit}")]
    for path in paths:
        answer = await page.goto(f"{address}{path}")
        assert answer is not None
        assert answer.status == 200
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
    await context.close()
