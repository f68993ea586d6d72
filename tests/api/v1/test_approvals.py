"""Approvals that exist and do not fit a line: by code, date, clinician, place or discipline (SC-08)."""

from typing import Any

import pytest

from tests.api.v1.clinic import Clinic, place, therapist, visits
from tests.api.v1.test_assembly import assemble, plan

DAY = "2026-02-16"
UNFIT = ("code", "date", "clinician", "place", "discipline")


async def block_of(clinic: Clinic, dimension: str) -> dict[str, Any]:
    """A block of visits that fits the session in everything but one dimension."""
    if dimension == "clinician":
        other = await clinic.made("/providers", therapist(given_name="Sam", npi="1366456980"))
        return visits(9, provider_id=other)
    if dimension == "place":
        return visits(9, location_id=await clinic.made("/locations", place() | {"name": "Annex"}))
    unfit = {"code": {"codes": ["97112"]}, "discipline": {"discipline": "OT"}, "date": {}}
    return visits(9, **unfit[dimension])


@pytest.mark.req("SC-08")
@pytest.mark.parametrize("dimension", UNFIT)
async def test_an_approval_that_does_not_fit_puts_no_number_on_the_line_and_holds_the_claim(
    clinic: Clinic, dimension: str
) -> None:
    """The number of the approval is on file, the line does not borrow it, and the finding says why."""
    await clinic.add_rule("authorization_required", {"answer": "required", "exempt_codes": []})
    patient_id, case_id, coverage_id = await clinic.admit()
    await plan(clinic, case_id)
    dates = {"starts_on": "2026-01-01", "ends_on": "2026-02-15"} if dimension == "date" else {}
    await clinic.authorize(coverage_id, await block_of(clinic, dimension), number="AUTH1", **dates)
    [claim] = await assemble(clinic, await clinic.document(patient_id, case_id, DAY))
    told = {f["rule"]: f for f in claim["findings"]}
    assert claim["status"] == "held"
    assert set(told) & {"authorization.missing", "authorization.not_covering"}, told
    await clinic.authorize(coverage_id, visits(9, codes=["97110"]), number="AUTH2")
    checked = await clinic.send(f"/claims/{claim['id']}/check", {}, status=200)
    assert not [f for f in checked["findings"] if f["rule"].startswith("authorization.")]
    assert checked["status"] == "ready"
