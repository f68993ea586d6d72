"""What a practice consists of: identities by payer, place and date, rules, prices (BC-12)."""

from typing import Any

import pytest

from tests.api.v1.clinic import NPI, PRACTICE, Clinic, place


async def identify(clinic: Clinic) -> tuple[str, str]:
    """Two payers that want different numbers from 1 March on; their ids."""
    provider, location = clinic.ids["provider"], clinic.ids["location"]
    first, second = clinic.ids["payer"], await clinic.add_payer("medicaid")
    for row in (
        {"role": "billing", "payer_id": first, "npi": NPI[2]},
        {"role": "billing", "payer_id": second, "provider_id": provider, "npi": NPI[3], "legacy_id": "MA77"},
        {"role": "rendering", "provider_id": provider, "payer_id": second, "npi": NPI[3]},
        {"role": "supervising", "provider_id": provider, "location_id": location, "npi": NPI[2]},
        {"role": "facility", "location_id": location, "npi": NPI[2], "taxonomy": "261QR0400X"},
    ):
        await clinic.made("/identifiers", row | {"starts_on": "2026-03-01"})
    return first, second


@pytest.mark.req("BC-12")
async def test_identity_resolves_by_payer_place_and_date(clinic: Clinic) -> None:
    """Two payers that want different billing NPIs for one clinician each get theirs; dates decide."""
    first, second = await identify(clinic)
    owners = f"provider_id={clinic.ids['provider']}&location_id={clinic.ids['location']}"
    for role, payer, on, npi, legacy_id in (
        ("billing", first, "2026-03-02", NPI[2], None),
        ("billing", second, "2026-03-02", NPI[3], "MA77"),
        ("billing", first, "2026-02-28", NPI[0], None),
        ("rendering", first, "2026-03-02", NPI[1], None),
        ("rendering", second, "2026-03-02", NPI[3], None),
        ("supervising", first, "2026-03-02", NPI[2], None),
        ("supervising", first, "2026-02-01", NPI[1], None),
        ("facility", first, "2026-03-02", NPI[2], None),
        ("facility", first, "2026-02-01", NPI[0], None),
    ):
        asked = f"role={role}&payer_id={payer}&{owners}&on={on}"
        found = await clinic.read(f"/identifiers/resolved?{asked}")
        assert (found["npi"], found["legacy_id"]) == (npi, legacy_id), asked


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/locations", place() | {"npi": "1234567890"}, "/npi"),
        ("/identifiers", {"role": "billing", "npi": "1", "starts_on": "2026-01-01"}, "/npi"),
        (
            "/identifiers",
            {"role": "billing", "npi": NPI[0], "starts_on": "2026-01-02", "ends_on": "2026-01-01"},
            "/ends_on",
        ),
        ("/charge-rates", {"code": "XXXXX", "charge_cents": 1, "starts_on": "2026-01-01"}, "/code"),
        ("/charge-rates", {"code": "97110", "charge_cents": 0, "starts_on": "2026-01-01"}, "/charge_cents"),
    ],
)
async def test_what_cannot_be_names_its_field(
    clinic: Clinic, path: str, body: dict[str, Any], pointer: str
) -> None:
    """A false check digit, reversed dates, an unknown code, a price of nothing."""
    refused = await clinic.send(path, body, status=422)
    assert refused["errors"][0]["pointer"] == pointer


async def test_settings_name_a_time_zone_that_exists(clinic: Clinic) -> None:
    """Anything else is refused by name."""
    refused = await clinic.send("/profile", PRACTICE | {"time_zone": "Mars"}, status=422, method="PUT")
    assert refused["errors"][0]["pointer"] == "/time_zone"


async def test_rows_of_one_owner_do_not_share_days(clinic: Clinic) -> None:
    """The same role and owner may follow each other, not overlap; so with rules."""
    row = {"role": "billing", "npi": NPI[0], "starts_on": "2026-01-01", "ends_on": "2026-02-28"}
    await clinic.made("/identifiers", row)
    later = row | {"starts_on": "2026-02-28", "ends_on": None}
    assert (await clinic.send("/identifiers", later, status=422))["errors"][0]["pointer"] == "/starts_on"
    await clinic.made("/identifiers", later | {"starts_on": "2026-03-01"})
    await clinic.add_rule("filing_limit_days", 120)
    rule = {"rule": "filing_limit_days", "value": 90, "source": "x", "reason": "x", "starts_on": "2026-01-01"}
    assert (await clinic.send("/payer-rules", rule, status=422))["errors"][0]["pointer"] == "/starts_on"
    for wrong, pointer in (({"rule": "taste"}, "/rule"), ({"value": "soon"}, "/value")):
        refused = await clinic.send("/payer-rules", rule | wrong, status=422)
        assert refused["errors"][0]["pointer"] == pointer


async def test_a_new_price_ends_the_one_before_it(clinic: Clinic) -> None:
    """The old price ends the day before; a day that is priced for good cannot be priced again."""
    await clinic.send("/charge-rates", {"code": "97110", "charge_cents": 5200, "starts_on": "2026-03-01"})
    rates = [r for r in await clinic.read("/charge-rates") if r["code"] == "97110"]
    assert [(r["charge_cents"], r["ends_on"]) for r in rates] == [(5000, "2026-02-28"), (5200, None)]
    before = {"code": "97110", "charge_cents": 5100, "starts_on": "2026-02-01"}
    assert (await clinic.send("/charge-rates", before, status=422))["errors"][0]["pointer"] == "/starts_on"


async def test_a_payer_is_known_once(clinic: Clinic) -> None:
    """Its electronic id is its key within the practice."""
    body = {"name": "A", "kind": "commercial", "electronic_id": "P1", "filing_indicator": "CI"}
    await clinic.made("/payers", body)
    refused = await clinic.send("/payers", body | {"name": "B"}, status=409)
    assert refused["code"] == "payer_already_known"
