"""What a remittance says of no line of ours: parked, forwarded, estimated or kept; cash ties all the same."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.api.back.answering import claim_of, money, paid, sent_claim, take, work
from tests.api.back.books import balances, cash_of
from tests.api.back.conftest import Opener
from tests.api.back.remitting import Claim, Line, Payment, reversed_claim


def whole(
    cents: int, *adjusted: tuple[str, str, int], status: str = "1", charge: int = 10_000
) -> dict[str, Any]:
    """What a payer says of a claim without naming its lines."""
    return {"paid": cents, "charge": charge, "adjusted": adjusted, "status": status}


@pytest.mark.parametrize(
    ("told", "status", "kinds"),
    [
        (whole(8_000, ("PR", "3", 2_000)), "accepted", ["remittance_parked"]),
        (whole(0, ("PR", "1", 10_000)), "accepted", ["remittance_parked"]),
        (whole(0, ("CO", "29", 10_000)), "denied", ["denial"]),
        (whole(0, ("CO", "109", 10_000), status="23"), "accepted", ["claim_forwarded"]),
        (whole(6_000, ("CO", "45", 4_000), status="25"), "accepted", ["remittance_parked"]),
        (whole(0, status="25", charge=0), "accepted", []),
    ],
)
async def test_a_claim_without_lines(
    open_office: Opener, told: dict[str, Any], status: str, kinds: Sequence[str]
) -> None:
    """Denied as a whole, parked, forwarded or estimated: the insurer owes on, and somebody knows."""
    office = await open_office(member="SIMPEND")
    claim_id, number = await sent_claim(office)
    [remittance] = await take(office, Payment(trace="A", claims=[Claim(number=number, **told)]))
    assert (await claim_of(office, claim_id))["status"] == status
    assert await money(office, claim_id) == [(10_000, 0, 0)]
    assert await cash_of(office, remittance["id"]) == remittance["payment_cents"] == told["paid"]
    assert list(await work(office)) == kinds
    await balances(office)


async def test_a_line_that_we_never_sent(open_office: Opener) -> None:
    """The line that matches posts; the other payment stands in suspense, as work, and goes back too."""
    office = await open_office(member="SIMPEND")
    _, number = await sent_claim(office)
    lines = [*paid(number).lines, Line(control="OTHER", code="97112", charge=5_000, paid=5_000)]
    taken = Payment(
        trace="A", claims=[Claim(number=number, lines=lines)], provider=[("WO", 1_000), ("L6", -150)]
    )
    [remittance] = await take(office, taken)
    assert remittance["payment_cents"] == 8_150
    assert (await work(office)).keys() == {"lines_unmatched"}
    held = await balances(office)
    assert (held["cash"], held["suspense"], held["take_backs"]) == (8_150, -5_000, 850)
    await office.post(f"/remittances/{remittance['id']}/unpost", {"reason": "ask the payer first"})
    assert await balances(office) == {"insurer_1": 10_000, "revenue": -10_000}
    assert await work(office) == {}


async def test_more_is_taken_back_than_paid(open_office: Opener) -> None:
    """A payment that would be negative is carried forward: nothing is paid, and the next payment is less."""
    office = await open_office(member="SIMPEND")
    claim_id, number = await sent_claim(office)
    await take(office, Payment(trace="A", claims=[paid(number)]))
    owed = Payment(trace="B", claims=[reversed_claim(paid(number))], provider=[("FB", -4_000)])
    assert owed.paid_cents == 0
    *_, second = await take(office, owed, control=902)
    assert await cash_of(office, second["id"]) == 0
    assert await money(office, claim_id) == [(10_000, 0, 0)]
    assert (await balances(office))["cash"] == 4_000


async def test_who_starts_the_transfer_is_not_who_receives(open_office: Opener) -> None:
    """BPR03 D is a payment like any other."""
    office = await open_office(member="SIMPEND")
    _, number = await sent_claim(office)
    [remittance] = await take(office, Payment(trace="A", claims=[paid(number)], by="D"))
    assert (remittance["status"], remittance["payment_cents"]) == ("posted", 4_000)
    assert await cash_of(office, remittance["id"]) == 4_000
