"""Certification, signatures and supervision behind behaviour analysis, as the payer's row asks (BC-20)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from api.services import Services
from tests.api.conftest import MutableClock
from tests.api.v1.clinic import NPI, Clinic
from tests.api.v1.staff import DAY, again, claim_for, claims_for, finding, hire, license_, said
from tests.api.v1.test_shared_time import counted_again

ASKED = {
    "certification": False,
    "caregiver_signature": False,
    "clinician_signature": False,
    "supervision_percent": None,
}
LATER = {"starts_at": f"{DAY}T18:00:00Z", "ends_at": f"{DAY}T20:00:00Z"}
RBT: dict[str, Any] = {"kind": "certification", "title": "RBT", "state": None, "number": "RBT-1"}


async def technician(clinic: Clinic) -> tuple[str, str]:
    """A technician under an analyst, each with the certification of their title; returns both."""
    analyst = await hire(clinic, family_name="Analyst", credential="BCBA", npi=NPI[2])
    tech = await hire(clinic, family_name="Tech", credential="RBT", npi=None, supervisor_id=analyst)
    clinic.ids["provider"] = tech
    return tech, analyst


def treated(minutes: int, code: str = "97153", **changes: Any) -> dict[str, Any]:
    """A session of behaviour analysis."""
    return {"discipline": "ABA", "services": [{"code": code, "minutes": minutes}]} | changes


async def ask(clinic: Clinic, **changes: Any) -> None:
    """What the payer wants."""
    await clinic.add_rule("aba_staffing", ASKED | changes, payer_id=clinic.ids["payer"])


@pytest.mark.req("BC-20")
@pytest.mark.parametrize(("asks", "severity"), [(True, "blocks"), (False, "warns")])
async def test_an_expired_certification_holds_when_the_payer_asks(
    clinic: Clinic, asks: bool, severity: str
) -> None:
    """RBT expired two days before: held if the row asks, told otherwise; the renewal clears it."""
    tech, _ = await technician(clinic)
    await ask(clinic, certification=asks)
    await license_(clinic, tech, **RBT, starts_on="2025-02-15", ends_on="2026-02-14")
    patient_id, case_id, _ = await clinic.admit()
    claim = await claim_for(clinic, await clinic.document(patient_id, case_id, DAY, **treated(60)))
    assert said(claim, "aba") == {"aba.certification": severity}
    assert finding(claim, "aba.certification")["evidence"] == {"expired_on": "2026-02-14"}
    await license_(clinic, tech, **RBT, starts_on="2026-02-15", ends_on="2027-02-14")
    assert said(await again(clinic, claim), "aba") == {}


@pytest.mark.req("BC-20")
@pytest.mark.parametrize("role", ["caregiver", "clinician"])
async def test_the_signatures_that_the_payer_wants_have_times(clinic: Clinic, role: str) -> None:
    """The clinician's is the note's own; the caregiver's missing holds, and signed it does not."""
    await technician(clinic)
    await ask(clinic, caregiver_signature=role == "caregiver", clinician_signature=role == "clinician")
    patient_id, case_id, _ = await clinic.admit()
    bare = await clinic.document(patient_id, case_id, DAY, **treated(60))
    expected = {"aba.caregiver_signature": "blocks"} if role == "caregiver" else {}
    assert said(await claim_for(clinic, bare), "aba") == expected
    signed: dict[str, Any] = {
        "signatures": [{"role": role, "name": "Cara Giver", "signed_at": f"{DAY}T20:05:00Z"}]
    }
    whole = await clinic.document(patient_id, case_id, "2026-02-17", **treated(60), **signed)
    assert said(await claim_for(clinic, whole), "aba") == {}


@pytest.mark.req("BC-20")
async def test_too_little_supervision_in_the_month_holds_the_claim(clinic: Clinic) -> None:
    """5 % of 400 minutes are 20: ten recorded hold it, ten more of protocol work release it."""
    tech, analyst = await technician(clinic)
    await ask(clinic, supervision_percent=5)
    patient_id, case_id, _ = await clinic.admit()
    long: dict[str, Any] = {"starts_at": f"{DAY}T13:00:00Z", "ends_at": f"{DAY}T20:00:00Z"}
    claim = await claim_for(clinic, await clinic.document(patient_id, case_id, DAY, **treated(400), **long))
    assert said(claim, "aba") == {"aba.supervision_share": "blocks"}
    counted = {"month": "2026-02", "treated_minutes": "400", "supervised_minutes": "0", "percent": "5"}
    assert finding(claim, "aba.supervision_share")["evidence"] == counted
    seen = {"patient_id": patient_id, "supervisor_id": analyst, "supervisee_id": tech, "minutes": 10}
    await clinic.made("/supervision-records", seen | {"supervised_on": DAY})
    claim = await again(clinic, claim)
    assert finding(claim, "aba.supervision_share")["evidence"]["supervised_minutes"] == "10"
    protocol = treated(
        10, "97155", provider_id=analyst, starts_at=f"{DAY}T20:00:00Z", ends_at=f"{DAY}T21:00:00Z"
    )
    await clinic.send("/charge-rates", {"code": "97155", "charge_cents": 4000, "starts_on": "2020-01-01"})
    await clinic.document(patient_id, case_id, DAY, **protocol)
    assert said(await again(clinic, claim), "aba") == {}
    await clinic.made("/supervision-records", seen | {"supervised_on": "2026-01-30", "minutes": 300})
    [march] = [await clinic.document(patient_id, case_id, "2026-03-02", **treated(60))]
    assert "aba.supervision_share" in said(await claim_for(clinic, march)), "each month by itself"


@pytest.mark.req("BC-20")
@pytest.mark.parametrize(("says", "severity"), [({}, "warns"), ({"open_month": "blocks"}, "blocks")])
async def test_while_the_month_goes_on_too_little_supervision_only_warns(
    clinic: Clinic, app_clock: MutableClock, says: dict[str, str], severity: str
) -> None:
    """On 27 February supervision may still come, on 1 March it is over; the row may hold it at once."""
    app_clock.put(datetime(2026, 2, 27, 14, tzinfo=UTC))
    await technician(clinic)
    await ask(clinic, supervision_percent=5, **says)
    patient_id, case_id, _ = await clinic.admit()
    claim = await claim_for(clinic, await clinic.document(patient_id, case_id, DAY, **treated(60)))
    assert said(claim, "aba") == {"aba.supervision_share": severity}
    assert claim["status"] == ("ready" if severity == "warns" else "held")
    app_clock.put(datetime(2026, 3, 1, 14, tzinfo=UTC))
    claim = await again(clinic, claim)
    assert said(claim, "aba") == {"aba.supervision_share": "blocks"}
    assert claim["status"] == "held"


BOTH = {"first": "97153", "second": "97155", "effect": "bill_both"}


@pytest.mark.req("BC-20")
@pytest.mark.parametrize(("matrix", "charged"), [([BOTH], ["charged", "charged"]), ([], ["held", "held"])])
async def test_the_payers_matrix_says_which_pair_may_overlap(
    clinic: Clinic, app_services: Services, matrix: list[Any], charged: list[str]
) -> None:
    """Protocol work beside direct treatment of one client: billed by both, or held until one gives way."""
    _, analyst = await technician(clinic)
    value = {"group_codes": [], "pairs": [], "matrix": matrix}
    await clinic.add_rule("concurrent_sessions", value, payer_id=clinic.ids["payer"])
    await clinic.send("/charge-rates", {"code": "97155", "charge_cents": 4000, "starts_on": "2020-01-01"})
    patient_id, case_id, _ = await clinic.admit()
    direct = await clinic.document(patient_id, case_id, DAY, **treated(60))
    shared: dict[str, Any] = {"starts_at": f"{DAY}T15:15:00Z", "ends_at": f"{DAY}T15:45:00Z"}
    beside = treated(30, "97155", provider_id=analyst, **shared)
    protocol = await clinic.document(patient_id, case_id, DAY, **beside)
    await counted_again(app_services, clinic)
    visits = [await clinic.read(f"/visits/{visit['id']}") for visit in (direct, protocol)]
    assert [visit["status"] for visit in visits] == charged
    made = await claims_for(clinic, *visits)
    assert [line["code"] for claim in made for line in claim["lines"]] == (
        ["97153", "97155"] if matrix else []
    )


async def test_without_a_row_of_the_payer_nothing_is_asked(clinic: Clinic) -> None:
    """No certification, no caregiver, no supervision recorded: nothing is said."""
    await technician(clinic)
    patient_id, case_id, _ = await clinic.admit()
    claim = await claim_for(clinic, await clinic.document(patient_id, case_id, DAY, **treated(60)))
    assert said(claim, "aba") == {}
