"""Codes as they arrive: past their end, proposed and not reviewed, or in a note that nobody signed."""

from typing import Any

import httpx
import pytest

from tests.api.conftest import MutableClock
from tests.api.v1.clinic import Clinic, attestation, therapist
from tests.api.v1.test_documentation import DAY, rules


@pytest.mark.req("EHR-10", "PROB-12")
async def test_a_procedure_code_past_its_end_is_recorded_and_held(clinic: Clinic) -> None:
    """The session is kept, nothing is charged, the clinician is asked; unknown codes are refused."""
    patient_id, case_id, _ = await clinic.admit()
    await clinic.send("/charge-rates", {"code": "99441", "charge_cents": 5000, "starts_on": "2019-01-01"})
    stale = {"services": [{"code": "99441"}], "source_id": "n"}
    held = await clinic.document(patient_id, case_id, DAY, **stale)
    assert (held["status"], held["charges"]) == ("held", [])
    assert held["held_reason"] == f"99441 is not valid on {DAY}"
    assert "documentation.stale_procedure" in rules(held)
    (query,) = await clinic.read(f"/queries?visit_id={held['id']}")
    assert query["rule"] == "documentation.stale_procedure"
    visit = await clinic.document(patient_id, case_id, DAY, source_id="n", source_version="2")
    assert visit["status"] == "charged"
    (settled,) = await clinic.read(f"/queries?visit_id={held['id']}")
    assert settled["status"] == "settled"
    unknown = await clinic.document(patient_id, case_id, DAY, services=[{"code": "QQQQQ"}], status=422)
    assert unknown["errors"][0]["pointer"] == "/services/0/code"


@pytest.mark.req("EHR-10", "PROB-12")
async def test_a_diagnosis_that_is_not_valid_on_the_day_is_flagged_before_charges(clinic: Clinic) -> None:
    """M54.5 was split in October 2021: a template that still has it holds the charges."""
    patient_id, case_id, _ = await clinic.admit()
    told = attestation(diagnoses=["M25.562", "M54.5"])
    held = await clinic.document(patient_id, case_id, DAY, documentation=told)
    assert (held["status"], held["charges"], rules(held)) == ("held", [], ["documentation.stale_diagnosis"])
    assert held["findings"][0]["evidence"]["code"] == "M54.5"
    assert "M54" not in held["held_reason"]


@pytest.mark.req("EHR-08")
async def test_proposed_codes_wait_for_the_review_that_the_practice_wants(clinic: Clinic) -> None:
    """Nothing reaches a claim before a coder accepts; what the coder saw is what stands."""
    patient_id, case_id, _ = await clinic.admit()
    accepted = await clinic.document(patient_id, case_id, DAY)
    assert (accepted["status"], accepted["coding"]["state"]) == ("charged", "accepted")
    assert "coding_review" in accepted["coding"]["policy"]
    await clinic.add_rule("coding_review", {"review": "every"})
    note = {"source_id": "n", "services": [{"code": "97110", "minutes": 30}]}
    held = await clinic.document(patient_id, case_id, "2026-03-03", **note)
    assert (held["status"], held["charges"], held["coding"]["state"]) == ("held", [], "proposed")
    assert held["held_reason"] == "the proposed codes wait for review"
    assert [item["next_action"] for item in await clinic.work()] == ["Review the proposed codes"]
    seen = await clinic.send(f"/visits/{held['id']}/coding-review", {"note": "as documented"}, status=200)
    assert (seen["status"], seen["coding"]["state"]) == ("charged", "reviewed")
    assert seen["coding"]["by"]
    assert seen["coding"]["at"]
    other = note | {"source_version": "2", "services": [{"code": "97112", "minutes": 30}]}
    again = await clinic.document(patient_id, case_id, "2026-03-03", **other)
    assert (again["status"], again["coding"]["state"]) == ("held", "proposed")


@pytest.mark.req("EHR-08")
async def test_codes_that_stand_on_a_claim_are_held_back_when_the_practice_wants_them_seen_since(
    clinic: Clinic,
) -> None:
    """Accepted by the policy of then, on a claim that was not sent: a newer policy holds the claim itself."""
    patient_id, case_id, _ = await clinic.admit()
    visit = await clinic.document(patient_id, case_id, DAY)
    made = await clinic.send("/claims/assemble", {"visit_ids": [visit["id"]]})
    path = f"/claims/{made['claim_ids'][0]}"
    assert "coding.not_reviewed" not in {f["rule"] for f in (await clinic.read(path))["findings"]}
    await clinic.add_rule("coding_review", {"review": "none", "codes": ["97110"]})
    held = await clinic.send(f"{path}/check", {}, status=200)
    found = {f["rule"]: f for f in held["findings"]}
    assert (held["status"], found["coding.not_reviewed"]["severity"]) == ("held", "blocks")
    assert found["coding.not_reviewed"]["subject"] == "/lines/0/code"
    answer = await clinic.caller.post(
        f"{clinic.path}/claims/submit",
        json={"claim_ids": made["claim_ids"]},
        headers={"Idempotency-Key": "not-seen"},
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "claim_not_ready")


@pytest.mark.req("EHR-08")
async def test_the_review_policy_may_name_codes_and_clinicians_or_draw_a_sample(clinic: Clinic) -> None:
    """Only the named are held; a sample of none holds nobody, one of all holds everybody."""
    patient_id, case_id, _ = await clinic.admit()
    policy = {"review": "none", "codes": ["97530"]}
    await clinic.add_rule("coding_review", policy, ends_on="2026-03-04")
    everybody = {"review": "sample", "sample_percent": 100}
    await clinic.add_rule("coding_review", everybody, starts_on="2026-03-05", ends_on="2026-03-05")
    nobody = {"review": "sample", "sample_percent": 0}
    await clinic.add_rule("coding_review", nobody, starts_on="2026-03-06", ends_on="2026-03-06")
    person = {"review": "none", "clinicians": [clinic.ids["provider"]]}
    await clinic.add_rule("coding_review", person, starts_on="2026-03-07")
    expected = {"03-02": "charged", "03-05": "held", "03-06": "charged", "03-07": "held"}
    for day, status in expected.items():
        assert (await clinic.document(patient_id, case_id, f"2026-{day}"))["status"] == status
    named = [{"code": "97530", "minutes": 30}]
    held = await clinic.document(patient_id, case_id, "2026-03-03", services=named)
    assert (held["status"], rules(held)) == ("held", ["coding.not_reviewed"])


@pytest.mark.req("EHR-11")
async def test_unsigned_notes_are_listed_with_age_and_dollars_by_provider(
    clinic: Clinic, owner: httpx.AsyncClient, app_clock: MutableClock
) -> None:
    """By clinician, most dollars first, here and over all practices; a signature takes the note off."""
    patient_id, case_id, _ = await clinic.admit()
    second = await clinic.made("/providers", therapist(given_name="Sam", npi="1366456980"))
    unsigned: dict[str, Any] = {"signed_at": None, "signed_by": None}
    today = app_clock.now().date()
    await clinic.document(patient_id, case_id, "2026-01-12", source_id="a", **unsigned)
    await clinic.document(patient_id, case_id, "2026-01-14", source_id="b", **unsigned)
    large = [{"code": "97530", "minutes": 60}]
    await clinic.document(patient_id, case_id, "2026-01-15", provider_id=second, services=large, **unsigned)
    await clinic.document(patient_id, case_id, "2026-01-16")
    queue = await clinic.read("/unsigned-notes")
    told = [(q["provider_name"], q["notes"], q["waiting_cents"]) for q in queue]
    assert told == [("Sam Therapist", 1, 24000), ("Pat Therapist", 2, 20000)]
    ages = [note["age_days"] for note in queue[1]["unsigned"]]
    assert ages == [(today - day).days for day in (type(today)(2026, 1, 12), type(today)(2026, 1, 14))]
    desk = (await owner.get("/v1/desk/unsigned-notes")).json()
    assert [q for q in desk if q["practice_id"] == str(clinic.practice_id)] == queue
    await clinic.document(patient_id, case_id, "2026-01-12", source_id="a", source_version="2")
    assert [q["notes"] for q in await clinic.read("/unsigned-notes")] == [1, 1]


@pytest.mark.req("PROB-12")
async def test_nothing_past_its_end_date_is_planned_anew(clinic: Clinic) -> None:
    """A code that ended cannot be booked where the schedule is kept here; its last day still can."""
    _, case_id, _ = await clinic.admit()
    refused = await clinic.book(case_id, "2027-01-04", planned_codes=["97110", "92507"], status=422)
    assert refused["errors"][0]["pointer"] == "/planned_codes/1"
    await clinic.book(case_id, "2026-12-31", planned_codes=["92507"], discipline="SLP")
    await clinic.keep_schedule("mirrored")
    await clinic.book(case_id, "2027-01-04", planned_codes=["92507"], discipline="SLP")
