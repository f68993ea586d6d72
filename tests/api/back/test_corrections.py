"""Corrections from findings: low risk at once and listed, high risk by a person on evidence."""

import pytest

from tests.api.back.answering import claim_of
from tests.api.back.conftest import Opener
from tests.api.back.persons import as_member, close


@pytest.mark.req("SC-14")
async def test_low_risk_is_applied_and_listed_before_it_is_sent_and_high_risk_is_not(
    open_office: Opener,
) -> None:
    """The list says what was, what is, by which rule; the new version is checked like the first."""
    office = await open_office()
    [claim_id] = await office.assemble(await office.visit([("97110", 3, 30)], modifiers=()))
    first = await claim_of(office, claim_id)
    risks = {f["rule"]: f["risk"] for f in first["findings"]}
    assert (risks["modifier.discipline"], risks["units.differ"]) == ("low", "high")
    high = next(f["id"] for f in first["findings"] if f["rule"] == "units.differ")
    refused = await office.post(f"/claims/{claim_id}/corrections", {"finding_ids": [high]})
    assert (refused.status_code, refused.json()["code"]) == (409, "correction_refused")
    applied = await office.post(f"/claims/{claim_id}/corrections", {})
    assert applied.status_code == 200, applied.text
    [made] = applied.json()
    assert (made["rule"], made["risk"], made["state"]) == ("modifier.discipline", "low", "applied")
    assert (made["pointer"], made["was"], made["becomes"]) == ("/lines/0/modifiers", "", "GP")
    claim = await claim_of(office, claim_id)
    assert (claim["version"], claim["lines"][0]["modifiers"]) == (2, ["GP"])
    assert [f["rule"] for f in claim["findings"]] == ["units.differ"]
    assert (await office.get(f"/claims/{claim_id}/corrections")).json() == applied.json()
    [event] = [e for e in claim["story"] if e["kind"] == "corrected"]
    assert event["detail"]["changes"][0]["becomes"] == "GP"


@pytest.mark.req("SC-15")
async def test_a_distinct_service_is_a_persons_word_on_linked_evidence_and_anothers_review(
    open_office: Opener,
) -> None:
    """Without evidence, by a program, or reviewed by its own maker, the modifier never reaches the claim."""
    office = await open_office()
    visit = await office.visit([("97110", 3, 30)])
    [claim_id] = await office.assemble(visit)
    finding = (await claim_of(office, claim_id))["findings"][0]
    body = {"finding_id": finding["id"], "change": {"pointer": "/lines/0/modifiers", "becomes": "GP, 59"}}
    words = {"visit_id": str(visit), "words": "Knee in the morning, shoulder in the afternoon"}
    path = f"/claims/{claim_id}/corrections"
    program = await office.post(f"{path}/on-evidence", body | {"evidence": words})
    assert program.json()["code"] == "only_a_person"
    ann, ben = await as_member(office, "Ann"), await as_member(office, "Ben")
    bare = await ann.post(f"{path}/on-evidence", body)
    assert (bare.status_code, bare.json()["errors"][0]["pointer"]) == (422, "/evidence")
    unlinked = {"words": "Because it was distinct"}
    assert (await ann.post(f"{path}/on-evidence", body | {"evidence": unlinked})).status_code == 422
    elsewhere = words | {"visit_id": claim_id}
    assert (await ann.post(f"{path}/on-evidence", body | {"evidence": elsewhere})).status_code == 422
    proposed = await ann.post(f"{path}/on-evidence", body | {"evidence": words})
    assert proposed.status_code == 201, proposed.text
    assert (await claim_of(office, claim_id))["lines"][0]["modifiers"] == ["GP"]
    review = f"{path}/{proposed.json()['id']}/review"
    own = await ann.post(review, {"approve": True})
    assert (own.status_code, own.json()["code"]) == (409, "reviewer_needed")
    done = await ben.post(review, {"approve": True})
    assert done.status_code == 200, done.text
    [made] = done.json()
    assert (made["state"], made["evidence"]["visit_id"]) == ("applied", str(visit))
    assert made["reviewed_by"] != made["made_by"]
    assert (await claim_of(office, claim_id))["lines"][0]["modifiers"] == ["GP", "59"]
    assert (await ben.post(review, {"approve": True})).json()["code"] == "correction_not_open"
    await close(ann, ben)
