"""Documented sessions: what is refused, what is held, and what they become (PM-03, CORE-09)."""

from typing import Any

import pytest

from tests.api.v1.clinic import Clinic, spent, therapist, units, visits

UNKNOWN = "00000000-0000-7000-8000-000000000000"


@pytest.mark.req("PM-03")
async def test_a_signed_visit_yields_one_charge_set(clinic: Clinic) -> None:
    """Units, modifier of the discipline and price stand on the lines; the same note again adds nothing."""
    patient_id, case_id, _ = await clinic.admit()
    note = clinic.note(patient_id, case_id, "2026-03-02", services=spent({"97110": 30, "97140": 15}))
    first = await clinic.send("/visits", note)
    assert first["status"] == "charged"
    lines = [(c["code"], c["units"], c["modifiers"], c["charge_cents"]) for c in first["charges"]]
    assert lines == [("97110", 2, ["GP"], 10000), ("97140", 1, ["GP"], 4800)]
    assert await clinic.send("/visits", note) == first
    assert len(await clinic.read("/visits?first=2026-01-01&last=2026-12-31")) == 1


@pytest.mark.req("PM-03")
async def test_an_unsigned_visit_is_held_until_its_signed_version_arrives(clinic: Clinic) -> None:
    """Unsigned it stands at *attended* and charges nothing; signed it is *documented* and charged."""
    patient_id, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(5))
    unsigned = {"signed_at": None, "signed_by": None}
    note = clinic.note(patient_id, case_id, "2026-03-02", source_id="one", **unsigned)
    held = await clinic.send("/visits", note)
    assert (held["status"], held["held_reason"], held["charges"]) == ("held", "the note is not signed", [])
    assert (await clinic.left(case_id))["limits"][0]["attended"] == 1
    assert [item["next_action"] for item in await clinic.work()] == ["Ask the clinician to sign the note"]
    signed = clinic.note(patient_id, case_id, "2026-03-02", source_id="one", source_version="2")
    visit = await clinic.send("/visits", signed)
    assert (visit["id"], visit["status"], units(visit)) == (held["id"], "charged", {"97110": 2})
    (limit,) = (await clinic.left(case_id))["limits"]
    assert (limit["attended"], limit["documented"], limit["available"]) == (0, 1, 4)
    assert await clinic.work() == []


async def test_versions_of_one_note(clinic: Clinic) -> None:
    """An older version changes nothing, and other content under a known version is a conflict."""
    patient_id, case_id, _ = await clinic.admit()
    note = clinic.note(patient_id, case_id, "2026-03-02", source_id="one", source_version="10")
    first = await clinic.send("/visits", note)
    older = note | {"source_version": "9", "services": spent({"97112": 60})}
    assert units(await clinic.send("/visits", older)) == units(first)
    reused = await clinic.send("/visits", note | {"services": spent({"97112": 60})}, status=409)
    assert reused["errors"][0]["pointer"] == "/source_version"
    newer = note | {"source_version": "11", "services": spent({"97112": 45})}
    assert units(await clinic.send("/visits", newer)) == {"97112": 3}


async def test_a_visit_without_a_case_is_held_until_it_has_one(clinic: Clinic) -> None:
    """It is recorded, draws nothing and becomes work; its case makes it draw and charge (BC-01)."""
    patient_id, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(5))
    held = await clinic.document(patient_id, None, "2026-03-02")
    assert (held["status"], held["held_reason"]) == ("held", "the visit has no case")
    assert [item["next_action"] for item in await clinic.work()] == ["Assign the visit to a case"]
    stranger = await clinic.case(await clinic.patient())
    refused = await clinic.send(f"/visits/{held['id']}/case", {"case_id": stranger}, status=422)
    assert refused["errors"][0]["pointer"] == "/case_id"
    visit = await clinic.send(f"/visits/{held['id']}/case", {"case_id": case_id}, status=200)
    assert (visit["status"], units(visit)) == ("charged", {"97110": 2})
    assert (await clinic.left(case_id))["limits"][0]["documented"] == 1


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        (
            {"services": [{"code": "97110", "minutes": 30}, {"code": "XXXXX"}]},
            "/services/1/code",
        ),
        ({"services": [{"code": "97110", "minutes": -1}]}, "/services/0/minutes"),
        ({"services": [{"code": "97110"}]}, "/services/0/minutes"),
        ({"services": [{"code": "97110", "minutes": "30"}]}, "/services/0/minutes"),
        ({"ends_at": "2026-03-02T14:00:00Z"}, "/ends_at"),
        ({"signed_by": None}, "/signed_by"),
        ({"provider_id": UNKNOWN}, "/provider_id"),
        ({"appointment_id": UNKNOWN}, "/appointment_id"),
    ],
)
@pytest.mark.req("CORE-08")
async def test_a_session_that_cannot_be_names_its_field_and_changes_nothing(
    clinic: Clinic, changes: dict[str, Any], pointer: str
) -> None:
    """Unknown codes, negative or missing minutes and false references are refused by name."""
    patient_id, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(5))
    refused = await clinic.document(patient_id, case_id, "2026-03-02", status=422, **changes)
    assert refused["errors"][0]["pointer"] == pointer
    assert await clinic.read("/visits?first=2026-01-01&last=2026-12-31") == []
    assert (await clinic.left(case_id))["limits"][0]["available"] == 5


async def test_sessions_of_one_therapist_do_not_overlap(clinic: Clinic) -> None:
    """Half an hour shared with another patient is refused; a group is a group, and next door is free."""
    first, case_id, _ = await clinic.admit()
    second, other_case, _ = await clinic.admit()
    await clinic.document(first, case_id, "2026-03-02")
    half_past = {"starts_at": "2026-03-02T15:30:00Z", "ends_at": "2026-03-02T16:30:00Z"}
    refused = await clinic.document(second, other_case, "2026-03-02", status=422, **half_past)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("sessions_overlap", "/starts_at")
    group = {"services": [{"code": "97150", "minutes": 40}]}
    for patient_id, case in ((first, case_id), (second, other_case)):
        await clinic.document(patient_id, case, "2026-03-03", **group)
    colleague = await clinic.made("/providers", therapist(given_name="Sam"))
    await clinic.document(second, other_case, "2026-03-02", provider_id=colleague, **half_past)


async def test_a_payer_may_allow_pairs_of_codes_at_once(clinic: Clinic) -> None:
    """Where the payer's row names the pair, the same clinician's sessions may share their minutes."""
    value = {"group_codes": [], "pairs": [["97110", "97112"]]}
    await clinic.add_rule("concurrent_sessions", value, payer_id=clinic.ids["payer"])
    first, case_id, _ = await clinic.admit()
    second, other_case, _ = await clinic.admit()
    await clinic.document(first, case_id, "2026-03-02")
    await clinic.document(second, other_case, "2026-03-02", services=spent({"97112": 30}))


async def test_a_session_needs_a_coverage_in_force_on_its_date(clinic: Clinic) -> None:
    """A session before the coverage began is refused by its date."""
    patient_id, case_id, _ = await clinic.admit(starts_on="2026-03-01")
    refused = await clinic.document(patient_id, case_id, "2026-02-27", status=422)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("coverage_not_active", "/starts_at")


async def test_a_session_takes_over_its_booking(clinic: Clinic) -> None:
    """The booked visit becomes the documented one: one use, not two, and the appointment is attended."""
    patient_id, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(1))
    booked = await clinic.book(case_id, "2026-03-10")
    visit = await clinic.document(patient_id, case_id, "2026-03-10")
    assert visit["appointment_id"] == booked["id"]
    assert (await clinic.read(f"/appointments/{booked['id']}"))["status"] == "attended"
    (limit,) = (await clinic.left(case_id))["limits"]
    assert (limit["booked"], limit["documented"], limit["over_limit"]) == (0, 1, 0)
    entries = await clinic.read(f"/limits/authorization_block/{limit['limit_id']}/entries?account=documented")
    assert [(e["kind"], e["other"]["kind"], e["amount"]) for e in entries] == [("document", "booked", 1)]


async def test_a_void_visit_gives_back_what_it_drew(clinic: Clinic) -> None:
    """Its charges and its use are gone, and it cannot be voided twice."""
    patient_id, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(1))
    visit = await clinic.document(patient_id, case_id, "2026-03-10")
    void = await clinic.send(f"/visits/{visit['id']}/void", {"reason": "other patient"}, status=200)
    assert (void["status"], void["charges"]) == ("void", [])
    assert (await clinic.left(case_id))["limits"][0]["available"] == 1
    await clinic.send(f"/visits/{visit['id']}/void", {"reason": "other patient"}, status=409)


async def test_a_visit_links_to_the_plan_of_its_discipline_and_date(clinic: Clinic) -> None:
    """Two plans of two disciplines and periods: each session finds its own, or none outside of any."""
    patient_id, case_id, _ = await clinic.admit()
    plans = {}
    for discipline, first, last in (
        ("PT", "2026-01-05", "2026-03-31"),
        ("PT", "2026-04-01", "2026-06-30"),
        ("OT", "2026-01-05", "2026-06-30"),
    ):
        body = {"case_id": case_id, "discipline": discipline, "provider_id": clinic.ids["provider"]}
        plans[discipline, first] = await clinic.made(
            "/plans-of-care", body | {"starts_on": first, "ends_on": last}
        )
    for discipline, day, plan in (
        ("PT", "2026-03-31", plans["PT", "2026-01-05"]),
        ("PT", "2026-04-01", plans["PT", "2026-04-01"]),
        ("OT", "2026-04-02", plans["OT", "2026-01-05"]),
        ("PT", "2026-07-01", None),
    ):
        visit = await clinic.document(patient_id, case_id, day, discipline=discipline)
        assert visit["plan_of_care_id"] == plan


async def test_a_visit_without_a_price_is_held_until_it_has_one(clinic: Clinic) -> None:
    """The reason names code and date; checked again after the price was set, it is charged."""
    patient_id, case_id, _ = await clinic.admit()
    held = await clinic.document(patient_id, case_id, "2026-03-02", services=spent({"97542": 30}))
    assert held["held_reason"] == "code 97542 has no charge on 2026-03-02"
    await clinic.send("/charge-rates", {"code": "97542", "charge_cents": 4100, "starts_on": "2026-01-01"})
    visit = await clinic.send(f"/visits/{held['id']}/recheck", None, status=200)
    assert (visit["status"], visit["charges"][0]["charge_cents"]) == ("charged", 8200)
