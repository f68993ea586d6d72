"""Medicaid's own: the month's share, plans that change, orders, and caps that hold no child (BC-22)."""

from typing import Any

import pytest

from tests.api.v1.clinic import NPI, Clinic
from tests.api.v1.staff import again, claim_for, claims_for, finding, said
from tests.api.v1.test_assembly import plan


async def enrol(clinic: Clinic, **person: Any) -> tuple[str, str, str]:
    """A patient whose case Medicaid covers, under a plan of care; their ids."""
    clinic.ids["payer"] = await clinic.add_payer("medicaid")
    patient_id = await clinic.patient(**person)
    case_id = await clinic.case(patient_id)
    await plan(clinic, case_id)
    return patient_id, case_id, await clinic.coverage(case_id)


async def share(clinic: Clinic, coverage_id: str, kind: str, cents: int = 30_000) -> str:
    """What the patient bears in February."""
    body = {"coverage_id": coverage_id, "month_on": "2026-02-01", "kind": kind, "amount_cents": cents}
    return await clinic.made("/cost-shares", body | {"source": "notice of the agency"})


async def bear(clinic: Clinic, share_id: str, day: str, cents: int, *, status: int = 204) -> Any:
    """An expense that the patient bore."""
    body = {"incurred_on": day, "amount_cents": cents, "source_id": f"receipt {day}"}
    return await clinic.send(f"/cost-shares/{share_id}/expenses", body, status=status)


@pytest.mark.req("BC-22")
async def test_a_share_of_cost_holds_the_month_until_it_is_met(clinic: Clinic) -> None:
    """300.00 for February: held with what is left, ready when it is borne; March is another month."""
    patient_id, case_id, coverage_id = await enrol(clinic)
    share_id = await share(clinic, coverage_id, "share_of_cost")
    claim = await claim_for(clinic, await clinic.document(patient_id, case_id, "2026-02-16"))
    assert said(claim, "medicaid") == {"medicaid.share_of_cost": "blocks"}
    assert claim["status"] == "held"
    await bear(clinic, share_id, "2026-02-17", 12_500)
    claim = await again(clinic, claim)
    told = {"month": "2026-02", "share_cents": "30000", "left_cents": "17500"}
    assert finding(claim, "medicaid.share_of_cost")["evidence"] == told
    await bear(clinic, share_id, "2026-02-17", 12_500)
    assert (await bear(clinic, share_id, "2026-02-17", 1, status=409))["code"] == "expense_differs"
    await bear(clinic, share_id, "2026-02-20", 17_500)
    claim = await again(clinic, claim)
    assert said(claim, "medicaid") == {}
    [kept] = await clinic.read(f"/cost-shares?coverage_id={coverage_id}")
    assert (kept["borne_cents"], kept["met_on"]) == (30_000, "2026-02-20")
    march = await claim_for(clinic, await clinic.document(patient_id, case_id, "2026-03-02"))
    assert said(march, "medicaid") == {}


@pytest.mark.req("BC-22")
async def test_a_spend_down_answers_from_the_day_on_which_it_was_met(clinic: Clinic) -> None:
    """Met on the 18th: the 16th stays the patient's, the 18th is Medicaid's."""
    patient_id, case_id, coverage_id = await enrol(clinic)
    share_id = await share(clinic, coverage_id, "spend_down")
    await bear(clinic, share_id, "2026-02-18", 30_000)
    early = await clinic.document(patient_id, case_id, "2026-02-16")
    late = await clinic.document(patient_id, case_id, "2026-02-18")
    first, second = await claims_for(clinic, early, late)
    assert said(first, "medicaid") == {"medicaid.spend_down": "blocks"}
    assert "2026-02-18" in finding(first, "medicaid.spend_down")["message"]
    assert said(second, "medicaid") == {}


@pytest.mark.req("BC-22")
async def test_each_date_goes_to_the_plan_that_was_in_force(clinic: Clinic) -> None:
    """A managed plan to the 14th, another from the 15th: two claims, each to its own."""
    patient_id, case_id, first = await enrol(clinic)
    ended = {"ends_on": "2026-02-14", "reason": "moved to another plan"}
    await clinic.send(f"/coverages/{first}/end", ended, status=200)
    other = {"name": "Harbor Care", "kind": "medicaid", "electronic_id": "HCARE", "filing_indicator": "MC"}
    await clinic.coverage(case_id, payer_id=await clinic.made("/payers", other), starts_on="2026-02-15")
    early = await clinic.document(patient_id, case_id, "2026-02-13")
    late = await clinic.document(patient_id, case_id, "2026-02-17")
    claims = await claims_for(clinic, early, late)
    assert [claim["payer_name"] for claim in claims] == ["Medicaid", "Harbor Care"]
    assert [said(claim, "medicaid", "coverage") for claim in claims] == [{}, {}]


@pytest.mark.req("BC-22")
async def test_a_switch_that_is_learnt_of_late_names_the_right_plan(clinic: Clinic) -> None:
    """The claim stands under the old plan: checked again it is held, names the other, and both are work."""
    patient_id, case_id, first = await enrol(clinic)
    claim = await claim_for(clinic, await clinic.document(patient_id, case_id, "2026-02-17"))
    assert said(claim, "medicaid", "coverage") == {}
    ended = {"ends_on": "2026-02-14", "reason": "moved to another plan"}
    await clinic.send(f"/coverages/{first}/end", ended, status=200)
    other = {"name": "Harbor Care", "kind": "medicaid", "electronic_id": "HCARE", "filing_indicator": "MC"}
    added = await clinic.coverage(
        case_id, payer_id=await clinic.made("/payers", other), starts_on="2026-02-15"
    )
    claim = await again(clinic, claim)
    expected = {"medicaid.wrong_plan": "blocks", "coverage.not_active": "blocks"}
    assert said(claim, "medicaid", "coverage") == expected
    assert finding(claim, "medicaid.wrong_plan")["evidence"]["plan"] == "Harbor Care"
    work = {item["kind"]: item for item in await clinic.work()}
    assert {"coverage_ended", "medicaid_rebill"} <= work.keys()
    assert work["medicaid_rebill"]["subject_id"] == added


@pytest.mark.req("BC-22")
async def test_whoever_ordered_was_enrolled_on_the_date(clinic: Clinic) -> None:
    """No order where one is required, then one by a stranger to Medicaid, then enrolled, from the date on."""
    patient_id, case_id, _ = await enrol(clinic)
    visit = await clinic.document(patient_id, case_id, "2026-02-16")
    claim = await claim_for(clinic, visit)
    assert said(claim, "medicaid") == {}
    await clinic.add_rule(
        "ordering_provider", {"required": True, "enrolled": True}, payer_id=clinic.ids["payer"]
    )
    assert said(await again(clinic, claim), "medicaid") == {"medicaid.order_missing": "blocks"}
    order = {"case_id": case_id, "npi": NPI[3], "name": "Dr Field", "starts_on": "2026-01-05"}
    await clinic.made("/treatment-orders", order)
    assert said(await again(clinic, claim), "medicaid") == {"medicaid.ordering_not_enrolled": "blocks"}
    enrolment = {"payer_id": clinic.ids["payer"], "npi": NPI[3], "name": "Dr Field"}
    await clinic.made("/ordering-enrolments", enrolment | {"starts_on": "2026-02-17"})
    assert said(await again(clinic, claim), "medicaid") == {"medicaid.ordering_not_enrolled": "blocks"}
    before = {"starts_on": "2025-01-01", "ends_on": "2026-02-16"}
    await clinic.made("/ordering-enrolments", enrolment | before)
    assert said(await again(clinic, claim), "medicaid") == {}


@pytest.mark.req("BC-22")
@pytest.mark.parametrize(
    ("born_on", "status", "expected"),
    [("2016-05-04", 201, {"limit.lifted": "informs"}), ("1980-05-04", 409, {"limit.exceeded": "blocks"})],
)
async def test_no_cap_holds_a_child(
    clinic: Clinic, born_on: str, status: int, expected: dict[str, str]
) -> None:
    """Beyond one visit a year: under 21 it is booked and billed with the citation, an adult's is held."""
    patient_id, case_id, coverage_id = await enrol(clinic, birth_on=born_on)
    cap = {"coverage_id": coverage_id, "kind": "visits", "quantity": 1, "source": "plan booklet"}
    await clinic.made("/benefit-limits", cap | {"starts_on": "2026-01-01", "ends_on": "2026-12-31"})
    await clinic.document(patient_id, case_id, "2026-02-16")
    await clinic.book(case_id, "2026-02-20", status=status)
    left = await clinic.left(case_id)
    assert left["may_be_visited"] is (status == 201)
    claim = await claim_for(clinic, await clinic.document(patient_id, case_id, "2026-02-18"))
    assert said(claim, "limit") == expected
    if "limit.lifted" in expected:
        assert finding(claim, "limit.lifted")["source"] == "42 USC 1396d(r)(5)"


async def test_what_cannot_be_is_refused(clinic: Clinic) -> None:
    """A share named by a day within the month, a second one, an expense of another month."""
    _, _, coverage_id = await enrol(clinic)
    body = {"coverage_id": coverage_id, "kind": "spend_down", "amount_cents": 1, "source": "notice"}
    refused = await clinic.send("/cost-shares", body | {"month_on": "2026-02-02"}, status=422)
    assert refused["errors"][0]["pointer"] == "/month_on"
    share_id = await share(clinic, coverage_id, "spend_down")
    again_ = await clinic.send("/cost-shares", body | {"month_on": "2026-02-01"}, status=409)
    assert again_["code"] == "cost_share_known"
    assert (await bear(clinic, share_id, "2026-03-01", 1, status=422))["errors"][0][
        "pointer"
    ] == "/incurred_on"
