"""What payers allowed counts toward the therapy threshold in the order of their answers, and goes back."""

from typing import Any

from tests.api.back.answering import paid, sent_claim, take
from tests.api.back.conftest import Office, Opener
from tests.api.back.remitting import Payment, reversed_claim


async def tally(office: Office) -> Any:
    """The bucket of physical and speech therapy of the patient's year."""
    address = f"/therapy-thresholds/patients/{office.world.patient_id}"
    told = (await office.get(f"{address}?year=2026")).json()
    return next(one for one in told if one["bucket"] == "PT_SLP")


async def counting(open_office: Opener) -> Office:
    """An office whose payer counts against the threshold."""
    office = await open_office(member="SIMPEND")
    rule = {
        "rule": "therapy_threshold",
        "payer_id": str(office.world.payer_id),
        "value": {"applies": True, "review_cents": None},
        "starts_on": "2020-01-01",
        "source": "test",
        "reason": "test",
    }
    assert (await office.post("/payer-rules", rule)).status_code == 201
    return office


async def test_an_answer_counts_what_was_allowed_and_unposting_takes_it_back(open_office: Opener) -> None:
    """Paid 40.00 with a copay of 20.00: 60.00 was allowed, whatever was charged; un-posted, nothing was."""
    office = await counting(open_office)
    _, number = await sent_claim(office)
    waiting = await tally(office)
    assert (waiting["answered_cents"], waiting["unknown_lines"]) == (0, 1)
    [remittance] = await take(office, Payment(trace="A", claims=[paid(number)]))
    counted = await tally(office)
    assert (counted["answered_cents"], counted["waiting_cents"], counted["unknown_lines"]) == (6_000, 0, 0)
    await office.post(f"/remittances/{remittance['id']}/unpost", {"reason": "wrong day"})
    assert (await tally(office))["answered_cents"] == 0
    await office.post(f"/remittances/{remittance['id']}/post")
    assert (await tally(office))["answered_cents"] == 6_000


async def test_a_reversal_restores_the_tally_and_a_denial_counts_nothing(open_office: Opener) -> None:
    """Taken back by the payer and decided anew as denied: nothing is accrued, though the charge stands."""
    office = await counting(open_office)
    _, number = await sent_claim(office)
    await take(office, Payment(trace="A", claims=[paid(number)]))
    denied = paid(number, 0, [("PR", "119", 10_000)], icn="ICN2")
    taken = Payment(trace="B", claims=[reversed_claim(paid(number)), denied], provider=[("FB", -4_000)])
    await take(office, taken, control=902)
    assert (await tally(office))["answered_cents"] == 0


async def test_a_look_up_holds_what_was_answered_before_it(open_office: Opener) -> None:
    """An answer of 2 March is inside the look-up of that day, and not counted beside it."""
    office = await counting(open_office)
    _, number = await sent_claim(office)
    await take(office, Payment(trace="A", claims=[paid(number)]))
    body = {"year": 2026, "bucket": "PT_SLP", "amount_cents": 99_000, "as_of": "2026-03-02"}
    path = f"/therapy-thresholds/patients/{office.world.patient_id}"
    made = await office.post(path, body | {"source": "MAC portal"})
    assert made.status_code == 201, made.text
    assert (await tally(office))["accrued_cents"] == 99_000
