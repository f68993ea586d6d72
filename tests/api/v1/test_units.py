"""Minutes become the units of the payer's rule row; what the note says otherwise is a question (CORE-08)."""

import pytest

from tests.api.v1.clinic import Clinic, spent, therapist, units

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
