"""A billing company's rules: set once, in every practice's book, whatever happens between."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar
from msgspec import Struct

from api.services import Services
from api.task_runner import drain
from domain.practices import publishing
from domain.practices.publishing import publish_rules
from tenants.access import Role
from tests.api.conftest import Company, MutableClock, connect, make_company, make_key
from tests.api.v1.clinic import Clinic
from tests.api.v1.test_rule_changes import authorization, claim_on

PATH = "/v1/organization/rules"


def lead(days: int, **changes: Any) -> dict[str, Any]:
    """A company's rule about days of lead."""
    told = {"rule": "authorization_lead_days", "value": days, "starts_on": "2026-01-01"}
    return told | {"source": "Policy", "source_link": "https://example.test/p", "reason": "Usual"} | changes


class Served(Struct, frozen=True):
    """A company with practices, and its owner's program."""

    company: Company
    caller: httpx.AsyncClient

    async def sets(self, rule: dict[str, Any], status: int = 201) -> Any:
        """Set a rule of the company."""
        answer = await self.caller.post(PATH, json=rule)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def withdraws(self, rule_id: str) -> None:
        """Withdraw one."""
        answer = await self.caller.post(f"{PATH}/{rule_id}/withdraw", json={"reason": "Replaced"})
        assert answer.status_code == 204, answer.text

    async def reads(self) -> list[dict[str, Any]]:
        """The company's rules, as the owner reads them."""
        answer = await self.caller.get(PATH)
        assert answer.status_code == 200, answer.text
        listed: list[dict[str, Any]] = answer.json()
        return listed

    async def days_of_lead(self, practice_id: UUID) -> tuple[int, str]:
        """What a practice's book answers, and whose row it is."""
        path = f"/v1/practices/{practice_id}/rules/resolve?rule=authorization_lead_days&on=2026-03-02"
        found = (await self.caller.get(path)).json()
        return found["value"], found["winner"]["level"]


@pytest_asyncio.fixture
async def served(app: Litestar, app_services: Services, app_clock: MutableClock) -> AsyncIterator[Served]:
    """A company with four practices."""
    company = await make_company(app_services, practices=4)
    key = await make_key(app_services, company, Role.OWNER)
    async with connect(app, {"Authorization": f"Bearer {key}"}) as caller:
        yield Served(company, caller)


@pytest.mark.req("TH-03")
async def test_a_companys_rule_holds_in_every_practice_under_their_own(served: Served) -> None:
    """Set once, answered everywhere; a practice's own row wins there, and the company's is shown beaten."""
    made = await served.sets(lead(21))
    for practice_id in served.company.practice_ids:
        assert await served.days_of_lead(practice_id) == (21, "organization")
    (told,) = await served.reads()
    assert (told["published_to"], told["withdrawn_from"], told["practices"]) == (4, 0, 4)
    first, second = served.company.practice_ids[:2]
    own = await served.caller.post(f"/v1/practices/{first}/rules", json=lead(7))
    assert own.status_code == 201, own.text
    assert await served.days_of_lead(first) == (7, "practice")
    assert await served.days_of_lead(second) == (21, "organization")
    path = f"/v1/practices/{first}/rules/resolve?rule=authorization_lead_days&on=2026-03-02"
    beaten = (await served.caller.get(path)).json()["beaten"]
    assert [(row["value"], row["level"]) for row in beaten] == [(21, "organization"), (14, "shipped")]
    refused = await served.caller.post(
        f"/v1/practices/{first}/rules/{made['id']}/withdraw", json={"reason": "x"}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "rule_of_organization")


async def test_a_withdrawal_reaches_every_practice_and_a_new_row_follows(
    served: Served, app_clock: MutableClock
) -> None:
    """The copies are withdrawn by whoever withdrew the rule; what was known before can still be asked."""
    made = await served.sets(lead(21))
    set_at = app_clock.now()
    app_clock.put(set_at + timedelta(hours=1))
    await served.withdraws(made["id"])
    again = await served.caller.post(f"{PATH}/{made['id']}/withdraw", json={"reason": "x"})
    assert (again.status_code, again.json()["code"]) == (409, "rule_already_withdrawn")
    practice_id = served.company.practice_id
    assert await served.days_of_lead(practice_id) == (14, "shipped")
    await served.sets(lead(28))
    assert await served.days_of_lead(practice_id) == (28, "organization")
    gone, new = sorted(await served.reads(), key=lambda rule: rule["value"])
    assert (gone["withdrawn_from"], gone["withdrawn_reason"], new["published_to"]) == (4, "Replaced", 4)
    listed = (await served.caller.get(f"/v1/practices/{practice_id}/rules?standing=withdrawn")).json()
    assert [(rule["id"], rule["withdrawn_reason"]) for rule in listed] == [(made["id"], "Replaced")]
    at = set_at.isoformat().replace("+00:00", "Z")
    path = f"/v1/practices/{practice_id}/rules/resolve?rule=authorization_lead_days&on=2026-03-02"
    assert (await served.caller.get(f"{path}&known_at={at}")).json()["value"] == 21


async def test_a_new_practice_has_the_rules_before_its_first_answer(served: Served) -> None:
    """Whoever takes a practice on need not publish anything; withdrawn rules do not come."""
    await served.withdraws((await served.sets(lead(20, state="NH")))["id"])
    await served.sets(lead(21))
    made = await served.caller.post("/v1/organization/practices", json={"name": "Fifth"})
    assert made.status_code == 201, made.text
    assert await served.days_of_lead(made.json()["id"]) == (21, "organization")
    counts = {rule["state"]: (rule["published_to"], rule["practices"]) for rule in await served.reads()}
    assert counts == {None: (5, 5), "NH": (4, 5)}
    rules = (await served.caller.get(f"/v1/practices/{made.json()['id']}/rules")).json()
    assert [rule["state"] for rule in rules] == [None]


async def test_a_crash_in_the_middle_is_repaired(
    served: Served, app_services: Services, app_clock: MutableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Practices that could not be told are counted as missing, and the next publishing brings them up."""
    lost = set(served.company.practice_ids[1:3])
    follow = publishing.follow_rules

    async def failing(session: Any, practice_id: UUID, rules: Any, now: Any) -> None:
        if practice_id in lost:
            raise ConnectionError("the machine was switched off here")
        await follow(session, practice_id, rules, now)

    monkeypatch.setattr(publishing, "follow_rules", failing)
    await served.sets(lead(21))
    told = await served.reads()
    assert [rule["published_to"] for rule in told] == [2]
    assert await served.days_of_lead(served.company.practice_ids[1]) == (14, "shipped")
    lost.remove(served.company.practice_ids[1])
    assert (await served.caller.post(f"{PATH}/publish")).status_code == 204
    assert await served.days_of_lead(served.company.practice_ids[1]) == (21, "organization")
    assert [rule["published_to"] for rule in await served.reads()] == [3]
    lost.clear()
    assert await publish_rules(app_services.database, served.company.organization_id) == 0
    for practice_id in served.company.practice_ids:
        assert await served.days_of_lead(practice_id) == (21, "organization")


async def test_each_practice_looks_again_every_day(
    served: Served, app_services: Services, app_clock: MutableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was set while nobody could publish is there the day after, without anybody's doing."""
    await served.sets(lead(21))

    async def nothing(*_told: Any, **_options: Any) -> int:
        return 0

    with monkeypatch.context() as broken:
        broken.setattr("api.publishing.publish_rules", nothing)
        await served.sets(lead(30, state="VT"))
    assert [rule["published_to"] for rule in await served.reads()] == [4, 0]
    await drain(app_services, app_clock.now() + timedelta(days=1, minutes=1))
    assert [rule["published_to"] for rule in await served.reads()] == [4, 4]


async def test_publishing_again_changes_nothing(served: Served, app_services: Services) -> None:
    """Row by row, twice, and side by side with another publisher: one copy each."""
    await served.sets(lead(21))
    before = await served.reads()
    for everything in (False, True, True):
        told = app_services.database, served.company.organization_id
        assert await publish_rules(*told, everything=everything) == 0
    assert await served.reads() == before
    for practice_id in served.company.practice_ids:
        rules = (await served.caller.get(f"/v1/practices/{practice_id}/rules")).json()
        assert [rule["level"] for rule in rules] == ["organization"]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"value": "soon"}, "/value"),
        ({"rule": "taste"}, "/rule"),
        ({"ends_on": "2025-01-01"}, "/ends_on"),
        ({"starts_on": "2026-02-01"}, "/starts_on"),
        ({"state": "NH", "vectors": [{"on": "2026-02-01", "expect": 99}]}, "/vectors/0"),
    ],
)
async def test_a_companys_bad_row_is_refused_whole(
    served: Served, wrong: dict[str, Any], pointer: str
) -> None:
    """No practice hears of it."""
    await served.sets(lead(21))
    refused = await served.sets(lead(30) | wrong, status=422)
    assert refused["errors"][0]["pointer"] == pointer
    assert len(await served.reads()) == 1
    assert await served.days_of_lead(served.company.practice_id) == (21, "organization")


async def test_companies_do_not_hear_of_each_other(
    app: Litestar, app_services: Services, served: Served
) -> None:
    """Another company's owner neither lists nor withdraws the rule, and its practices do not have it."""
    made = await served.sets(lead(21))
    other = await make_company(app_services)
    key = await make_key(app_services, other, Role.OWNER)
    async with connect(app, {"Authorization": f"Bearer {key}"}) as stranger:
        assert (await stranger.get(PATH)).json() == []
        answer = await stranger.post(f"{PATH}/{made['id']}/withdraw", json={"reason": "x"})
        assert answer.status_code == 404
        assert (await stranger.get(f"/v1/practices/{other.practice_id}/rules")).json() == []


@pytest.mark.req("TH-04")
async def test_the_desk_lists_what_changes_for_which_practices(
    served: Served, app: Litestar, app_services: Services
) -> None:
    """Each dated row once: author, source link, vectors, the practices it is for, and what it beats there.

    Whoever serves one practice only sees that practice.
    """
    made = await served.sets(lead(21, starts_on="2026-04-01"))
    first, second = served.company.practice_ids[:2]
    own = await served.caller.post(f"/v1/practices/{first}/rules", json=lead(7, starts_on="2026-05-01"))
    assert own.status_code == 201
    listed = (await served.caller.get("/v1/desk/rule-changes?since=2026-03-01")).json()
    assert [(row["level"], row["standing"]) for row in listed] == [
        ("practice", "future"),
        ("organization", "future"),
    ]
    mine, companys = listed
    assert {at["practice_id"] for at in companys["practices"]} == set(map(str, served.company.practice_ids))
    assert (companys["id"], companys["author_name"]) == (made["id"], "test")
    assert companys["source_link"] == "https://example.test/p"
    assert companys["vectors"] == [{"on": "2026-04-01", "expect": 21}]
    assert {at["beats"]["value"] for at in companys["practices"] if at["practice_id"] != str(first)} == {14}
    assert [(at["practice_id"], at["beats"]["value"]) for at in mine["practices"]] == [(str(first), 21)]
    key = await make_key(app_services, served.company, Role.BILLER, second)
    async with connect(app, {"Authorization": f"Bearer {key}"}) as biller:
        (row,) = (await biller.get("/v1/desk/rule-changes?since=2026-03-01")).json()
        assert [at["practice_id"] for at in row["practices"]] == [str(second)]


@pytest.mark.req("TH-04")
async def test_a_companys_change_shows_the_open_claims_of_each_practice(
    served: Served, app_services: Services
) -> None:
    """Practice by practice, before it is made; a practice whose own row wins is not touched."""
    clinics = [await Clinic(served.caller, practice).set_up() for practice in served.company.practice_ids[:2]]
    claims = [await claim_on(clinic) for clinic in clinics]
    await clinics[1].made("/rules", authorization("not_required"))
    rule = authorization("required", payer="commercial")
    answer = await served.caller.post(f"{PATH}/preview", json={"candidate": rule})
    assert answer.status_code == 200, answer.text
    touched = {told["practice_id"]: told for told in answer.json()}
    assert set(touched) == {str(clinic.practice_id) for clinic in clinics}
    (change,) = touched[str(clinics[0].practice_id)]["claims"]
    assert change["claim_id"] == claims[0]["id"]
    assert change["winners"][0]["after"]["level"] == "organization"
    assert touched[str(clinics[1].practice_id)]["claims"] == []
    assert await served.reads() == []
    only = {"candidate": rule, "practice_ids": [str(clinics[1].practice_id)]}
    told = (await served.caller.post(f"{PATH}/preview", json=only)).json()
    assert [each["practice_id"] for each in told] == [str(clinics[1].practice_id)]
    bad = await served.caller.post(f"{PATH}/preview", json={"candidate": authorization("perhaps")})
    assert bad.json()["errors"][0]["pointer"] == "/value"
    await served.sets(rule)
    (desk,) = [
        row
        for row in (await served.caller.get("/v1/desk/rule-changes")).json()
        if row["level"] == "organization"
    ]
    counted = {at["practice_id"]: at["open_claims"] for at in desk["practices"]}
    assert sorted(counted.values()) == [0, 0, 1, 1]


async def test_a_hundred_practices_are_told_in_one_answer(
    app: Litestar, app_services: Services, app_clock: MutableClock
) -> None:
    """The answer comes when all have it; no connection is held beside another."""
    company = await make_company(app_services, practices=100)
    key = await make_key(app_services, company, Role.OWNER)
    async with connect(app, {"Authorization": f"Bearer {key}"}) as caller:
        served = Served(company, caller)
        await served.sets(lead(21))
        assert [rule["published_to"] for rule in await served.reads()] == [100]
        assert await served.days_of_lead(company.practice_ids[99]) == (21, "organization")
