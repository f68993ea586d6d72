"""One count from minutes to remittance: note, charge, authorization, claim, 835; a difference is an alarm."""

from collections.abc import Iterable
from typing import Any

import pytest

from billing_rules.therapy.timed_units import BLOCK_MINUTES
from tests.api.back.conftest import Office, Opener
from tests.api.back.remitting import Claim, Line, Payment, file_of
from tests.api.v1.clinic import attestation, spent
from tests.api.v1.test_units import A_V

PRICES = {"97112": 5_500, "97116": 4_500, "97035": 3_000, "97161": 15_000}
GRANTED = 100


async def ready(office: Office, method: str) -> None:
    """The payer's method, the prices and an authorization in units for whatever is done."""
    world = office.world
    rule = {"rule": "unit_method", "payer_id": str(world.payer_id), "value": method}
    dated = {"starts_on": "2020-01-01", "source": "test", "reason": "test"}
    assert (await office.post("/payer-rules", rule | dated)).status_code == 201
    for code, cents in PRICES.items():
        rate = {"code": code, "charge_cents": cents, "starts_on": "2020-01-01"}
        assert (await office.post("/charge-rates", rate)).status_code == 201
    granted = {
        "coverage_id": str(world.coverage_id),
        "number": "A1",
        "starts_on": "2026-01-01",
        "ends_on": "2026-06-30",
        "blocks": [{"kind": "units", "quantity": GRANTED}],
    }
    answer = await office.post("/authorizations", granted)
    assert answer.status_code == 201, answer.text


async def noted(office: Office, day: int, minutes: dict[str, int], choice: list[str]) -> Any:
    """A signed session of the day through the API, with the clinician's choice where minutes tie."""
    world, on = office.world, f"2026-02-{day:02}"
    note = {
        "patient_id": str(world.patient_id),
        "case_id": str(world.case_id),
        "provider_id": str(world.therapist_id),
        "location_id": str(world.location_id),
        "discipline": "PT",
        "starts_at": f"{on}T15:00:00Z",
        "ends_at": f"{on}T16:00:00Z",
        "services": spent(minutes),
        "signed_at": f"{on}T17:00:00Z",
        "signed_by": "Ada Stone, PT",
        "unit_choices": {"PT": choice} if choice else {},
        "source_system": "ehr",
        "source_id": f"note-{day}",
        "source_version": "1",
        "documentation": attestation(),
    }
    answer = await office.post("/visits", note)
    assert answer.status_code == 201, answer.text
    return answer.json()


def by_code(lines: list[Any]) -> dict[str, int]:
    """Units by code."""
    return {line["code"]: int(line["units"]) for line in lines}


@pytest.mark.req("BEYOND-18")
@pytest.mark.parametrize("method", ["cms_total_time", "ama_per_code"])
async def test_table_a_v_through_the_whole_chain(open_office: Opener, method: str) -> None:
    """Every row: its units are charged, drawn, claimed and paid as the same number, and nobody is alarmed."""
    office = await open_office()
    await ready(office, method)
    is_pooled, drawn = method == "cms_total_time", 0
    for day, (minutes, cms, midpoint, choice) in enumerate(A_V, 1):
        visit = await noted(office, day, minutes, choice if is_pooled else [])
        expected = cms if is_pooled else midpoint
        assert by_code(visit["charges"]) == expected, visit["held_reason"]
        if not expected:
            continue
        drawn += sum(expected.values())
        [claim_id] = await office.assemble(visit["id"])
        sent = await office.post("/claims/submit", {"claim_ids": [claim_id]})
        assert sent.status_code == 200, (await office.get(f"/claims/{claim_id}")).json()
        claim = (await office.get(f"/claims/{claim_id}")).json()
        assert by_code(claim["lines"]) == expected, claim["status"]
        allowed = (await office.get(f"/cases/{office.world.case_id}/allowances")).json()
        assert allowed["limits"][0]["available"] == (GRANTED - drawn) * BLOCK_MINUTES
    await office.pass_time(days=30)
    paid = await remitted(office)
    claimed = {day: rows[1 if is_pooled else 2] for day, rows in enumerate(A_V, 1)}
    assert in_order(paid) == in_order(units for units in claimed.values() if units)
    work = {item["kind"] for item in (await office.get("/work")).json()}
    assert "units_differ" not in work


def in_order(counts: Iterable[dict[str, int]]) -> list[list[tuple[str, int]]]:
    """Units by code, claim by claim, in an order that both sides of a comparison share."""
    return sorted(sorted(units.items()) for units in counts)


async def remitted(office: Office) -> list[dict[str, int]]:
    """The units of every claim of every remittance, by code."""
    told = []
    for remittance in (await office.get("/remittances")).json():
        detail = (await office.get(f"/remittances/{remittance['id']}")).json()
        told += [by_code(claim["lines"]) for claim in detail["claims"]]
    return told


@pytest.mark.req("BEYOND-18")
async def test_other_units_from_the_payer_are_an_alarm(open_office: Opener) -> None:
    """Two units billed and one paid opens work that names both; a correction that agrees closes it."""
    office = await open_office()
    [claim_id] = await office.send(await office.visit([("97110", 2, 30)]))
    await office.pass_time(hours=1)
    number = (await office.get(f"/claims/{claim_id}")).json()["control_number"]
    adjusted = [("CO", "151", 5_000), ("CO", "45", 2_000)]
    less = Line(control=f"{number}L01", units=1, charge=10_000, paid=3_000, adjusted=adjusted)
    payment = Payment(trace="LESS", claims=[Claim(number=number, lines=[less], icn="ICN7")])
    assert (await office.bring(file_of(payment, control=911))).status_code == 200
    await office.pass_time(minutes=5)
    found = [item for item in (await office.get("/work")).json() if item["kind"] == "units_differ"]
    assert [item["reason"] for item in found] == ["line 1: the payer paid 1 units, the claim has 2"]
    assert found[0]["subject_id"] == claim_id


@pytest.mark.req("KPI-32")
async def test_leakage_is_what_minutes_support_and_was_not_billed(open_office: Opener) -> None:
    """Billed per code, then the payer turns out to pool: one unit under, by method, therapist and visit."""
    office = await open_office()
    minutes = {"97110": 33, "97140": 7}
    visit = await noted(office, 2, minutes, [])
    assert by_code(visit["charges"]) == {"97110": 2}
    await office.send(visit["id"])
    waiting = await noted(office, 3, {"97110": 30}, [])
    address = "/measures/unit-leakage?from=2026-02-01&to=2026-02-28"
    before = (await office.get(address)).json()
    assert (before["total"]["visits"], before["total"]["difference_units"]) == (1, 0)
    rule = {"rule": "unit_method", "payer_id": str(office.world.payer_id), "value": "cms_total_time"}
    dated = {"starts_on": "2026-01-01", "source": "manual", "reason": "found late"}
    assert (await office.post("/payer-rules", rule | dated)).status_code == 201
    after = (await office.get(address)).json()
    assert (after["total"]["supportable_units"], after["total"]["billed_units"]) == (3, 2)
    assert [(one["key"], one["under_units"]) for one in after["by_method"]] == [("cms_total_time", 1)]
    assert [one["label"] for one in after["by_provider"]] == ["Ada Stone"]
    leaking = [row for row in after["rows"] if row["standing"] == "billed"]
    assert [(row["visit_id"], row["difference_units"]) for row in leaking] == [(visit["id"], 1)]
    assert after["not_billed_yet"]["visits"] == 1
    assert {row["visit_id"] for row in after["rows"]} == {visit["id"], waiting["id"]}
