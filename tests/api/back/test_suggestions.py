"""Suggested codes stay inert: no route and no task takes one over, only a member with four confirmations."""

from typing import Any

import pytest
from sqlalchemy import text

from api.tasks import HANDLERS
from tests.api.back.answering import claim_of
from tests.api.back.conftest import Office, Opener
from tests.api.back.persons import as_member, close
from tests.architecture.test_wiring import handlers

SUGGESTED = {
    "source": "ai",
    "made_with": "coder-1",
    "change": {"pointer": "/lines/0/code", "becomes": "97530"},
    "why": "The note describes dynamic activities",
    "evidence": "Practised getting up from a chair",
}
CONFIRMED = {
    "note_supports": True,
    "payer_allows": True,
    "modifier_justified": True,
    "diagnosis_connects": True,
}
WORDS = "The note describes dynamic activities at length"


async def suggested(office: Office) -> tuple[str, str, str]:
    """A ready claim with an open suggestion, and the visit behind it."""
    visit = await office.visit([("97110", 2, 30)])
    [claim_id] = await office.assemble(visit)
    made = await office.post(f"/claims/{claim_id}/suggestions", SUGGESTED)
    assert made.status_code == 201, made.text
    return claim_id, made.json()["id"], str(visit)


async def files(office: Office) -> str:
    """Everything that was handed to the clearinghouse, as we keep it."""
    door = office.services.database.practice_transaction(office.world.tenant.actor, office.world.practice_id)
    async with door as session:
        rows = (await session.execute(text("select content::text from claim_versions"))).scalars()
        return " ".join(rows)


@pytest.mark.req("CD-14")
async def test_one_confirmation_missing_blocks(open_office: Opener) -> None:
    """The refusal names the confirmation, and the claim stays as it was."""
    office = await open_office()
    ann = await as_member(office, "Ann")
    claim_id, suggestion_id, visit = await suggested(office)
    for missing in CONFIRMED:
        body = CONFIRMED | {missing: False, "evidence": {"visit_id": visit, "words": WORDS}}
        refused = await ann.post(f"/claims/{claim_id}/suggestions/{suggestion_id}/accept", body)
        assert refused.status_code == 422
        assert [fault["pointer"] for fault in refused.json()["errors"]] == [f"/{missing}"]
    claim = await claim_of(office, claim_id)
    assert (claim["version"], claim["lines"][0]["code"]) == (1, "97110")
    await close(ann)


@pytest.mark.req("CD-13")
async def test_acceptance_is_a_members_and_keeps_who_when_and_what_was_seen(open_office: Opener) -> None:
    """A program may suggest but not accept; what a member accepts leads to a new, checked version."""
    office = await open_office()
    claim_id, suggestion_id, visit = await suggested(office)
    path = f"/claims/{claim_id}/suggestions/{suggestion_id}/accept"
    body = CONFIRMED | {"evidence": {"visit_id": visit, "words": WORDS}}
    program = await office.post(path, body)
    assert (program.status_code, program.json()["code"]) == (403, "only_a_person")
    ann = await as_member(office, "Ann")
    unseen = await ann.post(path, CONFIRMED)
    assert (unseen.status_code, unseen.json()["errors"][0]["pointer"]) == (422, "/evidence")
    taken = await ann.post(path, body)
    assert taken.status_code == 200, taken.text
    assert (taken.json()["version"], taken.json()["lines"][0]["code"]) == (2, "97530")
    [kept] = (await office.get(f"/claims/{claim_id}/suggestions")).json()
    assert (kept["state"], kept["led_to_version"]) == ("accepted", 2)
    assert kept["decided_by"]
    assert kept["decided_at"]
    assert WORDS in kept["evidence_seen"]
    assert (await ann.post(path, body)).json()["code"] == "suggestion_not_open"
    await close(ann)


@pytest.mark.req("CD-15")
async def test_no_route_and_no_task_takes_a_suggestion_over(open_office: Opener) -> None:
    """Whatever is called with what the office knows, and whatever falls due: the claim says what it said."""
    office = await open_office()
    claim_id, suggestion_id, visit = await suggested(office)
    known = {"practice_id": str(office.world.practice_id), "claim_id": claim_id, "visit_id": visit}
    known |= {"suggestion_id": suggestion_id}
    called = 0
    for path, handler in handlers():
        for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
            tried = [None] if method == "GET" else bodies(claim_id, suggestion_id, visit)
            for body in tried:
                called += await call(office, method, path, known, body)
    assert called > 300
    assert len(HANDLERS) > 3
    await office.pass_time(days=3)
    [kept] = (await office.get(f"/claims/{claim_id}/suggestions")).json()
    assert kept["state"] in ("open", "rejected")
    assert "97530" not in await files(office)


def bodies(claim_id: str, suggestion_id: str, visit: str) -> list[Any]:
    """What a program might send in the hope that it is taken."""
    evidence = {"visit_id": visit, "words": WORDS}
    return [
        None,
        {},
        {"claim_ids": [claim_id]},
        {"visit_ids": [visit]},
        {"suggestion_id": suggestion_id},
        {"approve": True},
        {"reason": "as the program suggests"},
        CONFIRMED | {"evidence": evidence},
    ]


async def call(office: Office, method: str, path: str, known: dict[str, str], body: Any) -> int:
    """Call a route with the ids that the office knows; what it needs beyond them is the claim's own id."""
    steps = []
    for step in path.split("/"):
        name = step.strip("{}").partition(":")[0]
        steps.append(known.get(name, known["claim_id"]) if step.startswith("{") else step)
    headers = {"Idempotency-Key": f"{method}{path}{body}"[:200].encode("ascii", "ignore").decode()}
    answer = await office.caller.request(method, "/".join(steps), json=body, headers=headers)
    assert answer.status_code != 500, (method, path, answer.text)
    return 1
