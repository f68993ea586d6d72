"""Verified visits from an aggregator against what the claim says, element by element (BC-21)."""

from typing import Any

import pytest

from tests.api.v1.clinic import Clinic
from tests.api.v1.staff import DAY, again, claim_for, said

RULE = {"codes": ["97530"], "places": ["12"], "tolerance_minutes": 5}
HOME: dict[str, Any] = {
    "name": "Home",
    "place_of_service": "12",
    "street": "2 Side Street",
    "city": "Boston",
    "state": "MA",
}
NOTE: dict[str, Any] = {"services": [{"code": "97530", "minutes": 60}]}


async def verify(clinic: Clinic, **changes: Any) -> Any:
    """Import one record, alike in every element unless changed; returns what became of the batch."""
    record = {
        "aggregator": "SANDATA",
        "external_id": "V1",
        "code": "97530",
        "member_number": "MEMBER1",
        "provider_id": clinic.ids["provider"],
        "served_on": DAY,
        "place_of_service": "12",
        "state": "MA",
        "starts_at": f"{DAY}T15:03:00Z",
        "ends_at": f"{DAY}T15:58:00Z",
    }
    return await clinic.send("/visit-verifications", {"records": [record | changes]})


async def treat(clinic: Clinic, *, states: str = "MA") -> Any:
    """The claim of a session at home, under the state's rule."""
    clinic.ids["location"] = await clinic.made("/locations", HOME | {"zip_code": "021090002"})
    await clinic.add_rule("evv", RULE, state=states)
    patient_id, case_id, _ = await clinic.admit(member_number="MEMBER1")
    return await claim_for(clinic, await clinic.document(patient_id, case_id, DAY, **NOTE))


@pytest.mark.req("BC-21")
async def test_the_claim_waits_for_the_verified_visit(clinic: Clinic) -> None:
    """No record: held. A record alike in the six elements, within the tolerance: nothing left to say."""
    claim = await treat(clinic)
    assert said(claim, "evv") == {"evv.missing": "blocks"}
    assert claim["status"] == "held"
    assert await verify(clinic) == {"recorded": 1, "corrected": 0, "repeated": 0}
    assert said(await again(clinic, claim), "evv") == {}
    assert await verify(clinic) == {"recorded": 0, "corrected": 0, "repeated": 1}


@pytest.mark.req("BC-21")
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"code": "97110"}, "service"),
        ({"member_number": "MEMBER2"}, "individual_receiving"),
        ({"provider_id": "other"}, "individual_providing"),
        ({"served_on": "2026-02-17"}, "date"),
        ({"place_of_service": "11"}, "location"),
        ({"state": "NH"}, "location"),
        ({"starts_at": f"{DAY}T14:40:00Z"}, "begin_time"),
        ({"ends_at": f"{DAY}T16:20:00Z"}, "end_time"),
    ],
)
async def test_a_mismatch_names_the_field(clinic: Clinic, changed: dict[str, Any], field: str) -> None:
    """Each element by itself, without a word of what it says; corrected at the aggregator, it clears."""
    claim = await treat(clinic)
    if changed.get("provider_id"):
        other = {"given_name": "Kim", "family_name": "Other", "credential": "PT", "disciplines": ["PT"]}
        changed = {"provider_id": await clinic.made("/providers", other)}
    await verify(clinic, **changed)
    claim = await again(clinic, claim)
    told = [one for one in claim["findings"] if one["rule"].startswith("evv")]
    assert [(one["rule"], one["severity"], one["evidence"]) for one in told] == [
        ("evv.mismatch", "blocks", {"field": field})
    ]
    assert "MEMBER" not in str(told)
    assert (await verify(clinic))["corrected"] == 1
    assert said(await again(clinic, claim), "evv") == {}
    [standing] = await clinic.read(f"/visit-verifications?first={DAY}&last=2026-02-17")
    assert standing["code"] == "97530"


@pytest.mark.req("BC-21")
async def test_another_states_rule_asks_for_nothing(clinic: Clinic) -> None:
    """Codes by state and place: the same session under a rule of New Hampshire needs no record."""
    claim = await treat(clinic, states="NH")
    assert said(claim, "evv") == {}


async def test_one_record_stands_behind_one_session(clinic: Clinic) -> None:
    """Morning and afternoon, one verified visit: the other session is still to be verified."""
    clinic.ids["location"] = await clinic.made("/locations", HOME | {"zip_code": "021090002"})
    await clinic.add_rule("evv", RULE)
    patient_id, case_id, _ = await clinic.admit(member_number="MEMBER1")
    morning = await clinic.document(patient_id, case_id, DAY, **NOTE)
    three: dict[str, Any] = {"starts_at": f"{DAY}T20:00:00Z", "ends_at": f"{DAY}T21:00:00Z"}
    afternoon = await clinic.document(patient_id, case_id, DAY, **NOTE, **three)
    await verify(clinic)
    claim = await claim_for(clinic, morning, afternoon)
    assert said(claim, "evv") == {"evv.missing": "blocks"}
    await verify(clinic, external_id="V2", starts_at=f"{DAY}T20:00:00Z", ends_at=f"{DAY}T21:00:00Z")
    assert said(await again(clinic, claim), "evv") == {}


async def test_a_batch_is_taken_whole_or_not_at_all(clinic: Clinic) -> None:
    """A record that ends before it begins names its place in the batch, and nothing is kept."""
    record = {"aggregator": "A", "external_id": "1", "code": "97530", "member_number": "M", "state": "MA"}
    times = {"starts_at": f"{DAY}T15:00:00Z", "ends_at": f"{DAY}T16:00:00Z", "served_on": DAY}
    good = record | times | {"provider_id": clinic.ids["provider"], "place_of_service": "12"}
    bad = good | {"external_id": "2", "ends_at": f"{DAY}T14:00:00Z"}
    refused = await clinic.send("/visit-verifications", {"records": [good, bad]}, status=422)
    assert refused["errors"][0]["pointer"] == "/records/1/ends_at"
    assert await clinic.read(f"/visit-verifications?first={DAY}&last={DAY}") == []
