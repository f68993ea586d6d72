"""The chargemaster: a price by code, modifiers, place and date; the most specific wins (BC-16)."""

from typing import Any

import pytest

from tests.api.v1.clinic import Clinic, place, spent

DAY = "2026-02-16"


async def charged(clinic: Clinic, day: str, **changes: Any) -> int:
    """What two units of exercise cost on a day."""
    patient_id, case_id, _ = await clinic.admit()
    visit = await clinic.document(patient_id, case_id, day, services=spent({"97110": 30}), **changes)
    [line] = visit["charges"]
    assert line["units"] == 2
    return int(line["charge_cents"])


@pytest.mark.req("BC-16")
async def test_the_most_specific_price_wins_by_date(clinic: Clinic) -> None:
    """50.00 for everybody, 52.00 with GP, 57.00 in the other place, 59.00 with GP there from March on."""
    other = await clinic.made("/locations", place() | {"name": "Uptown"})
    price = {"code": "97110", "starts_on": "2026-01-01"}
    assert await charged(clinic, "2026-01-05") == 10_000
    await clinic.made("/charge-rates", price | {"modifiers": ["GP"], "charge_cents": 5200})
    await clinic.made("/charge-rates", price | {"location_id": other, "charge_cents": 5700})
    march = {"modifiers": ["GP"], "location_id": other, "charge_cents": 5900, "starts_on": "2026-02-20"}
    await clinic.made("/charge-rates", price | march)
    assert await charged(clinic, "2026-01-06") == 10_400
    assert await charged(clinic, "2026-02-16", location_id=other) == 10_400
    assert await charged(clinic, "2026-02-23", location_id=other) == 11_800
    assert await charged(clinic, "2026-02-24") == 10_400
    listed = [row for row in await clinic.read("/charge-rates") if row["code"] == "97110"]
    assert {(tuple(row["modifiers"]), row["location_id"]) for row in listed} == {
        ((), None),
        (("GP",), None),
        ((), other),
        (("GP",), other),
    }


async def test_a_price_of_the_same_service_ends_the_one_before(clinic: Clinic) -> None:
    """Another price for the same modifiers in another order is the same price; other services stand."""
    price = {"code": "97110", "charge_cents": 5200, "modifiers": ["GP", "CQ"], "starts_on": "2026-01-01"}
    await clinic.made("/charge-rates", price)
    later = price | {"modifiers": ["CQ", "GP"], "charge_cents": 5300, "starts_on": "2026-02-01"}
    await clinic.made("/charge-rates", later)
    rows = [row for row in await clinic.read("/charge-rates") if row["code"] == "97110"]
    assert [(row["charge_cents"], row["ends_on"]) for row in rows] == [
        (5000, None),
        (5200, "2026-01-31"),
        (5300, None),
    ]
    for wrong, pointer in (
        ({"modifiers": ["GP", "GP"]}, "/modifiers"),
        ({"location_id": clinic.ids["payer"]}, "/location_id"),
        ({"starts_on": "2026-01-15"}, "/starts_on"),
    ):
        refused = await clinic.send("/charge-rates", price | wrong, status=422)
        assert refused["errors"][0]["pointer"] == pointer
