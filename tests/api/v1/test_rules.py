"""Dated rules through the interface: which row wins, how rows are set and withdrawn, and what is refused."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from api.services import Services
from tenants.access import Role
from tests.api.conftest import Company, MutableClock, connect, make_key
from tests.api.v1.clinic import Clinic

LINK = "https://www.example.test/policy/therapy.pdf"


def limit(days: int, **changes: Any) -> dict[str, Any]:
    """A rule about the days of lead, from 2026 on."""
    told = {"rule": "authorization_lead_days", "value": days, "starts_on": "2026-01-01"}
    return told | {"source": "Contract", "source_link": LINK, "reason": "Read by Olive"} | changes


def eight_minutes(minutes: int, units: object) -> dict[str, Any]:
    """An example of the rule of eight minutes."""
    given = {"total_timed_minutes": minutes}
    return {"rule": "cms_8min_total_units", "input": given, "expected": {"units": units}}


async def winner(clinic: Clinic, on: str = "2026-03-02", **asked: str) -> dict[str, Any]:
    """What the practice's book answers about the days of lead."""
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    found: dict[str, Any] = await clinic.read(f"/rules/resolve?rule=authorization_lead_days&on={on}&{query}")
    return found


@pytest.mark.req("TH-03")
async def test_the_winning_row_is_shown_by_payer_plan_state_and_day(clinic: Clinic) -> None:
    """Practice over product, plan over payer over state over everybody; what was beaten follows in order."""
    payer, other = clinic.ids["payer"], await clinic.add_payer("medicare")
    set_by = {
        "everybody": await clinic.made("/rules", limit(100)),
        "state": await clinic.made("/rules", limit(101, state="NH")),
        "payer": await clinic.made("/rules", limit(102, payer_id=payer)),
        "payer in state": await clinic.made("/rules", limit(103, payer_id=payer, state="NH")),
        "plan": await clinic.made("/rules", limit(104, payer_id=payer, plan="Gold", ends_on="2026-06-30")),
    }
    for days, row, asked in (
        (102, "payer", {"payer_id": payer}),
        (103, "payer in state", {"payer_id": payer, "state": "NH"}),
        (104, "plan", {"payer_id": payer, "plan": "Gold"}),
        (104, "plan", {"payer_id": payer, "plan": "Gold", "state": "NH"}),
        (102, "payer", {"payer_id": payer, "plan": "Gold", "on": "2026-07-01"}),
        (101, "state", {"state": "NH"}),
        (100, "everybody", {}),
        (100, "everybody", {"payer_id": other}),
    ):
        found = await winner(clinic, **asked)
        assert (found["value"], found["winner"]["version"]) == (days, set_by[row]), asked
    found = await winner(clinic, payer_id=payer, plan="Gold", state="NH")
    assert [row["value"] for row in found["beaten"]] == [103, 102, 101, 100, 14]
    assert [row["level"] for row in found["beaten"]] == ["practice"] * 4 + ["shipped"]
    told = found["winner"]
    assert (told["author"], told["source"]) == ("test", f"Contract ({LINK})")
    assert (told["starts_on"], told["ends_on"]) == ("2026-01-01", "2026-06-30")
    before = await winner(clinic, on="2025-12-31", payer_id=other)
    assert (before["value"], before["winner"]["level"]) == (14, "shipped")


async def test_the_practices_own_state_is_asked_for_where_none_is_named(clinic: Clinic) -> None:
    """Claims are judged in the practice's state, and so is the question."""
    await clinic.made("/rules", limit(77, state="MA"))
    assert (await winner(clinic))["value"] == 77
    assert (await winner(clinic, state="NH"))["value"] == 14


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"rule": "taste"}, "/rule"),
        ({"value": "soon"}, "/value"),
        ({"value": {"days": 3}}, "/value"),
        ({"value": -1}, "/value"),
        ({"value": 10**30}, "/value"),
        ({"value": True}, "/value"),
        ({"rule": "discipline_modifiers", "value": {"PT": "\x00"}}, "/value"),
        ({"vectors": [{"on": "2026-02-01", "expect": 120, "plan": "\x00"}]}, "/vectors"),
        ({"ends_on": "2025-12-31"}, "/ends_on"),
        ({"payer_id": str(uuid4())}, "/payer_id"),
        ({"vectors": [{"on": "2026-02-01", "expect": 91}]}, "/vectors/0"),
        ({"vectors": [{"on": "2025-02-01", "expect": 14}]}, "/vectors/0"),
        ({"vectors": [{"on": "2026-02-01"}]}, "/vectors/0"),
        ({"vectors": [{"on": "2026-02-01", "expect": 120}, {"expect": 120}]}, "/vectors/1"),
        ({"vectors": [{"rule": "nothing_known", "input": {}, "expected": {}}]}, "/vectors/0"),
        ({"vectors": [eight_minutes(-1, 1)]}, "/vectors/0"),
        ({"vectors": [eight_minutes(15, True)]}, "/vectors/0"),
        ({"vectors": [eight_minutes(15, 2)]}, "/vectors/0"),
    ],
)
async def test_a_bad_row_is_refused_whole(clinic: Clinic, wrong: dict[str, Any], pointer: str) -> None:
    """The reason names the field, nothing is kept, and the running book answers as before."""
    before = await winner(clinic)
    refused = await clinic.send("/rules", limit(120) | wrong, status=422)
    assert refused["errors"][0]["pointer"] == pointer, refused
    assert await winner(clinic) == before
    assert await clinic.read("/rules") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": " "},
        {"source": "a\x00b"},
        {"plan": "a\x00b"},
        {"plan": " Gold"},
        {"reason": ""},
        {"source_link": "javascript:alert(1)"},
        {"state": "Massachusetts"},
        {"plan": ""},
        {"value": None},
        {"value": [1]},
        {"starts_on": "2026-02-30"},
        {"author_id": str(uuid4())},
        {"level": "shipped"},
        {"vectors": [{"on": "2026-02-01", "expect": 120}] * 51},
    ],
)
async def test_what_is_no_rule_at_all_is_refused(clinic: Clinic, wrong: dict[str, Any]) -> None:
    """A rule without a source, a link that is none, a level that nobody may claim."""
    answer = await clinic.caller.post(clinic.path + "/rules", json=limit(120) | wrong)
    assert answer.status_code in (400, 422), answer.text
    assert await clinic.read("/rules") == []


async def test_vectors_hold_or_must_not(clinic: Clinic) -> None:
    """A vector may say what the answer is not; where none is given the row says what it means by itself."""
    told = [
        {"on": "2026-02-01", "expect": 120},
        {"on": "2025-12-31", "expect": 120, "holds": False},
        eight_minutes(16, 1),
    ]
    await clinic.made("/rules", limit(120, vectors=told))
    await clinic.made("/rules", limit(130, payer_id=clinic.ids["payer"]))
    first, second = sorted(await clinic.read("/rules"), key=lambda rule: str(rule["value"]))
    assert first["vectors"] == told
    assert second["vectors"] == [{"payer": "commercial", "on": "2026-01-01", "expect": 130}]


async def test_a_change_is_a_withdrawal_and_a_new_row(clinic: Clinic, app_clock: MutableClock) -> None:
    """The old row stays with who withdrew it and why, and the book of each instant can be asked."""
    first = await clinic.made("/rules", limit(120))
    set_at = app_clock.now()
    overlapping = await clinic.send("/rules", limit(150, starts_on="2026-05-01"), status=422)
    assert overlapping["errors"][0]["pointer"] == "/starts_on"
    assert "from 2026-01-01" in overlapping["detail"]
    app_clock.put(set_at + timedelta(hours=1))
    await clinic.send(f"/rules/{first}/withdraw", {"reason": "Misread"}, status=204)
    again = await clinic.send(f"/rules/{first}/withdraw", {"reason": "Misread"}, status=409)
    assert again["code"] == "rule_already_withdrawn"
    second = await clinic.made("/rules", limit(150))
    withdrawn = await clinic.read("/rules?standing=withdrawn")
    assert [(rule["id"], rule["withdrawn_reason"]) for rule in withdrawn] == [(first, "Misread")]
    assert [rule["id"] for rule in await clinic.read("/rules?standing=in_force")] == [second]
    assert [rule["id"] for rule in await clinic.read("/payer-rules")] == [second]
    assert [rule["standing"] for rule in await clinic.read("/rules?on=2025-06-01")] == ["withdrawn", "future"]
    for hours, days in ((0, 120), (0.5, 120), (1, 150), (2, 150)):
        at = (set_at + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")
        assert (await winner(clinic, known_at=at))["value"] == days, hours
    before = (set_at - timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    assert (await winner(clinic, known_at=before))["value"] == 14
    await clinic.send(f"/rules/{uuid4()}/withdraw", {"reason": "x"}, status=404)
    await clinic.send(f"/rules/{second}/withdraw", {"reason": " "}, status=422)


async def test_of_two_rows_for_the_same_days_one_is_set(clinic: Clinic) -> None:
    """Ten at once, each for the same days: one holds, nine are refused with the reason."""
    posts = [clinic.caller.post(clinic.path + "/rules", json=limit(100 + n)) for n in range(10)]
    answers = await asyncio.gather(*posts)
    assert sorted(a.status_code for a in answers) == [201] + [422] * 9
    assert len(await clinic.read("/rules")) == 1
    key = {"Idempotency-Key": "once"}
    rule = limit(80, state="ME")
    twice = [await clinic.caller.post(clinic.path + "/rules", json=rule, headers=key) for _ in range(2)]
    assert twice[0].json() == twice[1].json()
    assert len(await clinic.read("/rules")) == 2


@pytest.mark.parametrize("role", [Role.BILLER, Role.AUDITOR, Role.PRACTICE_OWNER, Role.INTEGRATION])
async def test_who_may_not_set_rules(
    app: Litestar, app_services: Services, company: Company, clinic: Clinic, role: Role
) -> None:
    """Reading is for whoever reads the practice; setting and withdrawing is for owners and managers."""
    rule = await clinic.made("/rules", limit(120))
    key = await make_key(app_services, company, role)
    async with connect(app, {"Authorization": f"Bearer {key}"}) as caller:
        assert (await caller.get(clinic.path + "/rules")).status_code == 200
        for path, body in (("/rules", limit(10)), (f"/rules/{rule}/withdraw", {"reason": "x"})):
            assert (await caller.post(clinic.path + path, json=body)).status_code == 403
        assert (await caller.post("/v1/organization/rules", json=limit(10))).status_code == 403


async def test_a_rule_that_nobody_asks_for_and_a_stranger_are_told(
    clinic: Clinic, client: httpx.AsyncClient
) -> None:
    """An unknown rule names the field; without a grant there is no such practice."""
    refused = await clinic.read("/rules/resolve?rule=taste&on=2026-01-01", status=422)
    assert refused["errors"][0]["pointer"] == "/rule"
    await clinic.read("/rules/resolve?rule=authorization_lead_days&on=2001-01-01", status=404)
    await clinic.read(
        f"/rules/resolve?rule=authorization_lead_days&on=2026-01-01&payer_id={uuid4()}", status=422
    )
    assert (await client.get(clinic.path + "/rules")).status_code == 401
