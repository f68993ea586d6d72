"""Limits and authorizations are tracked session by session in every discipline (TH-02)."""

from typing import Any

import pytest

from tests.api.v1.clinic import Clinic, therapist, visits

DISCIPLINES = [
    ("PT", "97110", 30, 2),
    ("OT", "97530", 30, 2),
    ("SLP", "92507", 45, 1),
    ("BH", "90834", 45, 1),
    ("ABA", "97153", 60, 4),
]


def scope(discipline: str, provider_id: str) -> dict[str, Any]:
    """Who and what a booking or session is of."""
    return {"discipline": discipline, "provider_id": provider_id}


@pytest.mark.req("TH-02")
@pytest.mark.parametrize(("discipline", "code", "minutes", "units"), DISCIPLINES)
async def test_a_session_is_booked_done_and_counted(
    clinic: Clinic, discipline: str, code: str, minutes: int, units: int
) -> None:
    """A block of two visits and one of units: booked, cancelled, done, each number open to its entries."""
    clinician = await clinic.made("/providers", therapist(given_name="Kim", disciplines=[discipline]))
    mine = scope(discipline, clinician)
    patient_id, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(2, codes=[code]))
    first = await clinic.book(case_id, "2026-03-10", planned_codes=[code], **mine)
    await clinic.book(case_id, "2026-03-11", planned_codes=[code], **mine)
    refused = await clinic.book(case_id, "2026-03-12", planned_codes=[code], status=409, **mine)
    assert refused["code"] == "nothing_left"
    await clinic.send(f"/appointments/{first['id']}/cancel", {"reason": "ill"}, status=200)
    visit = await clinic.document(
        patient_id, case_id, "2026-03-02", services=[{"code": code, "minutes": minutes}], **mine
    )
    assert [(c["code"], c["units"]) for c in visit["charges"]] == [(code, units)], visit["held_reason"]
    (limit,) = (await clinic.left(case_id))["limits"]
    stages = {name: limit[name] for name in ("granted", "booked", "documented", "available")}
    assert stages == {"granted": 2, "booked": 1, "documented": 1, "available": 0}
    address = f"/limits/authorization_block/{limit['limit_id']}/entries?account=available"
    assert sum(entry["amount"] for entry in await clinic.read(address)) == 0


@pytest.mark.req("TH-02")
@pytest.mark.parametrize(("discipline", "code", "minutes", "units"), DISCIPLINES)
async def test_a_cap_needs_no_authorization(
    clinic: Clinic, discipline: str, code: str, minutes: int, units: int
) -> None:
    """One visit a year by the plan: the second session is a fact beyond the limit, and somebody is told."""
    clinician = await clinic.made("/providers", therapist(given_name="Kim", disciplines=[discipline]))
    patient_id, case_id, coverage_id = await clinic.admit()
    cap = {
        "coverage_id": coverage_id,
        "kind": "visits",
        "quantity": 1,
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
        "source": "plan booklet",
        "disciplines": [discipline],
        "hard": True,
    }
    await clinic.send("/benefit-limits", cap)
    for day in ("2026-02-24", "2026-02-26"):
        services = [{"code": code, "minutes": minutes}]
        await clinic.document(patient_id, case_id, day, services=services, **scope(discipline, clinician))
    (limit,) = (await clinic.left(case_id))["limits"]
    assert (limit["available"], limit["over_limit"], limit["documented"]) == (0, 1, 2)
    assert "over_limit" in {item["kind"] for item in await clinic.work()}
