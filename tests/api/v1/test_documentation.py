"""What a note must say before it is charged: checklists, copies, stale codes, review, unsigned notes."""

from typing import Any

import pytest

from billing_rules.therapy.code_table import procedure_code
from billing_rules.therapy.documentation.checklists import Checklist, NoteFacts, shipped_checklists
from tests.api.v1.clinic import Clinic, attestation, therapist, units

DAY = "2026-03-02"
PT = ("plan_of_care_support", "measurable_progress", "visit_limit_context", "medical_necessity")
NOTE = (
    "Patient reports less pain on stairs since the last session. Quadriceps strength improved from four "
    "minus to four out of five, knee flexion from ninety to one hundred and five degrees. Worked on "
    "eccentric step downs, three sets of ten, with verbal cues for alignment, then balance on foam with "
    "eyes closed for sixty seconds."
)


def without(item: str) -> dict[str, Any]:
    """An attestation that lacks one item."""
    whole = attestation()
    return whole | {"items": {name: told for name, told in whole["items"].items() if name != item}}


def rules(visit: Any) -> list[str]:
    """The rules of what was found about a visit."""
    return [found["rule"] for found in visit["findings"]]


async def behavioral(clinic: Clinic) -> dict[str, Any]:
    """A behavioural session of 45 minutes with a psychologist."""
    person = therapist(credential="PhD", disciplines=["BH"], npi="1366456980", taxonomy="103T00000X")
    provider_id = await clinic.made("/providers", person)
    return {
        "provider_id": provider_id,
        "discipline": "BH",
        "services": [{"code": "90834", "minutes": 45}],
        "signed_by": "Pat Therapist, PhD",
    }


@pytest.mark.req("EHR-03", "EHR-05")
@pytest.mark.parametrize("item", PT)
async def test_a_physical_therapy_note_needs_all_four(clinic: Clinic, item: str) -> None:
    """Without any of the four the charges stay held and the item is listed; with all they are made."""
    patient_id, case_id, _ = await clinic.admit()
    note = {"source_id": "n", "documentation": without(item)}
    held = await clinic.document(patient_id, case_id, DAY, **note)
    assert (held["status"], held["charges"], held["held_reason"]) == ("held", [], f"documentation: {item}")
    (found,) = held["findings"]
    assert (found["rule"], found["severity"], found["evidence"]["missing"]) == (
        "documentation.missing",
        "blocks",
        item,
    )
    assert found["source"]
    assert found["row"]
    whole = {"source_id": "n", "source_version": "2", "documentation": attestation()}
    visit = await clinic.document(patient_id, case_id, DAY, **whole)
    assert (visit["status"], units(visit), visit["findings"]) == ("charged", {"97110": 2}, [])
    assert await clinic.work() == []


@pytest.mark.req("EHR-06", "TH-05", "EHR-03")
async def test_a_behavioural_note_needs_its_six_and_its_purpose(clinic: Clinic) -> None:
    """Session type, diagnosis, treatment plan, progress, necessity, purpose: each of them holds."""
    patient_id, case_id, _ = await clinic.admit()
    scope = await behavioral(clinic) | {"source_id": "n"}
    lacking = {
        "session_type": attestation(session_type=None),
        "purpose": attestation(purpose=None),
        "diagnosis": attestation(diagnoses=[]),
        "treatment_plan": without("treatment_plan"),
        "progress": without("progress"),
        "medical_necessity": without("medical_necessity"),
    }
    for version, (item, told) in enumerate(lacking.items(), 1):
        note = scope | {"source_version": str(version), "documentation": told}
        held = await clinic.document(patient_id, case_id, DAY, **note)
        assert (held["status"], held["held_reason"]) == ("held", f"documentation: {item}")
    whole = scope | {"source_version": "9", "documentation": attestation()}
    assert units(await clinic.document(patient_id, case_id, DAY, **whole)) == {"90834": 1}


@pytest.mark.req("EHR-06", "TH-05")
async def test_a_behavioural_note_needs_minutes_or_start_and_stop(clinic: Clinic) -> None:
    """A group session without either is held for its duration; start and stop are enough."""
    patient_id, case_id, _ = await clinic.admit()
    await clinic.send("/charge-rates", {"code": "90853", "charge_cents": 6000, "starts_on": "2020-01-01"})
    scope = await behavioral(clinic) | {"source_id": "n"}
    note = scope | {"services": [{"code": "90853"}]}
    held = await clinic.document(patient_id, case_id, DAY, **note)
    assert (held["status"], held["held_reason"]) == ("held", "documentation: duration")
    timed = {"code": "90853", "starts_at": f"{DAY}T15:00:00Z", "ends_at": f"{DAY}T15:55:00Z"}
    again = scope | {"services": [timed], "source_version": "2"}
    assert (await clinic.document(patient_id, case_id, DAY, **again))["status"] == "charged"


@pytest.mark.req("EHR-06", "EHR-05")
async def test_minutes_outside_the_range_of_the_code_are_flagged(clinic: Clinic) -> None:
    """Thirty minutes are no 90837: the note is held and the clinician asked, whatever it attests."""
    patient_id, case_id, _ = await clinic.admit()
    scope = await behavioral(clinic) | {"services": [{"code": "90837", "minutes": 30}]}
    held = await clinic.document(patient_id, case_id, DAY, **scope)
    assert (held["status"], held["held_reason"]) == ("held", "30 min are 90832, not 90837")
    (query,) = await clinic.read(f"/queries?visit_id={held['id']}")
    assert (query["rule"], query["status"]) == ("procedure.by_time", "open")


async def test_what_never_came_is_pointed_out_and_held_only_by_policy(clinic: Clinic) -> None:
    """Many systems send no attestation: that warns; a practice that wants one has its own row."""
    patient_id, case_id, _ = await clinic.admit()
    visit = await clinic.document(patient_id, case_id, DAY, documentation=None)
    assert (visit["status"], rules(visit)) == ("charged", ["documentation.not_received"])
    policy = {"not_received": "holds", "near_copy": "warns", "near_copy_percent": 90}
    await clinic.add_rule("documentation_policy", policy | {"near_copy_least_words": 20})
    held = await clinic.document(patient_id, case_id, "2026-03-03", documentation=None)
    assert (held["status"], rules(held)) == ("held", ["documentation.not_received"])


def checklist(**changes: Any) -> dict[str, Any]:
    """A checklist of a specialty that the product does not ship."""
    item = {
        "id": "needle_count",
        "question": "How many needles?",
        "answered": "attested",
        "severity": "holds",
    }
    note = {"discipline": "PT", "codes": ["20560"]}
    body = {
        "name": "dry_needling",
        "title": "Dry needling",
        "codes": ["20560", "20561"],
        "items": [item | {"source": "Practice policy 7"}],
        "vectors": [
            {"given": note | {"items": {"needle_count": "four"}}, "missing": []},
            {"given": note, "missing": ["needle_count"]},
        ],
    }
    return body | changes


@pytest.mark.req("EHR-07")
async def test_a_practice_adds_a_specialty_as_a_rule(clinic: Clinic) -> None:
    """A row with its vectors is all it takes: the next note of that kind is held for the new item."""
    patient_id, case_id, _ = await clinic.admit()
    await clinic.send("/charge-rates", {"code": "20560", "charge_cents": 4000, "starts_on": "2020-01-01"})
    services = [{"code": "20560"}]
    before = await clinic.document(patient_id, case_id, DAY, services=services)
    assert before["status"] == "charged"
    await clinic.add_rule("documentation_checklist", {"checklists": [checklist()]})
    held = await clinic.document(patient_id, case_id, "2026-03-03", services=services)
    assert (held["status"], held["held_reason"]) == ("held", "documentation: needle_count")
    told = attestation()
    told["items"] = told["items"] | {"needle_count": "four"}
    visit = await clinic.document(patient_id, case_id, "2026-03-04", services=services, documentation=told)
    assert visit["status"] == "charged"
    exercise = await clinic.document(patient_id, case_id, "2026-03-05")
    assert exercise["status"] == "charged"


@pytest.mark.req("EHR-07")
@pytest.mark.parametrize(
    "changes",
    [
        {"vectors": []},
        {"vectors": checklist()["vectors"][:1]},
        {"vectors": checklist()["vectors"][1:]},
        {
            "vectors": [
                *checklist()["vectors"],
                {"given": {"discipline": "PT", "codes": ["20560"]}, "missing": []},
            ]
        },
        {
            "vectors": [
                *checklist()["vectors"],
                {"given": {"discipline": "PT", "codes": ["97110"]}, "missing": []},
            ]
        },
        {"items": [*checklist()["items"], *checklist()["items"]]},
        {"items": []},
    ],
)
async def test_a_checklist_without_true_vectors_is_refused(clinic: Clinic, changes: dict[str, Any]) -> None:
    """It needs a note that passes and one that fails, and both must come out so; the book stays as it was."""
    body = {"rule": "documentation_checklist", "value": {"checklists": [checklist(**changes)]}}
    about = {"starts_on": "2020-01-01", "source": "test", "reason": "test"}
    refused = await clinic.send("/payer-rules", body | about, status=422)
    assert refused["errors"][0]["pointer"] == "/value"


def as_given(listed: Checklist, given: NoteFacts, day: str) -> dict[str, Any]:
    """A vector's note as a source sends it."""
    by_time = any(item.answered.endswith(("minutes", "times")) for item in listed.items)
    service: dict[str, Any] = {"code": given.codes[0]}
    if given.minutes or not by_time:
        service["minutes"] = 45
    if given.times:
        service |= {"starts_at": f"{day}T15:00:00Z", "ends_at": f"{day}T15:45:00Z"}
    told = {
        "items": attestation()["items"] | dict.fromkeys((i.id for i in listed.items), False) | given.items,
        "session_type": (given.session_type or "").strip() or None,
        "purpose": (given.purpose or "").strip() or None,
        "diagnoses": ["M25.562"] if given.diagnosis else [],
    }
    return {"discipline": given.discipline, "services": [service], "documentation": told}


@pytest.mark.req("EHR-07")
@pytest.mark.parametrize("listed", shipped_checklists(), ids=lambda listed: listed.name)
async def test_every_shipped_checklist_is_asked_for_as_its_vectors_say(
    clinic: Clinic, listed: Checklist
) -> None:
    """Test rationale, lesion detail, decision making or time, and the rest: each vector through the API.

    A timed code without minutes does not come as far as the checklist: it is refused, naming the field.
    """
    patient_id, case_id, _ = await clinic.admit()
    for at, vector in enumerate(listed.vectors):
        note = as_given(listed, vector.given, day := f"2026-03-{at + 2:02}")
        is_timed = procedure_code(vector.given.codes[0]).is_timed
        if is_timed and "minutes" not in note["services"][0]:
            refused = await clinic.document(patient_id, case_id, day, **note, status=422)
            assert refused["errors"][0]["pointer"] == "/services/0/minutes"
            continue
        visit = await clinic.document(patient_id, case_id, day, **note)
        found = [f["evidence"] for f in visit["findings"] if f["evidence"].get("checklist") == listed.name]
        assert [evidence["missing"] for evidence in found] == list(filter(None, [", ".join(vector.missing)]))


@pytest.mark.req("EHR-09")
async def test_a_copied_note_is_flagged_with_its_score(clinic: Clinic) -> None:
    """Word for word, or with a sentence added, it is flagged; another note of the same kind is not."""
    patient_id, case_id, _ = await clinic.admit()
    first = await clinic.document(patient_id, case_id, DAY, documentation=attestation(note_text=NOTE))
    assert first["findings"] == []
    same = attestation(note_text=NOTE.upper().replace(". ", ".\n\n"))
    copied = await clinic.document(patient_id, case_id, "2026-03-03", documentation=same)
    (found,) = copied["findings"]
    assert (found["rule"], found["severity"], copied["status"]) == (
        "documentation.near_copy",
        "warns",
        "charged",
    )
    assert found["evidence"]["similarity_percent"] == "100"
    assert found["evidence"]["previous_visit"] == first["id"]
    nearly = attestation(note_text=NOTE.replace("sixty", "ninety"))
    near = await clinic.document(patient_id, case_id, "2026-03-04", documentation=nearly)
    assert 90 <= int(near["findings"][0]["evidence"]["similarity_percent"]) < 100
    other = (
        "Session moved to the parallel bars because of swelling after gardening. Girth at the joint line "
        "plus two centimetres. Electrical stimulation and ice, isometric sets, home programme cut back."
    )
    own = await clinic.document(patient_id, case_id, "2026-03-05", documentation=attestation(note_text=other))
    assert own["findings"] == []
    stranger, other_case, _ = await clinic.admit()
    elsewhere = await clinic.document(
        stranger, other_case, "2026-03-06", documentation=attestation(note_text=NOTE)
    )
    assert elsewhere["findings"] == []
    assert NOTE[:20] not in str(await clinic.read(f"/visits/{first['id']}"))


@pytest.mark.req("EHR-09")
async def test_a_practice_that_wants_it_holds_a_copied_note(clinic: Clinic) -> None:
    """Threshold and consequence are the policy's; the clinician says what was different."""
    policy = {
        "not_received": "warns",
        "near_copy": "holds",
        "near_copy_percent": 50,
        "near_copy_least_words": 10,
    }
    await clinic.add_rule("documentation_policy", policy)
    patient_id, case_id, _ = await clinic.admit()
    told = attestation(note_text=NOTE)
    await clinic.document(patient_id, case_id, DAY, documentation=told)
    half = attestation(note_text=NOTE[: len(NOTE) // 2] + " Then something else was done for the rest of it.")
    held = await clinic.document(patient_id, case_id, "2026-03-03", documentation=half)
    assert (held["status"], rules(held)) == ("held", ["documentation.near_copy"])
    (query,) = await clinic.read(f"/queries?visit_id={held['id']}")
    await clinic.send(
        f"/queries/{query['id']}/answer", {"answer": "Same exercises, more weight."}, status=200
    )
    assert (await clinic.read(f"/visits/{held['id']}"))["status"] == "charged"
