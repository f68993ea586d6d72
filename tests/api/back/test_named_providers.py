"""Whom the payer's rule wants named besides who treated: the supervisor, and who ordered, on the file."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest

from domain.claims.ports import Clearinghouse, ClearinghouseDirectory, InboundFile
from tests.api.back.answering import claim_of
from tests.api.back.conftest import Office, Opener
from tests.integrations.x12.oracle import verdict

SUPER, DEPUTY, AT_PAYER, DOCTOR = "1366456980", "1023011079", "1245319599", "1205999992"
SENT: dict[str, Any] = {"credential": "PT", "bill_as": "self", "sends_supervisor": True}
MONDAY, TUESDAY = date(2026, 2, 23), date(2026, 2, 24)


class Copies:
    """The office's mailboxes, with a copy of each text that went out."""

    def __init__(self, far: ClearinghouseDirectory) -> None:
        self.texts = list[str]()
        self._far = far

    def mailbox(self, organization_id: UUID, connection_id: UUID) -> Clearinghouse:
        """The mailbox, copied."""
        return _Copied(self._far.mailbox(organization_id, connection_id), self.texts)


class _Copied:
    def __init__(self, far: Clearinghouse, texts: list[str]) -> None:
        self._far, self._texts = far, texts

    async def send(self, name: str, text: str) -> None:
        """Keep the text and hand it over."""
        self._texts.append(text)
        await self._far.send(name, text)

    async def collect(self) -> list[InboundFile]:
        """What waits."""
        return await self._far.collect()

    async def confirm(self, names: list[str]) -> None:
        """What is kept."""
        await self._far.confirm(names)


async def made(office: Office, path: str, body: dict[str, Any]) -> str:
    """Create something in the practice; returns its id."""
    answer = await office.post(path, body)
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


async def rule(office: Office, name: str, value: dict[str, Any]) -> None:
    """The payer's row."""
    body = {"rule": name, "value": value, "payer_id": str(office.world.payer_id), "starts_on": "2020-01-01"}
    await made(office, "/payer-rules", body | {"source": "manual", "reason": "test"})


async def supervisor(office: Office, family_name: str, npi: str | None, since: date) -> str:
    """Who supervises the office's therapist from a day on."""
    person = {"given_name": "Sue", "family_name": family_name, "credential": "PT", "disciplines": ["PT"]}
    found = await made(office, "/providers", person | {"npi": npi, "taxonomy": "225100000X"})
    who = {"supervisee_id": str(office.world.therapist_id), "supervisor_id": found}
    await made(office, "/supervision-assignments", who | {"starts_on": str(since)})
    return found


async def known_as(office: Office, provider_id: str, npi: str, **scope: Any) -> str:
    """A number under which the payer knows a supervisor."""
    owner = {"role": "supervising", "provider_id": provider_id, "payer_id": str(office.world.payer_id)}
    return await made(office, "/identifiers", owner | {"npi": npi, "starts_on": "2020-01-01"} | scope)


async def filed(office: Office, claim_id: str) -> list[list[str]]:
    """The elements of the claim's NM1, SBR, CLM and LX, as its file went; the far end paid it."""
    copies = Copies(office.services.mailboxes)
    copied = msgspec.structs.replace(office, services=replace(office.services, mailboxes=copies))
    assert (await copied.post("/claims/submit", {"claim_ids": [claim_id]})).status_code == 200
    await copied.pass_time(days=30)
    [text] = copies.texts
    assert verdict(text) == "valid"
    assert (await claim_of(office, claim_id))["status"] == "paid"
    return [one.split("*") for one in text.split("~") if one[:3] in ("NM1", "CLM", "LX*")]


def named(segments: list[list[str]], *roles: str) -> list[tuple[str, str, str]]:
    """Role, family name and NPI of those named in these roles, in the order of the file."""
    return [(one[1], one[3], one[9]) for one in segments if one[0] == "NM1" and one[1] in roles]


@pytest.mark.req("BC-18")
async def test_the_supervisor_stands_on_the_file_where_the_payer_wants_it(open_office: Opener) -> None:
    """Behind the rendering provider and under the number of the payer, the place and the date."""
    office = await open_office()
    who = await supervisor(office, "Super", SUPER, MONDAY)
    await known_as(office, who, DEPUTY, ends_on="2026-02-22")
    await known_as(office, who, AT_PAYER, starts_on="2026-02-23", location_id=str(office.world.location_id))
    [plain] = await office.assemble(await office.visit([("97110", 2, 30)]))
    assert named(await filed(office, plain), "DQ") == []
    await rule(office, "supervised_billing", {"credentials": [SENT]})
    [claim_id] = await office.assemble(await office.visit([("97140", 1, 15)], hour=16))
    assert (await claim_of(office, claim_id))["findings"] == []
    whole = named(await filed(office, claim_id), "82", "77", "DQ")
    assert whole == [("82", "STONE", "1679576722"), ("DQ", "SUPER", AT_PAYER)]


@pytest.mark.req("BC-18")
async def test_a_session_of_another_supervisor_names_that_one_on_its_lines(open_office: Opener) -> None:
    """Two days on one claim: Monday's supervisor is the claim's (2310D), Tuesday's the line's (2420D)."""
    office = await open_office()
    many = {"per_day": False, "split_by_discipline": False, "split_by_rendering": True}
    more = {"merge_same_code_same_day": True, "max_lines": 50, "max_diagnoses": 12}
    await rule(office, "claim_assembly", many | more)
    await rule(office, "supervised_billing", {"credentials": [SENT]})
    await supervisor(office, "Super", SUPER, MONDAY)
    await supervisor(office, "Deputy", DEPUTY, TUESDAY)
    visits = [await office.visit([("97110", 2, 30)], on=day) for day in (MONDAY, TUESDAY)]
    [claim_id] = await office.assemble(*visits)
    segments = await filed(office, claim_id)
    assert named(segments, "DQ") == [("DQ", "SUPER", SUPER), ("DQ", "DEPUTY", DEPUTY)]
    assert [one[:2] for one in segments[-3:]] == [["LX", "1"], ["LX", "2"], ["NM1", "DQ"]]


@pytest.mark.req("BC-18")
@pytest.mark.req("SC-01")
async def test_a_supervisor_without_a_number_holds_the_claim(open_office: Opener) -> None:
    """Nobody recorded, then somebody without an NPI: exactly that finding; with a number it is ready."""
    office = await open_office()
    await rule(office, "supervised_billing", {"credentials": [SENT]})
    [claim_id] = await office.assemble(await office.visit([("97110", 2, 30)]))
    held = await claim_of(office, claim_id)
    assert [f["rule"] for f in held["findings"]] == ["supervision.supervisor_missing"]
    who = await supervisor(office, "Super", None, MONDAY)
    await office.post(f"/claims/{claim_id}/check")
    held = await claim_of(office, claim_id)
    [told] = held["findings"]
    assert (told["rule"], told["severity"]) == ("required.supervising_npi", "blocks")
    assert (told["subject"], told["source"]) == ("/parties/supervising/0/npi", "manual")
    assert held["status"] == "held"
    await known_as(office, who, AT_PAYER)
    await office.post(f"/claims/{claim_id}/check")
    assert (await claim_of(office, claim_id))["findings"] == []


@pytest.mark.req("BC-22")
async def test_who_ordered_stands_on_the_lines_that_the_payers_row_names(open_office: Opener) -> None:
    """Without an order the line is told; with one the file names who ordered on that line only (2420E)."""
    office = await open_office()
    wanted = {"required": False, "enrolled": False, "sends_orderer": True, "sent_codes": ["97140"]}
    await rule(office, "ordering_provider", wanted)
    [claim_id] = await office.assemble(await office.visit([("97110", 2, 30), ("97140", 1, 15)]))
    [told] = (await claim_of(office, claim_id))["findings"]
    assert (told["rule"], told["subject"]) == ("medicaid.order_missing", "/lines/1/medicaid")
    order = {"case_id": str(office.world.case_id), "npi": DOCTOR, "name": "Dr Elena Field"}
    await made(office, "/treatment-orders", order | {"starts_on": "2026-01-05"})
    await office.post(f"/claims/{claim_id}/check")
    assert (await claim_of(office, claim_id))["findings"] == []
    segments = await filed(office, claim_id)
    assert named(segments, "DK") == [("DK", "FIELD", DOCTOR)]
    assert [one[:2] for one in segments[-3:]] == [["LX", "1"], ["LX", "2"], ["NM1", "DK"]]
