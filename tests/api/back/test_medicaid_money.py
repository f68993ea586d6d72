"""What Medicaid leaves to the patient, what it was not known to cover, and visits it finds unverified."""

from datetime import date
from typing import Any

import pytest

from tests.api.back.answering import claim_of, money, paid, sent_claim, take
from tests.api.back.conftest import Office, Opener
from tests.api.back.remitting import Payment
from tests.api.back.test_reliance import pay

SHARE = [("CO", "45", 4_000), ("PR", "142", 2_000)]


async def open_work(office: Office) -> dict[str, Any]:
    """The open items by kind."""
    return {item["kind"]: item for item in (await office.get("/work")).json()}


@pytest.mark.req("BC-22")
async def test_the_monthly_share_that_medicaid_leaves_is_owed_by_the_patient(open_office: Opener) -> None:
    """PR-142 of 20.00 becomes due from the patient, and is no denial."""
    office = await open_office()
    claim_id, number = await sent_claim(office)
    await take(office, Payment(trace="T1", claims=[paid(number, 4_000, SHARE)]))
    assert await money(office, claim_id) == [(0, 0, 2_000)]
    assert "denial" not in await open_work(office)


async def test_a_spend_down_that_was_not_met_is_work_and_no_bill(open_office: Opener) -> None:
    """PR-178 of the whole: nothing is due from the patient before a person has looked."""
    office = await open_office()
    claim_id, number = await sent_claim(office)
    await take(office, Payment(trace="T1", claims=[paid(number, 0, [("PR", "178", 10_000)])]))
    assert await money(office, claim_id) == [(10_000, 0, 0)]
    assert "eligibility" in (await open_work(office))["denial"]["reason"]


@pytest.mark.req("BC-22")
async def test_medicaid_that_reaches_back_is_billed_and_the_patient_refunded(open_office: Opener) -> None:
    """The plan paid and the patient paid 20.00; then Medicaid turns out to cover since January."""
    office = await open_office()
    visit = await office.visit([("97110", 2, 30)], on=date(2026, 2, 25))
    [claim_id] = await office.send(visit)
    await office.pass_time(days=35)
    await pay(office, 2_000)
    payer = {"name": "Medicaid", "kind": "medicaid", "electronic_id": "MCDMA", "filing_indicator": "MC"}
    payer_id = (await office.post("/payers", payer | {"rule_key": "medicaid"})).json()["id"]
    given = {"subscriber_given_name": "Maria", "subscriber_family_name": "Lopez", "relationship": "self"}
    case = {"case_id": str(office.world.case_id), "payer_id": payer_id, "member_number": "MCD1"}
    added = await office.post("/coverages", given | case | {"ordinal": 2, "starts_on": "2026-01-01"})
    assert added.status_code == 201, added.text
    coverage_id = added.json()["id"]
    work = await open_work(office)
    assert work["medicaid_rebill"]["subject_id"] == coverage_id
    assert work["medicaid_rebill"]["value_cents"] == 10_000
    assert work["medicaid_refund"]["value_cents"] == 2_000
    listed = (await office.get(f"/coverages/{coverage_id}/rested-without")).json()
    assert [(one["kind"], one["subject_id"], one["amount_cents"]) for one in listed] == [
        ("seen", str(visit), 0),
        ("billed_elsewhere", claim_id, 10_000),
        ("paid_by_patient", claim_id, 2_000),
    ]


@pytest.mark.req("BC-21")
@pytest.mark.parametrize("remark", ["N820", "N824"])
async def test_a_remark_about_visit_verification_opens_its_work(open_office: Opener, remark: str) -> None:
    """Denied CO-16 with the remark: beside the denial there is visit-verification work on the claim."""
    office = await open_office()
    claim_id, number = await sent_claim(office)
    denied = paid(number, 0, [("CO", "16", 10_000)], remarks=[remark])
    await take(office, Payment(trace="T1", claims=[denied]))
    item = (await open_work(office))["evv_mismatch"]
    assert (item["subject_kind"], item["subject_id"]) == ("claim", claim_id)
    assert remark in item["reason"]
    assert item["value_cents"] == 10_000
    assert (await claim_of(office, claim_id))["status"] == "denied"


async def test_other_remarks_open_nothing_of_their_own(open_office: Opener) -> None:
    """N19 explains an adjustment; it is no work beside it."""
    office = await open_office()
    _, number = await sent_claim(office)
    await take(office, Payment(trace="T1", claims=[paid(number, remarks=["N19"])]))
    assert "evv_mismatch" not in await open_work(office)
