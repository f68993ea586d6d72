"""KX by allowed amounts in processing order: look-ups, what waits, crossing lines, provisional years."""

from typing import Any

from tests.api.v1.clinic import Clinic, spent
from tests.api.v1.test_modifiers import assemble, lines, medicare, rules

NATIONAL = {"carrier": "national", "locality": "national", "starts_on": "2020-01-01", "source": "test"}


async def looked_up(clinic: Clinic, patient_id: str, cents: int, **changes: Any) -> None:
    """What the portal says was accrued."""
    body = {"year": 2024, "bucket": "PT_SLP", "amount_cents": cents, "as_of": "2024-07-01"}
    address = f"/therapy-thresholds/patients/{patient_id}"
    await clinic.send(address, body | {"source": "MAC portal"} | changes)


async def tally(clinic: Clinic, patient_id: str, year: int, bucket: str = "PT_SLP") -> Any:
    """One bucket of a patient's year."""
    told = await clinic.read(f"/therapy-thresholds/patients/{patient_id}?year={year}")
    return next(one for one in told if one["bucket"] == bucket)


async def old_case(clinic: Clinic) -> tuple[str, str]:
    """A Medicare patient of 2024, whose fees are known to the cent."""
    patient_id = await clinic.patient()
    case_id = await clinic.case(patient_id, opened_on="2024-01-05")
    payer = await clinic.add_payer("medicare")
    await clinic.coverage(case_id, payer_id=payer, starts_on="2024-01-01")
    await clinic.send("/fee-localities", NATIONAL)
    return patient_id, case_id


async def test_the_crossing_line_and_those_after_it_carry_kx(clinic: Clinic) -> None:
    """The amounts of worked example 12 in the year whose fees they are: 36.62 fits, 44.60 crosses, 20.80."""
    patient_id, case_id = await old_case(clinic)
    await looked_up(clinic, patient_id, 233_000 - 5_000)
    day = "2024-08-05"
    services = spent({"97530": 15, "97110": 30, "97140": 15})
    visit = await clinic.document(patient_id, case_id, day, services=services)
    [claim] = await assemble(clinic, visit)
    by_code = {code: modifiers for code, modifiers, _ in lines(claim)}
    order = [code for code, _, _ in lines(claim)]
    marked = [code for code in order if "KX" in by_code[code]]
    assert marked == order[-len(marked) :]
    assert 0 < len(marked) < 3
    assert rules(claim, "modifier.threshold", "threshold") == []
    seen = await tally(clinic, patient_id, 2024)
    assert seen["waiting_cents"] == 3_662 + 4_460 + 2_080
    assert seen["accrued_cents"] == 228_000 + 10_202
    assert (seen["left_cents"], seen["is_lower_bound"]) == (0, False)


async def test_claims_before_it_in_our_own_queue_count_first(clinic: Clinic) -> None:
    """The first claim stays below, the second one crosses, because the first will be processed before it."""
    patient_id, case_id = await old_case(clinic)
    await looked_up(clinic, patient_id, 233_000 - 5_000)
    first = await clinic.document(patient_id, case_id, "2024-08-05", services=spent({"97530": 15}))
    second = await clinic.document(patient_id, case_id, "2024-08-06", services=spent({"97530": 15}))
    [before] = await assemble(clinic, first)
    [after] = await assemble(clinic, second)
    assert lines(before) == [("97530", ["GP"], 1)]
    assert lines(after) == [("97530", ["GP", "KX"], 1)]
    other = await tally(clinic, patient_id, 2024, "OT")
    assert (other["accrued_cents"], other["is_lower_bound"]) == (0, True)


async def test_exactly_the_threshold_carries_no_kx(clinic: Clinic) -> None:
    patient_id, case_id = await old_case(clinic)
    await looked_up(clinic, patient_id, 233_000 - 3_662)
    visit = await clinic.document(patient_id, case_id, "2024-08-05", services=spent({"97530": 15}))
    [claim] = await assemble(clinic, visit)
    assert lines(claim) == [("97530", ["GP"], 1)]


async def test_what_nobody_knows_is_told_and_no_charge_is_taken_for_it(clinic: Clinic) -> None:
    """Without a locality no fee is known: near the threshold it is asked about, never guessed."""
    patient_id, case_id = await medicare(clinic)
    year = {"year": 2026, "as_of": "2026-02-27"}
    await looked_up(clinic, patient_id, 247_000, **year)
    visit = await clinic.document(patient_id, case_id, "2026-02-27", services=spent({"97530": 15}))
    [claim] = await assemble(clinic, visit)
    assert lines(claim) == [("97530", ["GP"], 1)]
    assert rules(claim, "threshold") == [("threshold.allowed_unknown", "warns")]
    assert (await tally(clinic, patient_id, 2026))["unknown_lines"] == 1


async def test_a_look_up_has_a_day_of_its_own_year_that_has_come(clinic: Clinic) -> None:
    patient_id, _, _ = await clinic.admit()
    body = {"year": 2026, "bucket": "OT", "amount_cents": 1, "as_of": "2099-01-01", "source": "MAC portal"}
    address = f"/therapy-thresholds/patients/{patient_id}"
    await clinic.send(address, body, status=422)
    await clinic.send(address, body | {"as_of": "2025-12-31"}, status=422)
    await clinic.read(f"{address}?year=2001", status=404)
