"""Documented sessions: what is refused, what is held, and what they become (PM-03, CORE-08, CORE-09)."""

from typing import Any

import pytest

from tests.api.v1.clinic import Clinic, therapist, visits

UNKNOWN = "00000000-0000-7000-8000-000000000000"

# Table A-V: minutes by code, units under the CMS total, units per code at the midpoint, and the clinician's
# choice where the CMS remainders tie.
A_V: list[tuple[dict[str, int], dict[str, int], dict[str, int], list[str]]] = [
    ({"97110": 7}, {}, {}, []),
    ({"97110": 8}, {"97110": 1}, {"97110": 1}, []),
    ({"97110": 22}, {"97110": 1}, {"97110": 1}, []),
    ({"97110": 23}, {"97110": 2}, {"97110": 2}, []),
    ({"97110": 33, "97140": 7}, {"97110": 2, "97140": 1}, {"97110": 2}, []),
    ({"97112": 24, "97110": 23}, {"97112": 2, "97110": 1}, {"97112": 2, "97110": 2}, []),
    (
        {"97110": 18, "97140": 13, "97116": 10, "97035": 8},
        {"97110": 1, "97140": 1, "97116": 1},
        {"97110": 1, "97140": 1, "97116": 1, "97035": 1},
        [],
    ),
    ({"97112": 7, "97110": 7, "97140": 7}, {"97112": 1}, {}, ["97112"]),
    ({"97110": 20, "97112": 20}, {"97110": 1, "97112": 2}, {"97110": 1, "97112": 1}, ["97112"]),
    ({"97110": 15, "97140": 8}, {"97110": 1, "97140": 1}, {"97110": 1, "97140": 1}, []),
    ({"97110": 10, "97140": 5}, {"97110": 1}, {"97110": 1}, []),
    ({"97161": 30, "97110": 15}, {"97161": 1, "97110": 1}, {"97161": 1, "97110": 1}, []),
]


def spent(minutes: dict[str, int]) -> list[dict[str, Any]]:
    """Procedures with their minutes."""
    return [{"code": code, "minutes": given} for code, given in minutes.items()]


def units(visit: Any) -> dict[str, int]:
    """The units that a visit charges, by code."""
    return {charge["code"]: charge["units"] for charge in visit["charges"]}


@pytest.mark.req("CORE-08")
async def test_table_a_v_by_the_method_of_the_payers_rule_row(clinic: Clinic) -> None:
    """Each row of the table gives its units under Medicare's method and under a commercial payer's."""
    patient_id, commercial, _ = await clinic.admit()
    medicare = await clinic.case(patient_id)
    await clinic.coverage(medicare, payer_id=await clinic.add_payer("medicare"))
    for day, (minutes, cms, midpoint, choice) in enumerate(A_V, 1):
        on = f"2026-02-{day:02}"
        note = {"services": spent(minutes)}
        by_code = await clinic.document(patient_id, commercial, on, **note)
        assert units(by_code) == midpoint, minutes
        await clinic.send(f"/visits/{by_code['id']}/void", {"reason": "counted twice"}, status=200)
        by_total = await clinic.document(patient_id, medicare, on, **note)
        if choice:
            assert (by_total["status"], by_total["charges"]) == ("held", [])
            chosen = {"choices": {"PT": choice}}
            by_total = await clinic.send(f"/visits/{by_total['id']}/unit-choices", chosen, status=200)
        assert units(by_total) == cms, minutes


@pytest.mark.req("CORE-08")
@pytest.mark.parametrize(
    ("minutes", "code"),
    [(15, None), (16, "90832"), (37, "90832"), (38, "90834"), (52, "90834"), (53, "90837")],
)
async def test_psychotherapy_by_its_minutes(clinic: Clinic, minutes: int, code: str | None) -> None:
    """The code that the minutes earn is charged; a note with another one is held, never corrected."""
    therapist_id = await clinic.made("/providers", therapist(disciplines=["BH"]))
    await clinic.send("/charge-rates", {"code": "90832", "charge_cents": 9000, "starts_on": "2020-01-01"})
    patient_id, case_id, _ = await clinic.admit()
    scope = {"provider_id": therapist_id, "discipline": "BH"}
    for day, documented in enumerate(("90832", "90834", "90837"), 3):
        note = {"services": [{"code": documented, "minutes": minutes}]}
        visit = await clinic.document(patient_id, case_id, f"2026-02-{day:02}", **scope, **note)
        expected = ("charged", {documented: 1}) if documented == code else ("held", {})
        assert (visit["status"], units(visit)) == expected


@pytest.mark.req("CORE-08")
async def test_the_method_is_the_one_in_force_on_the_date_of_service(clinic: Clinic) -> None:
    """A payer that changes its method on 1 March pays the same minutes otherwise from that day on."""
    await clinic.add_rule(
        "unit_method", "cms_total_time", payer_id=clinic.ids["payer"], starts_on="2026-03-01"
    )
    patient_id, case_id, _ = await clinic.admit()
    note = {"services": spent({"97112": 24, "97110": 23})}
    before = await clinic.document(patient_id, case_id, "2026-02-27", **note)
    after = await clinic.document(patient_id, case_id, "2026-03-02", **note)
    assert (units(before), units(after)) == ({"97112": 2, "97110": 2}, {"97112": 2, "97110": 1})
    assert after["charges"][0]["explanation"]["in_force_since"] == "2026-03-01"


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


async def test_units_in_a_signed_note_are_compared_and_never_changed(clinic: Clinic) -> None:
    """Three units for 30 minutes are a question to the clinician: the visit is held, nothing is charged."""
    patient_id, case_id, _ = await clinic.admit()
    services = [{"code": "97110", "minutes": 30, "units": 3}]
    visit = await clinic.document(patient_id, case_id, "2026-03-02", services=services)
    assert (visit["status"], visit["charges"]) == ("held", [])
    assert visit["held_reason"] == "the note has 3 units of 97110, its minutes make 2"
    assert [item["kind"] for item in await clinic.work()] == ["visit_held"]


async def test_a_tie_is_settled_by_the_units_of_the_note(clinic: Clinic) -> None:
    """Where the note gives the tied unit to one of the codes, that is the clinician's choice."""
    patient_id, case_id, _ = await clinic.admit(payer_id=await clinic.add_payer("medicare"))
    services = [
        {"code": "97110", "minutes": 20, "units": 2},
        {"code": "97112", "minutes": 20, "units": 1},
    ]
    visit = await clinic.document(patient_id, case_id, "2026-03-02", services=services)
    assert units(visit) == {"97110": 2, "97112": 1}


async def test_a_base_code_brings_its_add_on(clinic: Clinic) -> None:
    """Forty minutes of cognitive function are one first block and two further ones."""
    patient_id, case_id, _ = await clinic.admit()
    visit = await clinic.document(
        patient_id, case_id, "2026-03-02", discipline="OT", services=spent({"97129": 40})
    )
    lines = [(c["code"], c["units"], c["modifiers"]) for c in visit["charges"]]
    assert lines == [("97129", 1, ["GO"]), ("97130", 2, ["GO"])]


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


@pytest.mark.req("CORE-09")
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
