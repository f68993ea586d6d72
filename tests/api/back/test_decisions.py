"""Decisions that payers take back, take halfway, or leave to the next payer: where every cent stands."""

import pytest

from tests.api.back.answering import claim_of, money, paid, sent_claim, take, work
from tests.api.back.books import balances, cash_of
from tests.api.back.conftest import Opener
from tests.api.back.remitting import Claim, Line, Payment, reversed_claim


@pytest.mark.req("PO-21", "MON-12")
@pytest.mark.parametrize("together", [True, False])
async def test_a_decision_taken_back_and_made_anew(open_office: Opener, together: bool) -> None:
    """Reversed and paid anew, in one file or in two: of both guarantors 20.00 was due, 15.00 is."""
    office = await open_office(member="SIMPEND", second_guarantor=True)
    claim_id, number = await sent_claim(office)
    await take(office, Payment(trace="A", claims=[paid(number)]))
    assert await money(office, claim_id) == [(0, 0, 2_000)]
    back = reversed_claim(paid(number))
    anew = paid(number, 4_500, [("CO", "45", 4_000), ("PR", "3", 1_500)], icn="ICN2")
    if together:
        await take(office, Payment(trace="B", claims=[anew, back]), control=902)
    else:
        taken = Payment(trace="B", claims=[back], provider=[("FB", -4_000)])
        await take(office, taken, control=902)
        assert await money(office, claim_id) == [(10_000, 0, 0)]
        assert (await claim_of(office, claim_id))["status"] == "accepted"
        await take(office, Payment(trace="C", claims=[anew], provider=[("FB", 4_000)]), control=903)
    assert await money(office, claim_id) == [(0, 0, 1_500)]
    claim = await claim_of(office, claim_id)
    assert (claim["status"], claim["payer_control_number"]) == ("paid", "ICN2")
    for remittance in (await office.get("/remittances/")).json():
        assert await cash_of(office, remittance["id"]) == remittance["payment_cents"]
    assert (await balances(office))["cash"] == 4_500


@pytest.mark.req("PO-21")
async def test_a_later_decision_stands_when_an_earlier_one_is_unposted(open_office: Opener) -> None:
    """Without the first payment the claim is as the later one decided; without both, as it was sent."""
    office = await open_office(member="SIMPEND")
    claim_id, number = await sent_claim(office)
    await take(office, Payment(trace="A", claims=[paid(number, 0, [("CO", "50", 10_000)])]))
    assert (await claim_of(office, claim_id))["status"] == "denied"
    won = [reversed_claim(paid(number, 0, [("CO", "50", 10_000)])), paid(number)]
    first, second = await take(office, Payment(trace="B", claims=won), control=902)
    assert "denial" not in await work(office)
    reason = {"reason": "the wrong one"}
    await office.post(f"/remittances/{second['id']}/unpost", reason)
    assert (await claim_of(office, claim_id))["status"] == "denied"
    assert (await work(office))["denial"] == "Denied (medical necessity): CO-50"
    assert await money(office, claim_id) == [(10_000, 0, 0)]
    await office.post(f"/remittances/{second['id']}/post")
    await office.post(f"/remittances/{first['id']}/unpost", reason)
    assert (await claim_of(office, claim_id))["status"] == "paid"
    await office.post(f"/remittances/{second['id']}/unpost", reason)
    assert (await claim_of(office, claim_id))["status"] == "accepted"
    assert await balances(office) == {"insurer_1": 10_000, "revenue": -10_000}
    assert "denial" not in await work(office)


@pytest.mark.req("PO-08", "PO-16")
async def test_a_line_denied_beside_a_line_paid(open_office: Opener) -> None:
    """Payment, deductible to the patient, and a denial: the denied line is nobody's but the payer's."""
    office = await open_office(member="SIMPEND")
    claim_id, number = await sent_claim(office, "97110", "97140", "97530")
    lines = [
        Line(
            control=f"{number}L01",
            charge=10_000,
            paid=5_000,
            adjusted=[("CO", "45", 4_000), ("PR", "1", 1_000)],
        ),
        Line(control=f"{number}L02", code="97140", charge=10_000, paid=0, adjusted=[("CO", "97", 10_000)]),
        Line(
            control=f"{number}L03",
            code="97530",
            charge=10_000,
            paid=6_000,
            adjusted=[("CO", "45", -500), ("PR", "96", 2_500), ("PR", "3", 2_000)],
        ),
    ]
    [remittance] = await take(office, Payment(trace="A", claims=[Claim(number=number, lines=lines)]))
    assert await money(office, claim_id) == [(0, 0, 1_000), (10_000, 0, 0), (2_500, 2_000, 0)]
    claim = await claim_of(office, claim_id)
    assert claim["status"] == "paid"
    assert (await work(office))["denial"] == "Denied (bundling): CO-97, PR-96"
    assert await cash_of(office, remittance["id"]) == 11_000
    await balances(office)


@pytest.mark.parametrize(("ends_on", "waits"), [(None, True), ("2026-02-20", False)])
async def test_nothing_is_due_before_the_last_payer(
    open_office: Opener, ends_on: str | None, waits: bool
) -> None:
    """A second payer in force on the date keeps the patient's part waiting, one that ended does not."""
    office = await open_office(member="SIMPEND")
    claim_id, number = await sent_claim(office)
    second = {
        "case_id": str(office.world.case_id),
        "payer_id": str(office.world.payer_id),
        "ordinal": 2,
        "member_number": "S2",
        "relationship": "self",
        "subscriber_given_name": "Maria",
        "subscriber_family_name": "Lopez",
        "starts_on": "2026-01-01",
        "ends_on": ends_on,
    }
    assert (await office.post("/coverages", second)).status_code == 201
    await take(office, Payment(trace="A", claims=[paid(number)]))
    assert await money(office, claim_id) == [(0, 2_000, 0) if waits else (0, 0, 2_000)]
    assert ("next_payer_due" in await work(office)) is waits


async def test_a_second_payer_that_is_first_on_the_day(open_office: Opener) -> None:
    """Where the first plan has ended, the second is asked, owes, and pays: nothing stays with the first."""
    office = await open_office(member="SIMPEND")
    second = {
        "case_id": str(office.world.case_id),
        "payer_id": str(office.world.payer_id),
        "ordinal": 2,
        "member_number": "SIMPENDX2",
        "relationship": "self",
        "subscriber_given_name": "Maria",
        "subscriber_family_name": "Lopez",
        "starts_on": "2026-01-01",
    }
    assert (await office.post("/coverages", second)).status_code == 201
    end = {"ends_on": "2026-01-31", "reason": "left the employer"}
    assert (await office.post(f"/coverages/{office.world.coverage_id}/end", end)).status_code == 200
    claim_id, number = await sent_claim(office)
    await take(office, Payment(trace="A", claims=[paid(number)]))
    assert await money(office, claim_id) == [(0, 0, 2_000)]
    assert await balances(office) == {
        "cash": 4_000,
        "contractual": 4_000,
        "patient_due": 2_000,
        "revenue": -10_000,
    }
