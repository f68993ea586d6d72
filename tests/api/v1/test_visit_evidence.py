"""The evidence of a session: kept as told, refused where it cannot be, asked about where it differs."""

from typing import Any

import msgspec
import pytest

from domain.visits.notes import NewVisit
from tests.api.v1.clinic import Clinic, therapist

DAY = "2026-03-02"


async def test_evidence_comes_back_as_it_was_sent(clinic: Clinic) -> None:
    """Times, assistance, telehealth, notices and signatures of a session lose nothing on the way."""
    patient_id, case_id, _ = await clinic.admit()
    assistant = await clinic.made("/providers", therapist(credential="PTA", npi="1366456980"))
    supervisor = await clinic.made("/providers", therapist(npi="1023011079"))
    service = {
        "code": "97110",
        "minutes": 30,
        "units": 2,
        "starts_at": f"{DAY}T15:00:00Z",
        "ends_at": f"{DAY}T15:30:00Z",
        "assistant_id": assistant,
        "assistant_minutes": 10,
        "joint_minutes": 5,
        "patients_at_once": 1,
        "body_site": "left knee",
        "separate_encounter": True,
        "notice": "voluntary",
        "modifiers_in_note": ["59"],
    }
    told = {
        "telehealth": "audio_video",
        "patient_at_home": True,
        "patient_state": "NH",
        "supervisor_id": supervisor,
        "cosigned_at": f"{DAY}T18:00:00Z",
        "cosigned_by": "Sam Supervisor, PT",
        "benefit": "rehabilitative",
        "total_timed_minutes": 30,
        "total_minutes": 30,
        "signatures": [{"role": "caregiver", "name": "Lee", "signed_at": f"{DAY}T16:00:00Z"}],
    }
    made = await clinic.document(patient_id, case_id, DAY, services=[service], **told)
    read = await clinic.read(f"/visits/{made['id']}")
    assert {name: read[name] for name in told} == told
    (kept,) = read["services"]
    assert {name: kept["units_in_note" if name == "units" else name] for name in service} == service


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"assistant_minutes": 20, "joint_minutes": 11}, "/services/0/assistant_minutes"),
        ({"starts_at": f"{DAY}T14:59:00Z", "ends_at": f"{DAY}T15:30:00Z"}, "/services/0/starts_at"),
        ({"starts_at": f"{DAY}T15:30:00Z", "ends_at": f"{DAY}T15:00:00Z"}, "/services/0/ends_at"),
        ({"starts_at": f"{DAY}T15:30:00Z"}, "/services/0/ends_at"),
        ({"patients_at_once": 0}, "/services/0/patients_at_once"),
        ({"notice": "perhaps"}, "/services/0/notice"),
        ({"assistant_id": "00000000-0000-7000-8000-000000000000"}, "/services/0/assistant_id"),
    ],
)
async def test_evidence_that_cannot_be_names_its_field(
    clinic: Clinic, changes: dict[str, Any], pointer: str
) -> None:
    """More minutes than there were, or times outside the session, are refused."""
    patient_id, case_id, _ = await clinic.admit()
    services = [{"code": "97110", "minutes": 30} | changes]
    refused = await clinic.document(patient_id, case_id, DAY, services=services, status=422)
    assert refused["errors"][0]["pointer"] == pointer


async def test_totals_that_disagree_are_asked_about_and_never_corrected(clinic: Clinic) -> None:
    """The note's totals against its minutes by code: a difference holds, the agreeing version is charged."""
    patient_id, case_id, _ = await clinic.admit()
    totals = {"source_id": "n", "total_timed_minutes": 38, "total_minutes": 30}
    refused = await clinic.document(patient_id, case_id, DAY, **totals, status=422)
    assert refused["errors"][0]["pointer"] == "/total_timed_minutes"
    held = await clinic.document(patient_id, case_id, DAY, **totals | {"total_minutes": 38})
    assert held["status"] == "held"
    assert "the note totals 38 timed minutes, its codes have 30" in held["held_reason"]
    right = totals | {"total_timed_minutes": 30, "source_version": "2"}
    visit = await clinic.document(patient_id, case_id, DAY, **right)
    assert (visit["status"], visit["services"][0]["minutes"]) == ("charged", 30)


def test_a_note_recorded_before_evidence_existed_keeps_its_fingerprint() -> None:
    """Sent again after an upgrade, the same note under the same version is still the same."""
    note = {
        "patient_id": "01900000-0000-7000-8000-000000000001",
        "case_id": None,
        "provider_id": "01900000-0000-7000-8000-000000000002",
        "location_id": "01900000-0000-7000-8000-000000000003",
        "discipline": "PT",
        "starts_at": "2026-03-02T15:00:00Z",
        "ends_at": "2026-03-02T16:00:00Z",
        "services": [{"code": "97110", "minutes": 30}, {"code": "97161", "units": 1}],
        "signed_at": "2026-03-02T17:00:00Z",
        "signed_by": "Pat",
        "unit_choices": {"PT": ["97110"], "OT": ["97530", "97110"]},
        "source_system": "ehr",
        "source_id": "n",
        "source_version": "1",
    }
    fingerprint = "b6a28152001c9b1db155a669979d9910ae886535f32440c54656c0a92be962ec"
    assert msgspec.convert(note, NewVisit).content_sha256 == fingerprint
