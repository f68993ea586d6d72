"""Whatever payers answer, cash moves by exactly what each posted payment says, and goes back exactly."""

import random
from datetime import timedelta
from typing import Any

import pytest

from integrations.payer_simulator.magic import OUTCOMES, Outcome
from tests.api.back.books import balances, cash_of
from tests.api.back.conftest import Office, Opener
from tests.domain.claims.world import DAY

PLAIN = 10_000
FEW = 4


async def play(office: Office, seed: int) -> None:
    """A claim for each outcome, asked for by its charge, with a day and lines of its own."""
    chance = random.Random(seed)
    outcomes = sorted(Outcome, key=lambda outcome: outcome.value)
    chance.shuffle(outcomes)
    for at, outcome in enumerate(outcomes):
        codes = chance.sample(["97110", "97140", "97530"], chance.randint(1, 3))
        charges = [PLAIN] * (len(codes) - 1) + [PLAIN + OUTCOMES[outcome].cents]
        day = DAY - timedelta(days=at)
        visit = await office.visit([(code, 1, 15) for code in codes], on=day, charges=charges)
        [claim_id] = await office.assemble(visit)
        if (await office.get(f"/claims/{claim_id}")).json()["status"] == "held":
            await office.post(f"/claims/{claim_id}/release", {"reason": "its outcome is wanted"})
        assert (await office.post("/claims/submit", {"claim_ids": [claim_id]})).status_code == 200
        if at % FEW == 0 or outcome is Outcome.SYNTAX_REJECTED:
            await office.pass_time(minutes=1)
    await office.pass_time(days=100)


async def remittances(office: Office, status: str) -> list[dict[str, Any]]:
    """The remittances of a status."""
    listed: list[dict[str, Any]] = (await office.get(f"/remittances/?status={status}&limit=200")).json()
    return listed


@pytest.mark.req("PO-03", "PO-21", "MON-12")
@pytest.mark.parametrize("seed", [1, 2])
async def test_cash_is_what_was_paid(open_office: Opener, seed: int) -> None:
    """Every outcome of the payer once: reversals, take-backs, interest, strangers, denials, what is wrong."""
    office = await open_office()
    await play(office, seed)
    posted = await remittances(office, "posted")
    assert len(posted) > 3
    for remittance in posted:
        assert await cash_of(office, remittance["id"]) == remittance["payment_cents"], remittance
    before = await balances(office)
    assert before["cash"] == sum(remittance["payment_cents"] for remittance in posted)
    random.Random(seed).shuffle(posted)
    for remittance in posted:
        undone = await office.post(f"/remittances/{remittance['id']}/unpost", {"reason": "to see it go"})
        assert undone.status_code == 200, undone.text
        assert await cash_of(office, remittance["id"]) == 0
    left = await balances(office)
    assert set(left) == {"revenue", "insurer_1"}
    assert left["insurer_1"] == -left["revenue"]
    for remittance in sorted(posted, key=lambda one: (one["paid_on"], one["recorded_at"])):
        assert (await office.post(f"/remittances/{remittance['id']}/post")).status_code == 200
    assert await balances(office) == before
