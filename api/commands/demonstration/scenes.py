"""What people do through the public interface: answer a question, settle a tie, override a rule, suggest."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx

from api.commands.demonstration.company import MANAGER_EMAIL, email_of
from api.commands.demonstration.company_plan import SLUG, THERAPISTS
from api.commands.demonstration.diary import THIN, TIED, SessionPlan, working_day
from api.commands.demonstration.stage import Stage

PRACTICE = "harborside"
ADDENDUM = "Gait deviations on stairs needed hands-on cueing that only a therapist can give."
OVERRIDE = {
    "rule": "filing_limit_days",
    "value": 180,
    "starts_on": "2020-01-01",
    "source": "Provider manual of the payer, section 7.1",
    "source_link": "https://harbor.example/manual#7.1",
    "reason": "The manual gives 180 days, half of what the shipped row assumes",
}
SUGGESTED = {
    "source": "ai",
    "made_with": "an outside coding service",
    "change": {"pointer": "/lines/0/code", "becomes": "97530"},
    "why": "The goal of the plan is climbing stairs, which would be a functional activity",
    "evidence": "Step-ups on a stair of eight inches, three sets",
}


async def act(stage: Stage) -> None:
    """What Harborside's people do this morning; done already, it is not done twice."""
    if stage.today == working_day(stage.play.starts_on + timedelta(days=1)):
        await _override(stage)
    for plan in stage.sessions_of(PRACTICE):
        visit_id = stage.practices[PRACTICE].visits.get(plan.key)
        if visit_id is None:
            continue
        if plan.key == THIN and stage.today == plan.claimed_on:
            await _answer(stage, plan, str(visit_id))
        if plan.key == TIED and stage.today == plan.claimed_on:
            await _settle_tie(stage, str(visit_id))
        if plan.key == THIN and stage.today == working_day(plan.claimed_on + timedelta(days=1)):
            await _suggest(stage, str(visit_id))


async def _override(stage: Stage) -> None:
    """The manager writes a rule of the practice, with where it is written."""
    async with _signed_in(stage, MANAGER_EMAIL) as manager:
        known = await _read(manager, "/payer-rules")
        if not any(row["source"] == OVERRIDE["source"] for row in known):
            payer_id = str(stage.practices[PRACTICE].payers["harbor"])
            await _send(manager, "/payer-rules", OVERRIDE | {"payer_id": payer_id})


async def _answer(stage: Stage, plan: SessionPlan, visit_id: str) -> None:
    """The therapist answers what the check of the note has asked, which releases the charges."""
    therapist = next(one for one in THERAPISTS if one.key == plan.therapist)
    async with _signed_in(stage, email_of(therapist)) as caller:
        for query in await _read(caller, "/queries?provider=me&status=open"):
            if query["visit_id"] == visit_id:
                told = {"answer": "See the addendum.", "items": {"medical_necessity": ADDENDUM}}
                await _send(caller, f"/queries/{query['id']}/answer", told)


async def _settle_tie(stage: Stage, visit_id: str) -> None:
    """Equal minutes leave a unit between two codes: which one takes it is the clinician's word."""
    async with _signed_in(stage, MANAGER_EMAIL) as manager:
        panel = await _read(manager, f"/visits/{visit_id}/units")
        for pool in panel["payers"][0]["pools"]:
            tie = pool["tie"]
            if tie is not None and tie["chosen"] is None:
                choices = {panel["discipline"]: tie["among"][-tie["pick"] :]}
                await _send(manager, f"/visits/{visit_id}/unit-choices", {"choices": choices})


async def _suggest(stage: Stage, visit_id: str) -> None:
    """An outside program's code is put beside the claim, where it waits for a member."""
    async with _signed_in(stage, MANAGER_EMAIL) as manager:
        claims = (await _send(manager, "/claims/assemble", {"visit_ids": [visit_id]}))["claim_ids"]
        for claim_id in claims[:1]:
            if not await _read(manager, f"/claims/{claim_id}/suggestions"):
                await _send(manager, f"/claims/{claim_id}/suggestions", SUGGESTED)


@asynccontextmanager
async def _signed_in(stage: Stage, email: str) -> AsyncIterator[httpx.AsyncClient]:
    """A member's browser at the practice's address."""
    settings, practice_id = stage.services.settings, stage.practices[PRACTICE].id
    base_url = f"http://{settings.host}:{settings.port}"
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=60) as caller:
        credentials = {"email": email, "password": stage.passwords[email]}
        answer = await caller.post(f"/o/{SLUG}/sign-in/token", json=credentials)
        answer.raise_for_status()
        caller.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        caller.base_url = httpx.URL(f"{base_url}/v1/practices/{practice_id}")
        yield caller


async def _read(caller: httpx.AsyncClient, path: str) -> Any:
    answer = await caller.get(path)
    answer.raise_for_status()
    return answer.json()


async def _send(caller: httpx.AsyncClient, path: str, body: Any) -> Any:
    answer = await caller.post(path, json=body)
    if answer.is_error:
        raise RuntimeError(f"{path}: {answer.text}")
    return answer.json()
