"""Which visits become which claims, by the payer's rule rows (BC-01, BC-05)."""

from typing import Any

import pytest

from tests.api.v1.clinic import Clinic, therapist, visits

ASSEMBLY = {
    "per_day": True,
    "split_by_discipline": False,
    "split_by_rendering": True,
    "merge_same_code_same_day": True,
    "max_lines": 50,
    "max_diagnoses": 12,
}
DAY = "2026-02-16"
DIAGNOSES = [
    *("M25.511", "M25.512", "M25.521", "M25.522", "M25.531", "M25.532", "M25.551"),
    *("M25.552", "M25.561", "M25.562", "M25.571", "M25.572", "M54.50"),
]


async def assemble(clinic: Clinic, *made: Any) -> list[Any]:
    """The claims of visits, each read whole."""
    body = {"visit_ids": [visit["id"] for visit in made]}
    ids = (await clinic.send("/claims/assemble", body))["claim_ids"]
    assert (await clinic.send("/claims/assemble", body))["claim_ids"] == ids
    return [await clinic.read(f"/claims/{claim_id}") for claim_id in ids]


def lines(claim: Any) -> list[tuple[str, int, str]]:
    """Code, units and date of each line."""
    return [(line["code"], line["units"], line["date_of_service"]) for line in claim["lines"]]


async def plan(clinic: Clinic, case_id: str, discipline: str = "PT") -> None:
    """A certified plan of care."""
    body = {
        "case_id": case_id,
        "discipline": discipline,
        "provider_id": clinic.ids["provider"],
        "starts_on": "2026-01-05",
        "ends_on": "2026-06-30",
        "certified_on": "2026-01-05",
        "certified_by": "Dr Field",
    }
    await clinic.send("/plans-of-care", body)


@pytest.mark.req("BC-01")
async def test_two_cases_of_one_day_are_two_claims_to_two_payers(clinic: Clinic) -> None:
    """A compensation shoulder and a health plan's knee: no manual choice; a visit without a case is held."""
    patient_id, knee, _ = await clinic.admit()
    accident = {"accident_on": "2026-01-20", "accident_state": "MA", "accident_claim_number": "WC77"}
    shoulder = await clinic.case(patient_id, kind="workers_compensation", title="Shoulder", **accident)
    fund = await clinic.add_payer("workers_compensation")
    await clinic.coverage(shoulder, payer_id=fund)
    morning = await clinic.document(patient_id, knee, DAY)
    noon = {"starts_at": f"{DAY}T17:00:00Z", "ends_at": f"{DAY}T18:00:00Z"}
    second = await clinic.document(patient_id, shoulder, DAY, **noon)
    claims = await assemble(clinic, morning, second)
    assert {claim["payer_name"] for claim in claims} == {"Commercial", "Workers_Compensation"}
    assert len(claims) == 2
    late = {"starts_at": f"{DAY}T20:00:00Z", "ends_at": f"{DAY}T21:00:00Z"}
    stray = await clinic.document(patient_id, None, DAY, **late)
    assert stray["status"] == "held"
    assert await assemble(clinic, stray) == []


async def test_morning_and_afternoon_of_a_technician_are_one_line(clinic: Clinic) -> None:
    """97153 at ten and at three: minutes of the day together, one line, rendered by the supervisor."""
    supervisor = await clinic.made("/providers", therapist(family_name="Super", disciplines=["ABA"]))
    technician = therapist(family_name="Tech", npi=None, disciplines=["ABA"], supervisor_id=supervisor)
    clinic.ids["provider"] = await clinic.made("/providers", technician)
    patient_id, case_id, _ = await clinic.admit()
    note = {"discipline": "ABA", "services": [{"code": "97153", "minutes": 53}]}
    morning = await clinic.document(patient_id, case_id, DAY, **note)
    three = {"starts_at": f"{DAY}T19:00:00Z", "ends_at": f"{DAY}T20:00:00Z"}
    afternoon = await clinic.document(patient_id, case_id, DAY, **note | three)
    [claim] = await assemble(clinic, morning, afternoon)
    assert lines(claim) == [("97153", 7, DAY)]
    assert claim["billed_cents"] == 7 * 2500


@pytest.mark.parametrize(("split", "claims"), [(False, 1), (True, 2)])
async def test_two_disciplines_of_one_day(clinic: Clinic, split: bool, claims: int) -> None:
    """One claim or two, as the payer's row says."""
    await clinic.add_rule("claim_assembly", ASSEMBLY | {"split_by_discipline": split})
    patient_id, case_id, _ = await clinic.admit()
    first = await clinic.document(patient_id, case_id, DAY)
    noon = {"starts_at": f"{DAY}T17:00:00Z", "ends_at": f"{DAY}T18:00:00Z", "discipline": "OT"}
    second = await clinic.document(patient_id, case_id, DAY, **noon)
    assert len(await assemble(clinic, first, second)) == claims


@pytest.mark.parametrize(("per_day", "claims"), [(True, 3), (False, 2)])
async def test_a_weekly_span(clinic: Clinic, per_day: bool, claims: int) -> None:
    """Monday, Wednesday and the next Monday: three claims, or one for each week."""
    await clinic.add_rule("claim_assembly", ASSEMBLY | {"per_day": per_day})
    patient_id, case_id, _ = await clinic.admit()
    days = ("2026-02-16", "2026-02-18", "2026-02-23")
    made = [await clinic.document(patient_id, case_id, day) for day in days]
    assert len(await assemble(clinic, *made)) == claims


async def test_two_clinicians_of_one_day(clinic: Clinic) -> None:
    """Each rendering provider has a claim of their own."""
    patient_id, case_id, _ = await clinic.admit()
    first = await clinic.document(patient_id, case_id, DAY)
    other = await clinic.made("/providers", therapist(family_name="Other", npi="1679576722"))
    noon = {"starts_at": f"{DAY}T17:00:00Z", "ends_at": f"{DAY}T18:00:00Z", "provider_id": other}
    second = await clinic.document(patient_id, case_id, DAY, **noon)
    assert len(await assemble(clinic, first, second)) == 2


async def test_two_authorizations_of_one_day(clinic: Clinic) -> None:
    """Each claim carries one authorization; the line that needs none goes with the first."""
    patient_id, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(10, codes=["97110"]), number="FIRST")
    await clinic.authorize(coverage_id, visits(10, codes=["97530"]), number="SECOND")
    services = [{"code": code, "minutes": 15} for code in ("97110", "97530", "97140")]
    visit = await clinic.document(patient_id, case_id, DAY, services=services)
    claims = await assemble(clinic, visit)
    assert sorted(len(claim["lines"]) for claim in claims) == [1, 2]


async def test_more_lines_than_a_claim_holds(clinic: Clinic) -> None:
    """Lines beyond the payer's most go on another claim."""
    await clinic.add_rule("claim_assembly", ASSEMBLY | {"max_lines": 2, "per_day": False})
    patient_id, case_id, _ = await clinic.admit()
    days = ("2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20")
    made = [await clinic.document(patient_id, case_id, day) for day in days]
    assert [len(claim["lines"]) for claim in await assemble(clinic, *made)] == [2, 2, 1]


async def test_more_lines_than_a_file_holds(clinic: Clinic) -> None:
    """A row that asks for 99 lines gives claims of 50 at most, the same whoever asks again."""
    policy = ASSEMBLY | {"max_lines": 99, "per_day": False, "merge_same_code_same_day": False}
    await clinic.add_rule("claim_assembly", policy)
    patient_id, case_id, _ = await clinic.admit()
    services = [{"code": code, "minutes": 15} for code in ("97110", "97112", "97116", "97530")]
    made = []
    for at in range(13):
        day, hour = f"2026-02-{16 + at % 5}", 13 + 2 * (at // 5)
        times = {"starts_at": f"{day}T{hour}:00:00Z", "ends_at": f"{day}T{hour + 1}:00:00Z"}
        made.append(await clinic.document(patient_id, case_id, day, services=services, **times))
    assert [len(claim["lines"]) for claim in await assemble(clinic, *made)] == [50, 2]


@pytest.mark.parametrize(("most", "carried"), [(12, 12), (4, 4), (99, 12)])
async def test_more_diagnoses_than_a_claim_holds(clinic: Clinic, most: int, carried: int) -> None:
    """An episode of thirteen: the claim carries the first, as the payer takes them, twelve at most."""
    await clinic.add_rule("claim_assembly", ASSEMBLY | {"max_diagnoses": most})
    patient_id = await clinic.patient()
    case_id = await clinic.case(patient_id, diagnoses=DIAGNOSES)
    await clinic.coverage(case_id)
    [claim] = await assemble(clinic, await clinic.document(patient_id, case_id, DAY))
    assert claim["diagnoses"] == [code.replace(".", "") for code in DIAGNOSES[:carried]]
    findings = {finding["rule"] for finding in claim["findings"]}
    assert not any("pointer" in rule or "diagnos" in rule for rule in findings), findings


async def test_without_a_plan_of_care_the_claim_is_held(clinic: Clinic) -> None:
    """The finding names the rule; with a plan that covers the date, checked again, the claim is ready."""
    patient_id, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(10))
    visit = await clinic.document(patient_id, case_id, DAY)
    [claim] = await assemble(clinic, visit)
    rules = {finding["rule"]: finding["severity"] for finding in claim["findings"]}
    assert claim["status"] == "held", rules
    assert any("plan_of_care" in rule for rule, severity in rules.items() if severity == "blocks")
    await plan(clinic, case_id)
    other = await clinic.document(patient_id, case_id, "2026-02-18")
    [covered] = await assemble(clinic, other)
    assert covered["status"] == "ready", covered["findings"]


async def test_a_behavioural_carve_out_is_billed_first(clinic: Clinic) -> None:
    """Psychotherapy goes to the plan that carves it out, physical therapy to the health plan."""
    clinic.ids["provider"] = await clinic.made(
        "/providers", therapist(family_name="Both", disciplines=["PT", "BH"])
    )
    patient_id, case_id, _ = await clinic.admit()
    carved = await clinic.made(
        "/payers", {"name": "Mind", "kind": "commercial", "electronic_id": "MIND1", "filing_indicator": "CI"}
    )
    await clinic.coverage(case_id, payer_id=carved, benefit_class="behavioral")
    knee = await clinic.document(patient_id, case_id, DAY)
    talk = {"discipline": "BH", "services": [{"code": "90834", "minutes": 45}]}
    noon = {"starts_at": f"{DAY}T17:00:00Z", "ends_at": f"{DAY}T18:00:00Z"}
    session = await clinic.document(patient_id, case_id, DAY, **talk, **noon)
    claims = await assemble(clinic, knee, session)
    assert {claim["payer_name"]: lines(claim)[0][0] for claim in claims} == {
        "Commercial": "97110",
        "Mind": "90834",
    }
