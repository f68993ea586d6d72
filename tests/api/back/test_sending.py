"""Claims on their way out: once each, whoever submits, wherever it crashes, whatever answers come late."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

from domain.claims.models import Interchange
from domain.claims.ports import Clearinghouse, ClearinghouseDirectory, ClearinghouseUnavailable, InboundFile
from tests.api.back.answering import claim_of, money, paid, take, work
from tests.api.back.books import balances
from tests.api.back.conftest import Office, Opener
from tests.api.back.remitting import BLANK, Payment


class Crash(Exception):
    """The process died here."""


class Line:
    """A clearinghouse's mailbox with a line that breaks where the test wants it."""

    def __init__(self, far: Clearinghouse, breaks: Callable[[str], None], sent: list[str]) -> None:
        self._far, self._breaks, self._sent = far, breaks, sent

    async def send(self, name: str, text: str) -> None:
        """Note what went out, whether or not we learn of it."""
        self._breaks("before")
        await self._far.send(name, text)
        self._sent.append(name)
        self._breaks("after")

    async def collect(self) -> list[InboundFile]:
        """What waits."""
        self._breaks("collect")
        return await self._far.collect()

    async def confirm(self, names: list[str]) -> None:
        """What is kept."""
        await self._far.confirm(names)


class Lines:
    """Finds mailboxes whose line breaks at the moments in `broken`, as often as they stand there."""

    def __init__(self, far: ClearinghouseDirectory, *broken: str) -> None:
        self.broken, self.sent = list(broken), list[str]()
        self._far = far

    def mailbox(self, organization_id: UUID, connection_id: UUID) -> Clearinghouse:
        """The mailbox behind the line."""
        return Line(self._far.mailbox(organization_id, connection_id), self._break, self.sent)

    def _break(self, moment: str) -> None:
        if moment in self.broken:
            self.broken.remove(moment)
            raise Crash if moment == "after" else ClearinghouseUnavailable(moment)


def over(office: Office, lines: Lines) -> Office:
    """The office with its files going over these lines."""
    return msgspec.structs.replace(office, services=replace(office.services, mailboxes=lines))


async def story(office: Office, claim_id: str) -> list[str]:
    """The kinds of a claim's events."""
    return [event["kind"] for event in (await claim_of(office, claim_id))["story"]]


async def files(office: Office) -> list[Interchange]:
    """The files that we wrote."""
    door = office.services.database.practice_transaction(office.world.tenant.actor, office.world.practice_id)
    async with door as session:
        return list(
            (await session.execute(select(Interchange).order_by(Interchange.control_number))).scalars()
        )


@pytest.mark.req("API-04")
async def test_submitted_by_two_at_once(open_office: Opener) -> None:
    """Four people submit the same claims at one moment: one does, the others are told, and one file goes."""
    office = await open_office()
    claims = await office.assemble(await office.visit([("97110", 2, 30)]))
    answers = await asyncio.gather(*(office.post("/claims/submit", {"claim_ids": claims}) for _ in range(4)))
    assert sorted(a.status_code for a in answers) == [200, 409, 409, 409]
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"claim_not_ready"}
    lines = Lines(office.services.mailboxes)
    await over(office, lines).pass_time(minutes=1)
    assert len(lines.sent) == 1
    assert await money(office, claims[0]) == [(10_000, 0, 0)]


@pytest.mark.req("API-04")
@pytest.mark.parametrize("broken", [("before",), ("after",), ("before", "after", "after")])
async def test_a_crash_around_sending(open_office: Opener, broken: tuple[str, ...]) -> None:
    """Whether it died before or after handing over: the file goes under its one name and is noted once."""
    office = await open_office()
    lines = Lines(office.services.mailboxes, *broken)
    broken_office = over(office, lines)
    [claim_id] = await broken_office.send(await office.visit([("97110", 2, 30)]))
    await broken_office.pass_time(hours=1)
    assert set(lines.sent) == {"837P-000000001.txt"}
    assert (await story(office, claim_id)).count("sent") == 1
    await office.pass_time(days=30)
    assert (await claim_of(office, claim_id))["status"] == "paid"
    assert (await story(office, claim_id)).count("999_accepted") == 1


async def test_answered_before_the_sending_is_noted(open_office: Opener) -> None:
    """It died after handing over, and answers came before it tried again: they stand."""
    office = await open_office(member="SIMPEND")
    lines = Lines(office.services.mailboxes, *["after"] * 3)
    broken_office = over(office, lines)
    [claim_id] = await broken_office.send(await office.visit([("97110", 2, 30)]))
    await broken_office.pass_time(seconds=1)
    number = (await claim_of(office, claim_id))["control_number"]
    assert (await claim_of(office, claim_id))["status"] == "written"
    assert (await office.bring(acknowledgement(1))).status_code == 200
    await take(broken_office, Payment(trace="A", claims=[paid(number)]))
    assert (await claim_of(office, claim_id))["status"] == "paid"
    await broken_office.pass_time(hours=1)
    [file] = await files(office)
    assert (file.status, file.sent_at is not None) == ("accepted", True)
    assert "sent" in await story(office, claim_id)
    assert (await claim_of(office, claim_id))["status"] == "paid"


async def test_a_line_that_is_down_for_hours(open_office: Opener) -> None:
    """Looking for answers goes on when the clearinghouse cannot be reached again and again."""
    office = await open_office()
    [claim_id] = await office.send(await office.visit([("97110", 2, 30)]))
    await office.pass_time(minutes=1)
    await over(office, Lines(office.services.mailboxes, *["collect"] * 9)).pass_time(hours=2)
    await office.pass_time(days=30)
    assert (await claim_of(office, claim_id))["status"] == "paid"


def acknowledgement(control: int, verdict: str = "A") -> bytes:
    """A 999 on one of our files with its first transaction."""
    text = (
        f"ISA{BLANK}{BLANK}*ZZ*SIMCLEAR       *ZZ*HARBORBILL     *260302*1400*^*00501*000000977*0*T*:~"
        "GS*FA*SIMCLEAR*HARBORBILL*20260302*1400*977*X*005010X231A1~ST*999*0001*005010X231A1~"
        f"AK1*HC*{control}*005010X222A1~AK2*837*0001*005010X222A1~IK5*{verdict}~AK9*{verdict}*1*1*1~"
        "SE*6*0001~GE*1*977~IEA*1*000000977~"
    )
    return text.encode()


async def test_a_late_answer_about_a_corrected_version(open_office: Opener) -> None:
    """A rejection of the first file, again, after the corrected claim went: told, and no move."""
    office = await open_office(member="SIMA7")
    [claim_id] = await office.send(await office.visit([("97110", 2, 30)]))
    await office.pass_time(days=3)
    assert "claim_rejected" in await work(office)
    await office.post(f"/claims/{claim_id}/check")
    await office.post("/claims/submit", {"claim_ids": [claim_id]})
    assert "claim_rejected" not in await work(office)
    await office.pass_time(minutes=1)
    assert (await office.bring(acknowledgement(1, "R"))).status_code == 200
    await office.pass_time(seconds=1)
    claim = await claim_of(office, claim_id)
    assert (claim["status"], claim["version"]) == ("sent", 2)
    assert [e["detail"]["version"] for e in claim["story"] if e["kind"] == "999_rejected"] == [1]
    assert (await office.bring(acknowledgement(2))).status_code == 200
    await office.pass_time(seconds=1)
    assert (await claim_of(office, claim_id))["status"] == "received"


@pytest.mark.parametrize("corrected", [False, True])
async def test_paid_after_it_was_rejected(open_office: Opener, corrected: bool) -> None:
    """The payer decides on what it had rejected: that is a fact, and the work is done."""
    office = await open_office(member="SIMA7")
    [claim_id] = await office.send(await office.visit([("97110", 2, 30)]))
    await office.pass_time(days=3)
    if corrected:
        await office.post(f"/claims/{claim_id}/check")
    number = (await claim_of(office, claim_id))["control_number"]
    [remittance] = await take(office, Payment(trace="A", claims=[paid(number)]))
    assert (await claim_of(office, claim_id))["status"] == "paid"
    assert await work(office) == {}
    await office.post(f"/remittances/{remittance['id']}/unpost", {"reason": "another claim's"})
    assert (await claim_of(office, claim_id))["status"] == "rejected"
    await balances(office)


async def test_paid_before_it_was_acknowledged(open_office: Opener) -> None:
    """The payment first, then the 999, then the 277CA: told in that order, and the claim stays paid."""
    office = await open_office(member="SIMPEND")
    [claim_id] = await office.send(await office.visit([("97110", 2, 30)]))
    await office.pass_time(seconds=1)
    number = (await claim_of(office, claim_id))["control_number"]
    await take(office, Payment(trace="A", claims=[paid(number)]))
    await office.pass_time(days=3)
    assert (await claim_of(office, claim_id))["status"] == "paid"
    assert (await story(office, claim_id))[-3:] == ["adjudicated", "999_accepted", "277ca_accepted"]


async def test_a_claim_that_never_went_out_is_not_matched(open_office: Opener) -> None:
    """A payment that names a claim still held here is for nobody we know: suspense, and work."""
    office = await open_office()
    [claim_id] = await office.assemble(await office.visit([("97110", 2, 30)]))
    claim: dict[str, Any] = await claim_of(office, claim_id)
    await take(office, Payment(trace="A", claims=[paid(claim["control_number"])]))
    assert (await claim_of(office, claim_id))["status"] == claim["status"]
    assert (await work(office)).keys() == {"remittance_unmatched"}
    assert await balances(office) == {"cash": 4_000, "suspense": -4_000}


async def test_an_illegal_move_names_the_legal_ones(open_office: Opener) -> None:
    """A sent claim is neither checked, released nor submitted again, and the answer says so."""
    office = await open_office()
    [claim_id] = await office.send(await office.visit([("97110", 2, 30)]))
    await office.pass_time(minutes=1)
    for path, body in ((f"/claims/{claim_id}/check", None), (f"/claims/{claim_id}/release", {"reason": "x"})):
        refused = await office.post(path, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "claim_not_checkable")
    refused = await office.post("/claims/submit", {"claim_ids": [claim_id]})
    assert (refused.status_code, refused.json()["code"]) == (409, "claim_not_ready")


async def test_strangers_are_not_found_alike(open_office: Opener) -> None:
    """A claim of another company and one that never was give the same answer, word for word but the id."""
    mine, theirs = await open_office(), await open_office()
    [foreign] = await theirs.assemble(await theirs.visit([("97110", 2, 30)]))
    never = "01890000-0000-7000-8000-000000000000"
    for path in ("/claims/{}", "/claims/{}/check", "/remittances/{}/post"):
        send = mine.get if path.count("/") == 2 else mine.post
        answers = [await send(path.format(claim_id)) for claim_id in (foreign, never)]
        assert [a.status_code for a in answers] == [404, 404]
        told = [a.json() | {"request_id": "", "instance": ""} for a in answers]
        assert str(told[0]).replace(foreign, never) == str(told[1])
