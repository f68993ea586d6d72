"""Where charges fall short of what payers allow, and the dates of contracts that nobody may miss."""

import base64
from datetime import date
from typing import Any

import pytest

from tests.api.back.answering import paid, sent_claim, take
from tests.api.back.conftest import Office, Opener
from tests.api.back.remitting import Payment


async def agree(office: Office, rate: str, **changes: Any) -> Any:
    """A contract that pays a rate for exercise."""
    body = {
        "name": "Harbor agreement",
        "file_name": "rates.csv",
        "content": base64.b64encode(f"code,rate\n97110,{rate}".encode()).decode(),
        "starts_on": "2026-01-01",
    } | changes
    path = f"/contracts/{office.world.payer_id}/rate-sheets"
    told = await office.post(path, body)
    assert told.status_code == 201, told.text
    return (await office.post(f"{path}/{told.json()['version_id']}/confirm")).json()


async def leak(office: Office, month: str = "2026-03") -> Any:
    """The measure of a month."""
    answer = await office.get(f"/measures/lesser-of-leak?month={month}")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.req("BC-16")
async def test_a_payer_that_allows_above_the_charge_is_listed_by_month(open_office: Opener) -> None:
    """It allowed 110.00 for what was charged at 100.00; the measure opens into the claim's line."""
    office = await open_office()
    claim_id, number = await sent_claim(office)
    answer = paid(number, 9_000, [("CO", "45", -1_000), ("PR", "3", 2_000)])
    [remittance] = await take(office, Payment(trace="T1", claims=[answer]))
    assert remittance["status"] == "posted", remittance
    told = await leak(office)
    assert (told["leak_cents"], len(told["payers"])) == (1_000, 1)
    assert told["payers"][0]["payer_name"] == "HARBOR HEALTH"
    [row] = told["rows"]
    assert (row["claim_id"], row["why"]) == (claim_id, ["allowed_above_charge"])
    assert (row["charge_cents"], row["allowed_cents"]) == (10_000, 11_000)
    assert (await leak(office, "2026-04"))["rows"] == []


@pytest.mark.req("BC-16")
async def test_a_contract_above_the_charge_is_flagged_though_the_payer_says_nothing(
    open_office: Opener,
) -> None:
    """Two units at 60.00 agreed, 100.00 charged and allowed: the lesser-of clause hides 20.00."""
    office = await open_office()
    await agree(office, "60.00")
    claim_id, number = await sent_claim(office)
    [remittance] = await take(office, Payment(trace="T1", claims=[paid(number, 8_000, [("PR", "3", 2_000)])]))
    assert remittance["status"] == "posted", remittance
    told = await leak(office)
    [row] = told["rows"]
    assert (row["why"], row["leak_cents"], row["rate_cents"]) == (["contract_above_charge"], 2_000, 12_000)
    assert row["rate_row"].startswith("row 2: 97110 60.00 per unit")
    expected = (await office.get(f"/claims/{claim_id}/expected")).json()
    assert expected["lines"][0]["allowed_cents"] == 10_000
    assert [step["name"] for step in expected["lines"][0]["steps"]] == ["rate", "lesser of"]


async def test_what_is_paid_within_the_charge_is_no_leak(open_office: Opener) -> None:
    """The usual answer: 40.00 paid, 20.00 left, 40.00 contractual."""
    office = await open_office()
    _, number = await sent_claim(office)
    await take(office, Payment(trace="T1", claims=[paid(number)]))
    assert (await leak(office))["rows"] == []
    assert (await office.get("/measures/lesser-of-leak?month=soon")).status_code == 422


@pytest.mark.req("BC-15")
async def test_renewal_notice_and_rising_rates_alarm_in_time(open_office: Opener) -> None:
    """Notice by 1 June of a contract that renews on 30 August; rates rise on 1 April: told before."""
    office = await open_office()
    assert office.services.now().date() == date(2026, 3, 2)
    rises = {"escalator_basis_points": 300}
    await agree(office, "30.00", starts_on="2025-04-01", renews_on="2026-08-30", notice_days=90, terms=rises)
    assert await alarms(office) == {}
    await office.pass_time(days=17)
    assert await alarms(office) == {"contract_escalates": ("2026-04-01", "rise by 3 %")}
    await office.pass_time(days=46)
    told = await alarms(office)
    assert told["contract_notice"] == ("2026-06-01", "renews on 2026-08-30")
    listed = (await office.get("/contracts")).json()
    assert [row["notice_due_on"] for row in listed] == ["2026-06-01"]


async def alarms(office: Office) -> dict[str, tuple[str, str]]:
    """The open work about contracts: its deadline, and the words that matter of its reason."""
    items = [item for item in (await office.get("/work")).json() if item["kind"].startswith("contract_")]
    words = ("rise by 3 %", "renews on 2026-08-30")
    return {
        item["kind"]: (item["due_on"], next(word for word in words if word in item["reason"]))
        for item in items
    }
