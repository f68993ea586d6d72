"""Suggested codes stay inert: no route and no task takes one over, only a member with four confirmations."""

from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text

from api.task_runner import run_task
from api.tasks import HANDLERS
from tenants.outbox import Task, enqueue
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


Known = tuple[str, str, str]
"""The ids of a claim, of its suggestion and of the visit behind it."""


async def suggested(office: Office) -> Known:
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
    known = await suggested(office)
    assert await walk(office, known, [*bodies(*known), whole_acceptance(known)]) > 300
    await office.pass_time(days=3)
    assert await state(office, known) in ("open", "rejected")
    assert "97530" not in await files(office)


@pytest.mark.req("CD-15")
async def test_no_route_takes_a_suggestion_over_for_a_member_who_does_not_confirm(
    open_office: Opener,
) -> None:
    """A signed-in owner calls every route with everything but the four confirmations."""
    office = await open_office()
    known = await suggested(office)
    ann = await as_member(office, "Ann")
    assert await walk(ann, known, bodies(*known)) > 300
    await close(ann)
    await office.pass_time(days=3)
    assert await state(office, known) in ("open", "rejected")
    assert "97530" not in await files(office)


@pytest.mark.req("CD-15")
async def test_no_task_takes_a_suggestion_over(open_office: Opener) -> None:
    """Every handler is given a task of its kind, with each id that the practice knows."""
    office = await open_office()
    known = await suggested(office)
    services, world = office.services, office.world
    for task in (made for kind in HANDLERS for made in tasks_of(kind, office, known)):
        door = services.database.practice_transaction(world.tenant.actor, world.practice_id)
        async with door as session:
            row_id = await enqueue(session, task, available_at=services.now())
        assert row_id is not None
        await run_task(services, world.practice_id, row_id)
    await office.post(f"/claims/{known[0]}/check")
    assert await state(office, known) == "open"
    assert "97530" not in await files(office)


def tasks_of(kind: type[Task], office: Office, known: Known) -> list[Task]:
    """Tasks of a kind that name the claim, the suggestion, the visit, and what else there is."""
    tenant = office.world.tenant
    own: dict[str, Any] = {"practice_id": tenant.practice_id, "organization_id": tenant.organization_id}
    given = [*(UUID(one) for one in known), office.world.connection_id]
    rest = [one.name for one in msgspec.structs.fields(kind) if one.name not in own]
    dates = {name: office.services.now().date() for name in rest if not name.endswith("_id")}
    ids = [name for name in rest if name.endswith("_id")]
    if not ids:
        return [kind(**own, **dates)]
    return [kind(**own, **dates, **dict.fromkeys(ids, one)) for one in given]


async def state(office: Office, known: Known) -> str:
    """How the suggestion stands."""
    [kept] = (await office.get(f"/claims/{known[0]}/suggestions")).json()
    told: str = kept["state"]
    return told


async def walk(office: Office, given: Known, bodies: list[Any]) -> int:
    """Call every route by every method with every body; returns how often."""
    claim_id, suggestion_id, visit = given
    known = {"practice_id": str(office.world.practice_id), "claim_id": claim_id, "visit_id": visit}
    known |= {"suggestion_id": suggestion_id}
    called = 0
    for path, handler in handlers():
        if path.endswith(("/sign-out", "/logout")):
            continue
        for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
            for body in [None] if method == "GET" else bodies:
                called += await call(office, method, path, known, body)
    return called


def whole_acceptance(known: Known) -> dict[str, Any]:
    """All that an acceptance wants, which only a member may give."""
    return CONFIRMED | {"evidence": {"visit_id": known[2], "words": WORDS}}


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
        {"evidence": evidence},
        CONFIRMED | {"payer_allows": False, "evidence": evidence},
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
