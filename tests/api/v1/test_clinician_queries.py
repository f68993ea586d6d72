"""Questions to clinicians: raised by coders and checks, answered by whoever gave the session."""

from typing import Any

import pytest
from litestar import Litestar

from api.services import Services
from tests.api.conftest import Company, MutableClock
from tests.api.v1.clinic import Clinic, attestation, therapist, units
from tests.api.v1.test_documentation import without
from tests.api.v1.therapist import therapist_caller

DAY = "2026-03-02"
ASKED = {"question": "Which muscles were trained?", "service_ordinal": 1}


@pytest.mark.req("EHR-04")
async def test_a_coder_asks_the_provider_sees_it_and_an_answer_releases_the_hold(
    clinic: Clinic, app: Litestar, app_services: Services, company: Company, app_clock: MutableClock
) -> None:
    """The charges of the line wait, the work says so, and the elapsed days are recorded."""
    patient_id, case_id, _ = await clinic.admit()
    visit = await clinic.document(patient_id, case_id, DAY)
    query = await clinic.send(f"/visits/{visit['id']}/queries", ASKED)
    assert (query["status"], query["service_ordinal"], query["days"]) == ("open", 1, 0)
    held = await clinic.read(f"/visits/{visit['id']}")
    assert (held["status"], held["charges"]) == ("held", [])
    assert held["held_reason"] == "questions to the clinician: 1 open"
    (item,) = await clinic.work()
    assert (item["kind"], item["value_cents"]) == ("visit_held", 10000)
    asked_at = app_clock.now()
    app_clock.put(asked_at.replace(day=asked_at.day + 3))
    async with therapist_caller(app, app_services, company, clinic.ids["provider"]) as me:
        path = f"{clinic.path}/queries"
        (mine,) = (await me.get(f"{path}?provider=me&status=open")).json()
        assert (mine["question"], mine["days"]) == (ASKED["question"], 3)
        told = {"answer": "Quadriceps and gluteus.", "addendum": "Addendum: quadriceps and gluteus medius."}
        answered = await me.post(f"{path}/{mine['id']}/answer", json=told)
        assert answered.status_code == 200, answered.text
        assert (await me.get(f"{path}?provider=me&status=open")).json() == []
        assert (await me.post(f"{path}/{mine['id']}/answer", json=told)).status_code == 409
    app_clock.put(asked_at)
    read = await clinic.read(f"/queries/{query['id']}")
    assert (read["status"], read["days"], read["addendum"]) == ("answered", 3, told["addendum"])
    assert read["answered_by"]
    charged = await clinic.read(f"/visits/{visit['id']}")
    assert (charged["status"], units(charged)) == ("charged", {"97110": 2})
    assert await clinic.work() == []


@pytest.mark.req("EHR-04")
async def test_nobody_answers_for_another_clinician(
    clinic: Clinic, app: Litestar, app_services: Services, company: Company
) -> None:
    """A colleague neither sees nor answers the question; the practice's delegate may."""
    patient_id, case_id, _ = await clinic.admit()
    visit = await clinic.document(patient_id, case_id, DAY)
    query = await clinic.send(f"/visits/{visit['id']}/queries", ASKED)
    colleague = await clinic.made("/providers", therapist(given_name="Sam", npi="1366456980"))
    async with therapist_caller(app, app_services, company, colleague) as other:
        path = f"{clinic.path}/queries"
        assert (await other.get(path)).json() == []
        assert (await other.get(f"{path}/{query['id']}")).status_code == 403
        refused = await other.post(f"{path}/{query['id']}/answer", json={"answer": "I think so."})
        assert refused.status_code == 403
        asked = await other.post(f"{clinic.path}/visits/{visit['id']}/queries", json=ASKED)
        assert asked.status_code == 403
    delegate = await clinic.send(f"/queries/{query['id']}/answer", {"answer": "She says quads."}, status=200)
    assert delegate["status"] == "answered"


@pytest.mark.req("CD-10", "EHR-04", "EHR-03")
async def test_a_check_asks_by_itself_and_the_items_of_the_answer_complete_the_note(clinic: Clinic) -> None:
    """One question lists what is missing; the same note again asks nothing twice."""
    patient_id, case_id, _ = await clinic.admit()
    note = clinic.note(patient_id, case_id, DAY, documentation=without("medical_necessity"))
    held = await clinic.send("/visits", note)
    await clinic.send("/visits", note)
    await clinic.send(f"/visits/{held['id']}/recheck", {}, status=200)
    (query,) = await clinic.read(f"/queries?visit_id={held['id']}")
    assert (query["rule"], query["asked_by"]) == ("documentation.missing", None)
    assert query["question"] == "Why does the treatment need a therapist's skill?"
    refused = await clinic.send(f"/queries/{query['id']}/withdraw", {"reason": "never mind"}, status=409)
    assert refused["code"] == "query_asked_by_check"
    told = {
        "answer": "See addendum.",
        "items": {"medical_necessity": "Gait deviations need hands-on cueing."},
    }
    await clinic.send(f"/queries/{query['id']}/answer", told, status=200)
    visit = await clinic.read(f"/visits/{held['id']}")
    assert (visit["status"], visit["findings"]) == ("charged", [])


@pytest.mark.req("CD-10")
async def test_a_newer_note_settles_what_a_check_asked(clinic: Clinic) -> None:
    """The question ends by itself when the note no longer raises it, and with a void visit."""
    patient_id, case_id, _ = await clinic.admit()
    thin = {"source_id": "n", "documentation": without("measurable_progress")}
    held = await clinic.document(patient_id, case_id, DAY, **thin)
    whole = {"source_id": "n", "source_version": "2", "documentation": attestation()}
    await clinic.document(patient_id, case_id, DAY, **whole)
    (query,) = await clinic.read(f"/queries?visit_id={held['id']}")
    assert (query["status"], query["days"]) == ("settled", 0)
    other = await clinic.document(patient_id, case_id, "2026-03-04", **thin | {"source_id": "m"})
    await clinic.send(f"/visits/{other['id']}/queries", ASKED)
    await clinic.send(f"/visits/{other['id']}/void", {"reason": "it did not take place"}, status=200)
    ended = await clinic.read(f"/queries?visit_id={other['id']}")
    assert {query["status"] for query in ended} == {"settled"}


@pytest.mark.req("EHR-04")
async def test_a_difference_of_units_is_released_when_the_clinician_agrees(clinic: Clinic) -> None:
    """Three units in the note and thirty minutes: the answer lets the minutes stand."""
    patient_id, case_id, _ = await clinic.admit()
    services = [{"code": "97110", "minutes": 30, "units": 3}]
    held = await clinic.document(patient_id, case_id, DAY, services=services)
    (query,) = await clinic.read(f"/queries?visit_id={held['id']}")
    assert query["rule"] == "units.in_note"
    await clinic.send(f"/queries/{query['id']}/answer", {"answer": "Two is right."}, status=200)
    visit = await clinic.read(f"/visits/{held['id']}")
    assert (visit["status"], units(visit), visit["services"][0]["units_in_note"]) == (
        "charged",
        {"97110": 2},
        3,
    )


async def test_withdrawn_and_asked_again(clinic: Clinic) -> None:
    """A question taken back lets the charges be made; asked again they are held, the reply is kept."""
    patient_id, case_id, _ = await clinic.admit()
    visit = await clinic.document(patient_id, case_id, DAY)
    query = await clinic.send(f"/visits/{visit['id']}/queries", ASKED)
    path = f"/queries/{query['id']}"
    withdrawn = await clinic.send(f"{path}/withdraw", {"reason": "found it"}, status=200)
    assert (withdrawn["status"], withdrawn["closed_reason"]) == ("withdrawn", "found it")
    assert (await clinic.read(f"/visits/{visit['id']}"))["status"] == "charged"
    await clinic.send(f"{path}/withdraw", {"reason": "again"}, status=409)
    again = await clinic.send(f"{path}/reopen", {"reason": "it was another note"}, status=200)
    assert (again["status"], again["earlier"][0]["reopened_for"]) == ("open", "it was another note")
    await clinic.send(f"{path}/reopen", {"reason": "twice"}, status=409)
    assert (await clinic.read(f"/visits/{visit['id']}"))["status"] == "held"
    await clinic.send(f"{path}/answer", {"answer": "Quadriceps."}, status=200)
    reopened = await clinic.send(f"{path}/reopen", {"reason": "too thin"}, status=200)
    assert [reply["answer"] for reply in reopened["earlier"]] == [None, "Quadriceps."]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"question": ""}, "/question"),
        ({"question": "What?", "service_ordinal": 2}, "/service_ordinal"),
        ({"question": "What?", "more": 1}, "/more"),
    ],
)
async def test_a_question_that_cannot_be_names_its_field(
    clinic: Clinic, body: dict[str, Any], pointer: str
) -> None:
    """A procedure that the note does not have, or no words at all."""
    patient_id, case_id, _ = await clinic.admit()
    visit = await clinic.document(patient_id, case_id, DAY)
    refused = await clinic.send(f"/visits/{visit['id']}/queries", body, status=422)
    assert refused["errors"][0]["pointer"] == pointer


@pytest.mark.req("EHR-04", "EHR-08")
async def test_a_claim_waits_for_the_answer_too(clinic: Clinic) -> None:
    """A question about charges that are on a claim already holds the claim until it is answered."""
    patient_id, case_id, _ = await clinic.admit()
    provider_id = clinic.ids["provider"]
    plan = {"case_id": case_id, "discipline": "PT", "provider_id": provider_id}
    dates = {"starts_on": "2026-01-05", "ends_on": "2026-06-30"}
    await clinic.made("/plans-of-care", plan | dates)
    visit = await clinic.document(patient_id, case_id, DAY)
    (claim_id,) = (await clinic.send("/claims/assemble", {"visit_ids": [visit["id"]]}))["claim_ids"]
    query = await clinic.send(f"/visits/{visit['id']}/queries", ASKED)
    assert "clinician_query" in [item["kind"] for item in await clinic.work()]
    await clinic.send(f"/claims/{claim_id}/check", {}, status=200)
    told = await clinic.read(f"/claims/{claim_id}")
    assert (told["status"], "documentation.query_open" in str(told)) == ("held", True)
    await clinic.send(f"/queries/{query['id']}/answer", {"answer": "Quadriceps."}, status=200)
    assert "clinician_query" not in [item["kind"] for item in await clinic.work()]
    await clinic.send(f"/claims/{claim_id}/check", {}, status=200)
    told = await clinic.read(f"/claims/{claim_id}")
    assert "documentation.query_open" not in str(told["findings"])
