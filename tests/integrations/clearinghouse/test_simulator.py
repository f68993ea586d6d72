"""What only the simulated clearinghouse does: it keeps a copy of every file that passes."""

from datetime import timedelta
from pathlib import Path

import pytest

from integrations.clearinghouse.simulator import SimulatedClearinghouse
from integrations.payer_simulator import PayerBook, PayerSimulator, SubmissionDiffers
from tests.integrations.payer_simulator.practice import MONDAY, claim, file_text, health_plan


async def test_every_file_that_passes_either_way_is_kept(tmp_path: Path) -> None:
    now = MONDAY
    payer = PayerSimulator(PayerBook(payers=(health_plan(),)), None, lambda: now)
    clearinghouse = SimulatedClearinghouse(payer, "HARBORBILL", lambda: now, tmp_path)
    text = file_text(claim())
    await clearinghouse.send("../one.x12", text)
    now += timedelta(days=20)
    received = await clearinghouse.collect()
    await clearinghouse.collect()
    sent = tmp_path / "HARBORBILL" / "sent" / "_one.x12"
    assert sent.read_text(encoding="ascii") == text
    kept = {one.name: one.read_bytes() for one in (tmp_path / "HARBORBILL" / "received").iterdir()}
    assert kept == {one.name: one.content for one in received}


async def test_a_name_cannot_be_used_for_another_text() -> None:
    payer = PayerSimulator(PayerBook(payers=(health_plan(),)), None, lambda: MONDAY)
    clearinghouse = SimulatedClearinghouse(payer, "HARBORBILL", lambda: MONDAY)
    await clearinghouse.send("one.x12", file_text(claim()))
    with pytest.raises(SubmissionDiffers):
        await clearinghouse.send("one.x12", file_text(claim()))
