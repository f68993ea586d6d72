"""Contracts as code: sheets previewed, refused whole or confirmed, claims priced by their rows (BC-15)."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from tests.api.conftest import MutableClock
from tests.api.v1.clinic import Clinic, spent
from tests.api.v1.rate_sheets import (
    agree,
    allowed,
    claim_of,
    csv_of,
    expected,
    preview,
    xlsx_of,
)

DAY = "2026-02-16"
HEADING = "code,modifiers,credential,method,rate,percent,medicare_year,locality,first_unit,further_units"
EVERY_WAY = csv_of(
    HEADING,
    "97110,,,flat,31.50,,,,,",
    "97110,CQ,,flat,27.00,,,,,",
    "97112,,PT,flat,33.00,,,,,",
    "97140,,,percent_of_medicare,,110,2024,national,,",
    "97530,,,steps,,,,,40.00,30.00",
    "97161,,,percent_of_charge,,60%,,,,",
    "90834,,,case_rate,95,,,,,",
    "97153,,,per_diem,200,,,,,",
    "X9999,,,flat,1.00,,,,,",
)
KNOWN = {"deductible_remaining_cents": 0, "coinsurance_basis_points": 0, "copay_cents": 2500}


async def session(clinic: Clinic, minutes: dict[str, int], day: str = DAY, **changes: Any) -> str:
    """A new patient's claim of one session."""
    patient_id, case_id, coverage_id = await clinic.admit(starts_on="2024-01-01")
    clinic.ids["coverage"] = coverage_id
    visit = await clinic.document(patient_id, case_id, day, services=spent(minutes), **changes)
    return await claim_of(clinic, visit)


@pytest.mark.req("BC-15")
async def test_a_rate_sheet_shows_what_it_changes_before_it_counts(clinic: Clinic) -> None:
    """Nothing is priced by a preview; confirmed, it answers, and what nobody maps or prices is listed."""
    told = await preview(clinic, EVERY_WAY)
    assert (told["status"], told["rows"], told["replaces"]) == ("previewed", 9, None)
    assert {change["kind"] for change in told["changes"]} == {"added"}
    assert told["unmapped_codes"] == ["X9999"]
    assert "97116" in told["codes_without_rate"]
    assert "97110" not in told["codes_without_rate"]
    claim_id = await session(clinic, {"97110": 30})
    before = await expected(clinic, claim_id)
    assert before["allowed_cents"] is None
    assert "no contract" in before["reasons"][0]
    path = f"/contracts/{clinic.ids['payer']}/rate-sheets/{told['version_id']}"
    confirmed = await clinic.send(f"{path}/confirm", None, status=200)
    assert confirmed["summary"]["status"] == "active"
    assert (await clinic.send(f"{path}/confirm", None, status=200)) == confirmed
    after = await expected(clinic, claim_id)
    assert allowed(after) == {"97110": 6300}
    assert after["lines"][0]["row"].startswith("row 2: 97110 31.50 per unit (contract Harbor agreement")


@pytest.mark.req("BC-15")
async def test_expected_payment_names_the_row_of_every_kind_of_rate(clinic: Clinic) -> None:
    """Per unit, by credential, of a year's Medicare, in steps, of the charge, per visit and per day."""
    await agree(clinic, EVERY_WAY)
    rates = (
        ({"97112": 15}, {"97112": 3300}, "row 4: 97112 PT"),
        ({"97140": 30}, {"97140": 5932}, "row 5: 97140 110 % of Medicare 2024-07-01 in national"),
        ({"97530": 45}, {"97530": 10000}, "row 6: 97530 40.00 for the first unit, 30.00 for each further"),
        ({"97161": 45}, {"97161": 9000}, "row 7: 97161 60 % of the charge"),
    )
    for day, (minutes, cents, row) in enumerate(rates, 16):
        told = await expected(clinic, await session(clinic, minutes, f"2026-02-{day}"))
        assert allowed(told) == cents
        assert told["lines"][0]["row"].startswith(row)
        assert told["lines"][0]["steps"][-1]["after_cents"] == next(iter(cents.values()))


@pytest.mark.req("BC-15", "BEYOND-28")
async def test_a_second_sheet_answers_from_its_date_and_the_first_keeps_its_own(clinic: Clinic) -> None:
    """A workbook a year later: the diff in percent, the dated effect; each date is priced by its version."""
    first = await agree(clinic, EVERY_WAY)
    rows = [("Code", "Modifiers", "Method", "Rate", "Percent"), (97110, None, None, 33.075, None)]
    rows[1] = (97110, None, None, 33.08, None)
    rows.append(("97110", "CQ", None, 27, None))
    rows.append(("97161", None, "percent_of_charge", None, 0.65))
    told = await preview(clinic, xlsx_of(*rows, percent="E4"), starts_on="2026-02-01")
    changes = {(c["kind"], c["code"], *c["modifiers"]): c for c in told["changes"]}
    assert told["unchanged"] == 1
    assert changes["changed", "97110"]["change_basis_points"] == 502
    assert changes["changed", "97110"]["before"] == "31.50 per unit"
    assert changes["changed", "97161"]["after"] == "65 % of the charge"
    assert ("removed", "97140") in changes
    assert told["replaces"].startswith("contract Harbor agreement from 2026-01-01")
    assert told["replaced_until"] == "2026-01-31"
    path = f"/contracts/{clinic.ids['payer']}/rate-sheets/{told['version_id']}"
    await clinic.send(f"{path}/confirm", None, status=200)
    old, new = await session(clinic, {"97110": 15}, "2026-01-20"), await session(clinic, {"97110": 15})
    assert allowed(await expected(clinic, old)) == {"97110": 3150}
    assert allowed(await expected(clinic, new)) == {"97110": 3308}
    taken = await preview(clinic, EVERY_WAY, starts_on="2026-02-01")
    again = f"/contracts/{clinic.ids['payer']}/rate-sheets/{taken['version_id']}/confirm"
    assert (await clinic.send(again, None, status=409))["code"] == "contract_dates_taken"
    listed = await clinic.read("/contracts")
    assert [row["status"] for row in listed if row["id"] in (first["summary"]["id"], told["version_id"])] == [
        "active",
        "active",
    ]


@pytest.mark.req("BEYOND-28")
async def test_a_withdrawn_version_still_answers_for_what_was_known(
    clinic: Clinic, app_clock: MutableClock
) -> None:
    """Time travel: by the contract as known yesterday, and as known now."""
    version = await agree(clinic, EVERY_WAY)
    claim_id = await session(clinic, {"97110": 15})
    known = app_clock.now().isoformat().replace("+00:00", "Z")
    app_clock.advance(timedelta(days=1))
    path = f"/contracts/{clinic.ids['payer']}/rate-sheets/{version['summary']['id']}/withdraw"
    gone = await clinic.send(path, {"reason": "The payer sent the wrong sheet"}, status=200)
    assert gone["summary"]["withdraw_reason"] == "The payer sent the wrong sheet"
    assert (await expected(clinic, claim_id))["allowed_cents"] is None
    assert (await expected(clinic, claim_id, known))["allowed_cents"] == 3150
    assert (await clinic.send(path, {"reason": "again"}, status=409))["code"] == "contract_not_active"


@pytest.mark.req("BEYOND-28")
async def test_each_step_from_fee_to_payment_is_shown(clinic: Clinic) -> None:
    """Medicare, 15 July 2024: 102.02 allowed, a fifth left to the patient, two percent withheld."""
    clinic.ids["payer"] = await clinic.add_payer("medicare")
    locality = {"carrier": "national", "locality": "national", "starts_on": "2020-01-01", "source": "test"}
    await clinic.made("/fee-localities", locality)
    for code, cents in (("97110", 9000), ("97530", 9000), ("97140", 9000)):
        rate = {"code": code, "modifiers": ["GP"], "charge_cents": cents, "starts_on": "2024-01-01"}
        await clinic.made("/charge-rates", rate)
    claim_id = await session(clinic, {"97530": 15, "97110": 30, "97140": 15}, "2024-07-15")
    unknown = await expected(clinic, claim_id)
    assert (unknown["allowed_cents"], unknown["payer_cents"]) == (10202, None)
    assert "the deductible that remains" in unknown["reasons"][0]
    sharing = {"coverage_id": clinic.ids["coverage"], "starts_on": "2024-01-01", "source": "271"}
    await clinic.made("/cost-sharing", sharing | {"deductible_remaining_cents": 0})
    told = await expected(clinic, claim_id)
    by_code = {line["code"]: line for line in told["lines"]}
    line = by_code["97110"]
    assert (line["allowed_cents"], line["patient_cents"], line["payer_cents"]) == (4460, 892, 3497)
    names = [step["name"] for step in line["steps"]]
    assert names == [
        "fee schedule",
        "multiple procedure",
        "deductible",
        "coinsurance",
        "copay",
        "sequestration",
    ]
    assert by_code["97530"]["allowed_cents"] == 3662
    assert told["allowed_cents"] == 10202
    assert told["payer_cents"] == sum(line["payer_cents"] for line in told["lines"])


@pytest.mark.req("BEYOND-28")
async def test_the_reduction_counts_units_of_other_claims_of_the_day(clinic: Clinic) -> None:
    """Two clinicians, two claims, one day: 97535 has the higher practice expense and keeps it all."""
    clinic.ids["payer"] = await clinic.add_payer("medicare")
    locality = {"carrier": "national", "locality": "national", "starts_on": "2020-01-01", "source": "test"}
    await clinic.made("/fee-localities", locality)
    rate = {"code": "97535", "charge_cents": 9000, "starts_on": "2020-01-01"}
    await clinic.made("/charge-rates", rate)
    await clinic.add_rule(
        "claim_assembly",
        {
            "per_day": True,
            "split_by_discipline": True,
            "split_by_rendering": True,
            "merge_same_code_same_day": True,
            "max_lines": 50,
            "max_diagnoses": 12,
        },
    )
    patient_id, case_id, _ = await clinic.admit(starts_on="2024-01-01")
    day = "2024-07-15"
    knee = await clinic.document(patient_id, case_id, day, services=spent({"97110": 30}))
    noon = {"starts_at": f"{day}T17:00:00Z", "ends_at": f"{day}T18:00:00Z", "discipline": "OT"}
    hand = await clinic.document(patient_id, case_id, day, services=spent({"97535": 30}), **noon)
    first, second = await claim_of(clinic, knee), await claim_of(clinic, hand)
    assert allowed(await expected(clinic, first)) == {"97110": 4460}
    assert allowed(await expected(clinic, second)) == {"97535": 5659}


async def test_case_rates_and_copays_go_by_the_visit(clinic: Clinic) -> None:
    """95.00 for the visit, 25.00 of it the patient's; the fallback prices what has no row."""
    terms = {"fallback": {"of": "charge", "basis_points": 5000}, "lesser_of_charge": True}
    await agree(clinic, EVERY_WAY, terms=terms)
    claim_id = await session(clinic, {"90834": 45}, discipline="BH")
    sharing = {"coverage_id": clinic.ids["coverage"], "starts_on": "2026-01-01", "source": "card"}
    await clinic.made("/cost-sharing", sharing | KNOWN)
    told = await expected(clinic, claim_id)
    assert (told["allowed_cents"], told["patient_cents"], told["payer_cents"]) == (9500, 2500, 7000)
    other = await expected(clinic, await session(clinic, {"97116": 15}, "2026-02-17"))
    assert allowed(other) == {"97116": 2250}
    assert other["lines"][0]["row"].startswith("fallback: 50 % of the charge")


@pytest.mark.parametrize(
    ("rows", "pointer", "why"),
    [
        (["code,rate", "97110,30", "97110,31"], "/rows/3/code", "another rate"),
        (["code,rate", "97110,30", "97110,30"], "/rows/3/code", "the same rate"),
        (["code,modifiers,rate", "97110,GP CQ,30", "97110,CQ;GP,31"], "/rows/3/code", "another rate"),
        (["code,rate", "97110,-30"], "/rows/2/rate", "negative"),
        (["code,rate", "97110,thirty"], "/rows/2/rate", "no number"),
        (["code,rate", "97110,1e3"], "/rows/2/rate", "no number"),
        (["code,rate", "97110,30.005"], "/rows/2/rate", "fraction of a cent"),
        (["code,rate", "97110,=30+1"], "/rows/2/rate", "formula"),
        (["code,rate", "97110,@SUM(A1)"], "/rows/2/rate", "formula"),
        (["code,rate,surprise", "97110,30,x"], "/rows/1", "not known"),
        (["code,rate,rate", "97110,30,31"], "/rows/1/rate", "named twice"),
        (["rate", "30"], "/rows/1/code", "missing"),
        (["code,rate", "9711,30"], "/rows/2/code", "five-character"),
        (["code,rate"], "/rows/1", "no row"),
        (["code,rate", "97110,30,31"], "/rows/2", "more cells"),
        (["code,rate", "97110,"], "/rows/2/rate", "needs it"),
        (["code,percent", "97110,110"], "/rows/2/method", "of what"),
        (["code,method,percent", "97110,percent_of_medicare,1.1"], "/rows/2/percent", "fraction"),
        (["code,method,rate", "97110,barter,30"], "/rows/2/method", "not known"),
        (["code,method,rate,percent", "97110,flat,30,80"], "/rows/2/percent", "takes none"),
        (["code,modifiers,rate", "97110,GP1,30"], "/rows/2/modifiers", "two characters"),
        (["code,rate,starts_on", "97110,30,soon"], "/rows/2/starts_on", "a date"),
        (["code,rate,ends_on", "97110,30,2025-12-31"], "/rows/2", "outside"),
        (
            ["code,rate,starts_on,ends_on", "97110,30,,2026-03-31", "97110,31,2026-03-31,"],
            "/rows/3/code",
            "overlapping dates",
        ),
        (["code,rate", '97110,"30'], "/rows/2", "quotes"),
    ],
)
@pytest.mark.req("BC-15")
async def test_a_bad_row_refuses_the_sheet_whole(
    clinic: Clinic, rows: list[str], pointer: str, why: str
) -> None:
    """The answer names row and reason, and nothing of the sheet is kept."""
    refused = await preview(clinic, csv_of(*rows), status=422)
    assert refused["errors"][0]["pointer"] == pointer
    assert why in refused["detail"]
    assert await clinic.read("/contracts") == []


def with_part(content: bytes, name: str, body: bytes) -> bytes:
    """A workbook with another part in its package."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, body if part.filename == name else old.read(part))
        if name not in old.namelist():
            new.writestr(name, body)
    return kept.getvalue()


PLAIN = xlsx_of(("code", "rate"), ("97110", 30))
BILLION = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>'


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (xlsx_of(("code", "rate"), ("97110", "=30+1")), "formula"),
        (with_part(PLAIN, "xl/vbaProject.bin", b"macro"), "macros"),
        (with_part(PLAIN, "xl/externalLinks/externalLink1.xml", b"<a/>"), "links"),
        (with_part(PLAIN, "xl/sharedStrings.xml", BILLION), "entities"),
        (with_part(PLAIN, "xl/media/a.bin", b"\0" * 50_000_000), "too large"),
        (PLAIN[: len(PLAIN) // 2], "cannot be read"),
        (b"PK\x03\x04 no package", "cannot be read"),
    ],
)
async def test_a_dangerous_workbook_is_refused(clinic: Clinic, content: bytes, why: str) -> None:
    """Formulas, macros, links, entities, bombs and broken files; nothing in them is run or followed."""
    refused = await preview(clinic, content, status=422)
    assert why in refused["detail"]
    assert await clinic.read("/contracts") == []


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"file_name": "rates.exe"}, "/file_name"),
        ({"file_name": "rates.csv"}, "/content"),
        ({"ends_on": "2025-01-01"}, "/ends_on"),
        ({"renews_on": "2027-01-01"}, "/notice_days"),
    ],
)
async def test_what_cannot_be_of_a_sheet_names_its_field(
    clinic: Clinic, change: dict[str, Any], pointer: str
) -> None:
    """Its name, its dates, its notice."""
    refused = await preview(clinic, PLAIN, status=422, **change)
    assert refused["errors"][0]["pointer"] == pointer


async def test_a_locality_must_be_one_that_is_loaded(clinic: Clinic) -> None:
    """Carrier and locality as CMS publishes them, or national for both."""
    body = {"carrier": "99999", "locality": "01", "starts_on": "2024-01-01", "source": "test"}
    assert (await clinic.send("/fee-localities", body, status=422))["errors"][0]["pointer"] == "/locality"
    half = body | {"carrier": "national"}
    assert (await clinic.send("/fee-localities", half, status=422))["errors"][0]["pointer"] == "/locality"
    await clinic.made("/fee-localities", body | {"carrier": "14212"})
    assert [row["carrier"] for row in await clinic.read("/fee-localities")] == ["14212"]


async def test_an_instant_without_a_zone_is_refused(clinic: Clinic) -> None:
    """What was known then is asked with a time zone, as everywhere."""
    claim_id = await session(clinic, {"97110": 15})
    answer = await clinic.caller.get(f"{clinic.path}/claims/{claim_id}/expected?known_at=2026-03-02T10:00:00")
    assert answer.status_code in (400, 422), answer.text
