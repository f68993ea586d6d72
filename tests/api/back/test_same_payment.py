"""The same payment, whoever brings or posts it: it counts once, and a corrected one takes its place."""

import asyncio

import pytest
from sqlalchemy import func, select

from domain.ledger.models import Journal
from domain.remittances.models import RemittanceLine
from tests.api.back.answering import COPAY, claim_of, money, paid, sent_claim, take, work
from tests.api.back.books import balances, cash_of
from tests.api.back.conftest import Office, Opener
from tests.api.back.remitting import Payment, file_of


async def rounds(office: Office) -> int:
    """How many journals of claims of remittances there are, reversed ones counted."""
    door = office.services.database.practice_transaction(office.world.tenant.actor, office.world.practice_id)
    async with door as session:
        counted = select(func.count()).select_from(Journal).where(Journal.kind == "remittance_claim")
        return (await session.execute(counted)).scalar_one()


async def recorded_lines(office: Office) -> int:
    """How many lines of remittances are kept."""
    door = office.services.database.practice_transaction(office.world.tenant.actor, office.world.practice_id)
    async with door as session:
        return (await session.execute(select(func.count()).select_from(RemittanceLine))).scalar_one()


@pytest.mark.req("PO-22", "MON-11")
async def test_two_posters_post_once(open_office: Opener) -> None:
    """Six people press post on the same remittance at once: all see it posted, one posted it."""
    office = await open_office(member="SIMPEND")
    claim_id, number = await sent_claim(office)
    [remittance] = await take(office, Payment(trace="A", claims=[paid(number)]))
    await office.post(f"/remittances/{remittance['id']}/unpost", {"reason": "to post it again"})
    answers = await asyncio.gather(*(office.post(f"/remittances/{remittance['id']}/post") for _ in range(6)))
    assert {a.status_code for a in answers} == {200}
    assert {a.json()["summary"]["status"] for a in answers} == {"posted"}
    assert await rounds(office) == 2
    assert await money(office, claim_id) == [(0, 0, 2_000)]
    assert await cash_of(office, remittance["id"]) == 4_000
    story = [e["kind"] for e in (await claim_of(office, claim_id))["story"]]
    assert story.count("adjudicated") == 2


@pytest.mark.req("MON-11")
async def test_downloaded_twice_at_once(open_office: Opener) -> None:
    """The same payment in two envelopes, worked on by two workers at once: one remittance, posted once."""
    office = await open_office(member="SIMPEND")
    claim_id, number = await sent_claim(office)
    payment = Payment(trace="A", claims=[paid(number)])
    files = [file_of(payment, control=control) for control in (901, 902, 903)]
    brought = await asyncio.gather(*(office.bring(content) for content in files))
    assert {a.status_code for a in brought} == {200}
    await office.work_at_once()
    [remittance] = (await office.get("/remittances/")).json()
    assert remittance["status"] == "posted"
    assert (await rounds(office), await recorded_lines(office)) == (1, 1)
    assert await money(office, claim_id) == [(0, 0, 2_000)]


@pytest.mark.req("MON-12", "PO-22")
async def test_a_corrected_file_takes_the_place(open_office: Opener) -> None:
    """Posted, taken back, corrected: what stands is the corrected file alone, and the old posts no more."""
    office = await open_office(member="SIMPEND")
    claim_id, number = await sent_claim(office)
    wrong = Payment(trace="A", claims=[paid(number, adjusted=[("CO", "45", 3_000), ("PR", "3", 3_000)])])
    right = Payment(trace="A", claims=[paid(number, adjusted=COPAY)])
    [first] = await take(office, wrong)
    assert await take(office, right, control=902) == [first]
    assert "remittance_differs" in await work(office)
    assert await money(office, claim_id) == [(0, 0, 3_000)]
    await office.post(f"/remittances/{first['id']}/unpost", {"reason": "the payer corrected it"})
    old, new = await take(office, right, control=902)
    assert (old["id"], old["status"], new["status"]) == (first["id"], "quarantined", "posted")
    assert await money(office, claim_id) == [(0, 0, 2_000)]
    refused = await office.post(f"/remittances/{first['id']}/post")
    assert (refused.status_code, refused.json()["code"]) == (409, "remittance_quarantined")
    assert await work(office) == {}
    assert (await balances(office))["cash"] == 4_000


@pytest.mark.req("MON-12")
async def test_an_unbalanced_payment_and_its_repair(open_office: Opener) -> None:
    """Quarantined once however often it comes; its repair under the same trace posts and settles the work."""
    office = await open_office(member="SIMPEND")
    claim_id, number = await sent_claim(office)
    broken = Payment(trace="A", claims=[paid(number)], paid=4_100)
    [held] = await take(office, broken)
    assert await take(office, broken) == [held]
    assert await take(office, broken, control=902) == [held]
    assert held["status"] == "quarantined"
    assert "BPR" in held["reason"]
    assert (await work(office)).keys() == {"remittance_quarantined"}
    assert await balances(office) == {"insurer_1": 10_000, "revenue": -10_000}
    _, repaired = await take(office, Payment(trace="A", claims=[paid(number)]), control=903)
    assert repaired["status"] == "posted"
    assert await money(office, claim_id) == [(0, 0, 2_000)]
    assert await work(office) == {}


async def test_a_file_for_somebody_we_do_not_know_too(open_office: Opener) -> None:
    """What is ours is posted, the file waits in quarantine for the rest, and says so."""
    office = await open_office(member="SIMPEND")
    claim_id, number = await sent_claim(office)
    stranger = Payment(trace="B", claims=[paid("THEIRS")], payee="1992753881")
    content = file_of(Payment(trace="A", claims=[paid(number)]), stranger)
    answer = await office.bring(content)
    assert answer.status_code == 422
    assert "1 of its transactions went to their practices" in answer.json()["detail"]
    await office.pass_time(minutes=1)
    assert await money(office, claim_id) == [(0, 0, 2_000)]
    assert (await office.bring(content)).status_code == 422
    await office.pass_time(minutes=1)
    assert await rounds(office) == 1


async def test_remittances_are_paged(open_office: Opener) -> None:
    """The newest first, each once; a status that none can have is refused."""
    office = await open_office(member="SIMPEND")
    _, number = await sent_claim(office)
    await take(office, *(Payment(trace=f"T{at}", claims=[paid(number)]) for at in range(3)))
    seen: list[str] = []
    while True:
        after = f"&after={seen[-1]}" if seen else ""
        page = (await office.get(f"/remittances/?limit=2{after}")).json()
        seen += [one["id"] for one in page]
        if len(page) < 2:
            break
    assert len(seen) == len(set(seen)) == 3
    for path in ("/remittances/?status=lost", "/claims/?status=lost"):
        assert (await office.get(path)).status_code in (400, 422)
