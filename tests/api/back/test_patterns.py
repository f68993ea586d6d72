"""What repeats: refusals warn of the next claim and propose a rule; findings with one cause are one task."""

from datetime import timedelta

import pytest

from tests.api.back.answering import claim_of, take, work
from tests.api.back.conftest import Office, Opener
from tests.api.back.persons import as_member, close
from tests.api.back.remitting import Claim, Line, Payment
from tests.domain.claims.world import DAY


async def denied(office: Office, count: int, reason: str = "4") -> list[str]:
    """That many claims of one line that the payer denied for the reason: their numbers."""
    numbers = []
    for at in range(count):
        visit = await office.visit([("97110", 2, 30)], on=DAY - timedelta(days=at), charges=[10_000])
        numbers.append(await _sent(office, await office.send(visit)))
    await office.pass_time(days=2)
    lines = [
        Line(control=f"{number}L01", charge=10_000, paid=0, adjusted=[("CO", reason, 10_000)])
        for number in numbers
    ]
    claims = [
        Claim(number=number, lines=[line], icn=f"ICN{at}")
        for at, (number, line) in enumerate(zip(numbers, lines, strict=True))
    ]
    await take(office, Payment(trace="DENIALS", claims=claims))
    return numbers


async def _sent(office: Office, claims: list[str]) -> str:
    number: str = (await claim_of(office, claims[0]))["control_number"]
    return number


@pytest.mark.req("SC-10", "CD-09", "CD-16")
async def test_refusals_warn_of_the_next_claim_and_propose_a_rule_that_a_member_approves(
    open_office: Opener,
) -> None:
    """Three alike: the fourth is warned of with their numbers; the approved rule warns from then on."""
    office = await open_office(member="SIMPEND")
    numbers = await denied(office, 3)
    [proposal] = (await office.get("/rule-proposals")).json()
    assert (proposal["state"], proposal["rule"], proposal["reason_code"]) == (
        "proposed",
        "pattern_warning",
        "CO-4",
    )
    assert len(proposal["claim_ids"]) == 3
    [next_one] = await office.assemble(await office.visit([("97110", 2, 30)], on=DAY - timedelta(days=9)))
    (warned,) = [f for f in (await claim_of(office, next_one))["findings"] if f["rule"] == "pattern.refused"]
    assert (warned["severity"], warned["family"]) == ("warns", "trend")
    assert warned["evidence"]["claims"].split(", ") == sorted(numbers)
    assert (await office.get(f"/claims/{next_one}")).json()["status"] == "ready"
    assert (await office.post("/claims/submit", {"claim_ids": [next_one]})).status_code == 409
    decision = {"approve": True, "reason": "The payer wants another modifier here"}
    path = f"/rule-proposals/{proposal['id']}/decision"
    assert (await office.post(path, decision)).json()["code"] == "only_a_person"
    ann = await as_member(office, "Ann")
    [approved] = (await ann.post(path, decision)).json()
    assert (approved["state"], bool(approved["payer_rule_id"])) == ("approved", True)
    assert (await ann.post(path, decision)).json()["code"] == "proposal_not_open"
    await office.post(f"/claims/{next_one}/check")
    rules = {f["rule"]: f for f in (await claim_of(office, next_one))["findings"]}
    assert "practice pattern_warning" in rules["pattern.known"]["row"]
    trend = (await office.get("/measures/coding-denials")).json()
    [row] = trend["rows"]
    assert (row["tag"], row["reason_code"], row["denials"], row["missed"]) == ("coding", "4", 3, 3)
    assert "modifier.discipline" in row["checks"]
    await close(ann)


async def test_two_alike_propose_nothing(open_office: Opener) -> None:
    office = await open_office(member="SIMPEND")
    await denied(office, 2)
    assert (await office.get("/rule-proposals")).json() == []


@pytest.mark.req("SC-17")
async def test_a_finding_that_repeats_opens_one_task_where_its_cause_is(open_office: Opener) -> None:
    """The fifth within thirty days opens it, the sixth updates it; it names the finding and the count."""
    office = await open_office()
    for at in range(4):
        await office.assemble(await office.visit([("97110", 3, 30)], on=DAY - timedelta(days=at)))
    assert "repeated_coding" not in await work(office)
    await office.assemble(await office.visit([("97110", 3, 30)], on=DAY - timedelta(days=4)))
    assert "5 claims" in (await work(office))["repeated_coding"]
    await office.assemble(await office.visit([("97110", 3, 30)], on=DAY - timedelta(days=5)))
    items = [i for i in (await office.get("/work")).json() if i["kind"] == "repeated_coding"]
    assert [item["reason"] for item in items] == ["6 claims in 30 days have the same finding: units.differ"]


@pytest.mark.req("TH-07")
async def test_lag_and_clean_claims_stand_against_the_agreement(open_office: Opener) -> None:
    """Seven days after the session is red against three, and green once the agreement says ten."""
    office = await open_office()
    await office.send(await office.visit([("97110", 2, 30)]))
    await office.pass_time(minutes=30)
    level = (await office.get("/measures/service-level")).json()
    lag, clean = level["measures"]
    assert (level["claims"], lag["value"], lag["target"], lag["is_red"]) == (1, 7, 3, True)
    assert len(level["late_claim_ids"]) == 1
    assert (clean["value"], clean["is_red"]) == (100, False)
    promised = {
        "rule": "service_targets",
        "value": {"submission_lag_days": 10, "clean_claim_percent": 90},
        "starts_on": "2026-01-01",
        "source": "Service agreement, section 4",
        "reason": "As agreed with this practice",
    }
    assert (await office.post("/payer-rules", promised)).status_code == 201
    level = (await office.get("/measures/service-level")).json()
    assert [measure["is_red"] for measure in level["measures"]] == [False, False]
    assert "practice service_targets" in level["rule"]
