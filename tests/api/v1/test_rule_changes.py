"""Rules as dated data: one engine answers each date of service by its row; changes are seen before."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.v1.clinic import Clinic, therapist
from tests.api.v1.test_assembly import assemble, plan

DAY = "2026-02-16"


async def treated_in_winter(clinic: Clinic, **order: Any) -> tuple[str, list[Any]]:
    """One plan of care over the turn of 2025 that nobody signed; its claims of December and January."""
    clinic.ids["payer"] = await clinic.add_payer("medicare")
    patient_id = await clinic.patient(birth_on="1950-05-04")
    case_id = await clinic.case(patient_id, opened_on="2024-12-01")
    await clinic.coverage(case_id, starts_on="2024-01-01")
    body = {"case_id": case_id, "discipline": "PT", "provider_id": clinic.ids["provider"]}
    dates = {"starts_on": "2024-12-10", "ends_on": "2025-03-01"}
    made = await clinic.made("/plans-of-care", body | dates | order)
    visits = [await clinic.document(patient_id, case_id, day) for day in ("2024-12-30", "2025-01-06")]
    return made, await assemble(clinic, *visits)


def about_the_plan(claim: Any) -> list[tuple[str, str]]:
    """What the checks say of the plan of care: rule and severity."""
    return [(f["rule"], f["severity"]) for f in claim["findings"] if f["rule"].startswith("plan_of_care")]


OVERDUE = [("plan_of_care.certification_overdue", "blocks")]


@pytest.mark.req("BEYOND-08")
async def test_one_plan_is_judged_by_the_rule_of_each_date_of_service(clinic: Clinic) -> None:
    """An order on file and the plan sent in time stand for the signature from 2025 on, and not before.

    Both claims are of one plan of one case and checked by one engine on one day.
    """
    order = {"order_signed_on": "2024-12-05", "sent_to_orderer_on": "2024-12-20"}
    _, (december, january) = await treated_in_winter(clinic, **order)
    assert (december["first_on"], january["first_on"]) == ("2024-12-30", "2025-01-06")
    assert about_the_plan(december) == OVERDUE
    assert about_the_plan(january) == []
    held = next(f for f in december["findings"] if f["rule"] == OVERDUE[0][0])
    assert (held["starts_on"], held["ends_on"]) == ("2019-01-01", "2024-12-31")


@pytest.mark.parametrize(
    "order",
    [
        {"order_signed_on": "2024-12-05"},
        {"sent_to_orderer_on": "2024-12-20"},
        {"order_signed_on": "2024-12-05", "sent_to_orderer_on": "2025-01-10"},
    ],
)
async def test_half_of_the_exception_is_none(clinic: Clinic, order: dict[str, Any]) -> None:
    """No order, not sent, or sent on the thirty-first day: the signature is still owed."""
    _, (_, january) = await treated_in_winter(clinic, **order)
    assert about_the_plan(january) == OVERDUE


async def test_an_order_that_comes_later_is_noted_and_recertification_is_signed(clinic: Clinic) -> None:
    """The evidence may follow; a plan that recertifies has no exception, none is sent before it starts."""
    made, (_, january) = await treated_in_winter(clinic)
    assert about_the_plan(january) == OVERDUE
    early = {"order_signed_on": "2024-12-05", "sent_to_orderer_on": "2024-12-09"}
    refused = await clinic.send(f"/plans-of-care/{made}/order", early, status=422)
    assert refused["errors"][0]["pointer"] == "/sent_to_orderer_on"
    await clinic.send(f"/plans-of-care/{made}/order", {"order_signed_on": "2024-12-05"}, status=204)
    await clinic.send(f"/plans-of-care/{made}/order", {"sent_to_orderer_on": "2025-01-09"}, status=204)
    checked = await clinic.send(f"/claims/{january['id']}/check", {}, status=200)
    assert about_the_plan(checked) == []
    body = {"case_id": january["case_id"], "discipline": "PT", "provider_id": clinic.ids["provider"]}
    earlier = {"starts_on": "2024-09-01", "ends_on": "2024-11-30"}
    await clinic.made("/plans-of-care", body | earlier)
    checked = await clinic.send(f"/claims/{january['id']}/check", {}, status=200)
    assert about_the_plan(checked) == OVERDUE


def authorization(answer: str, **changes: Any) -> dict[str, Any]:
    """A rule about authorization from 1 February on."""
    told = {"rule": "authorization_required", "value": {"answer": answer, "exempt_codes": []}}
    return told | {"starts_on": "2026-02-01", "source": "Payer's letter", "reason": "New policy"} | changes


async def claim_on(clinic: Clinic, day: str = DAY) -> Any:
    """A checked claim of the clinic's payer."""
    patient_id, case_id, _ = await clinic.admit()
    await plan(clinic, case_id)
    visit = await clinic.document(patient_id, case_id, day)
    (claim,) = await assemble(clinic, visit)
    return claim


@pytest.mark.req("BEYOND-08")
async def test_a_change_shows_the_open_claims_that_it_would_touch(clinic: Clinic) -> None:
    """Before it is made: which open claims, by which rows, with the findings of both; nothing is written."""
    touched, early = await claim_on(clinic), await claim_on(clinic, "2026-01-20")
    clinic.ids["payer"] = await clinic.add_payer("medicaid")
    elsewhere = await claim_on(clinic, "2026-02-17")
    payers = {payer["rule_key"]: payer["id"] for payer in await clinic.read("/payers")}
    rule = authorization("required", payer_id=payers["commercial"])
    told = await clinic.send("/rules/preview", {"candidate": rule}, status=200)
    assert [claim["claim_id"] for claim in told["claims"]] == [touched["id"]]
    (change,) = told["claims"]
    assert (change["winners"][0]["before"]["level"], change["winners"][0]["after"]["level"]) == (
        "shipped",
        "practice",
    )
    assert "authorization.missing" not in {f["rule"] for f in change["before"]}
    assert "authorization.missing" in {f["rule"] for f in change["after"]}
    assert change["holds_after"]
    assert told["book_before"] != told["book_after"]
    assert await clinic.read("/rules") == []
    for claim in (touched, early, elsewhere):
        assert await clinic.read(f"/claims/{claim['id']}") == claim
    made = await clinic.made("/rules", rule)
    undone = await clinic.send("/rules/preview", {"withdraws": [made]}, status=200)
    assert [claim["claim_id"] for claim in undone["claims"]] == [touched["id"]]
    assert "authorization.missing" in {f["rule"] for f in undone["claims"][0]["before"]}
    swapped = {"candidate": rule | {"value": rule["value"]}, "withdraws": [made]}
    assert (await clinic.send("/rules/preview", swapped, status=200))["open_claims"] == 1
    checked = await clinic.send(f"/claims/{touched['id']}/check", {}, status=200)
    assert checked["status"] == "held"


async def test_a_preview_refuses_what_the_change_would_be_refused_for(clinic: Clinic) -> None:
    """A value that cannot be read, days that are taken, a row that is not there."""
    made = await clinic.made("/rules", authorization("required"))
    for body, status, pointer in (
        ({"candidate": authorization("perhaps")}, 422, "/value"),
        ({"candidate": authorization("not_required")}, 422, "/starts_on"),
        ({"candidate": authorization("not_required", vectors=[{"on": DAY, "expect": 1}])}, 422, "/starts_on"),
        ({"withdraws": [str(uuid4())]}, 404, "/withdraws"),
        ({"withdraws": [made], "candidate": authorization("unknown", ends_on="2026-01-01")}, 422, "/ends_on"),
    ):
        refused = await clinic.send("/rules/preview", body, status=status)
        assert refused["errors"][0]["pointer"] == pointer
    nothing = await clinic.send("/rules/preview", {}, status=200)
    assert nothing["claims"] == []


async def test_a_preview_goes_on_page_by_page(clinic: Clinic) -> None:
    """Every open claim is reached once, however small the pages are."""
    claims = [await claim_on(clinic, f"2026-02-{day}") for day in (16, 17, 18)]
    body: dict[str, Any] = {"candidate": authorization("required"), "limit": 2}
    first = await clinic.send("/rules/preview", body, status=200)
    rest = await clinic.send("/rules/preview", body | {"after": first["next_after"]}, status=200)
    seen = [claim["claim_id"] for page in (first, rest) for claim in page["claims"]]
    assert seen == sorted(claim["id"] for claim in claims)
    assert (first["open_claims"], first["looked_at"], rest["next_after"]) == (3, 2, None)


@pytest.mark.req("SC-09")
async def test_a_payers_rows_run_after_the_general_ones_and_the_winning_row_is_shown(clinic: Clinic) -> None:
    """The finding names the row that decided, whose it is and its days; general findings come before."""
    rule = authorization("required", payer_id=clinic.ids["payer"])
    made = await clinic.made("/rules", rule)
    clinic.ids["provider"] = await clinic.made("/providers", therapist(npi=None))
    claim = await claim_on(clinic)
    told = [f["rule"] for f in claim["findings"]]
    assert told.index("required.rendering_npi") < told.index("authorization.missing")
    (found,) = [f for f in claim["findings"] if f["rule"] == "authorization.missing"]
    assert found["row"].startswith("practice authorization_required for commercial/any/any from 2026-02-01")
    assert made in found["row"]
    assert (found["starts_on"], found["ends_on"], found["source"]) == ("2026-02-01", None, "Payer's letter")
    asked = f"rule=authorization_required&on={DAY}&payer_id={clinic.ids['payer']}"
    answer = await clinic.read(f"/rules/resolve?{asked}")
    assert found["row"] == answer["winner"]["in_words"]
    assert [row["level"] for row in answer["beaten"]] == ["shipped"]
