"""Files for several practices, interrupted, brought again: each transaction comes home once."""

import pytest
from sqlalchemy import select

from domain.claims.models import InboundTransaction
from domain.remittances.intake import Intake, take_in
from tenants.database import Database
from tenants.models import AuditEvent, OrganizationAuditEvent, OrganizationWorkItem
from tests.api.back.answering import claim_of, money, paid, sent_claim, take
from tests.api.back.conftest import Office, Opener
from tests.api.back.remitting import Payment, file_of

OTHER = "1245319599"


class Crash(Exception):
    """The process died here."""


class Dying(Database):
    """Doors of which the practice's breaks once, as when the process dies between two practices."""

    alive = True

    def practice_transaction(self, *args: object, **options: object):  # type: ignore[no-untyped-def]
        """Open it, unless this is the moment."""
        if self.alive:
            self.alive = False
            raise Crash
        return super().practice_transaction(*args, **options)  # type: ignore[arg-type]


async def inbound(office: Office) -> list[tuple[str, str]]:
    """What was led to the practice: kind and state."""
    door = office.services.database.practice_transaction(office.world.tenant.actor, office.world.practice_id)
    async with door as session:
        rows = await session.execute(select(InboundTransaction.kind, InboundTransaction.status))
        return [(row[0], row[1]) for row in rows]


async def company_work(office: Office) -> list[str]:
    """The company's own open work."""
    async with office.services.database.organization_transaction(office.world.tenant.actor) as session:
        wanted = select(OrganizationWorkItem.kind).where(OrganizationWorkItem.closed_at.is_(None))
        return list((await session.execute(wanted)).scalars())


async def test_a_practice_that_is_known_later(open_office: Opener) -> None:
    """Its payments wait in quarantine; once it is connected, the file brought again comes home."""
    office = await open_office(member="SIMPEND")
    claim_id, number = await sent_claim(office)
    content = file_of(Payment(trace="A", claims=[paid(number)], payee=OTHER))
    assert (await office.bring(content)).status_code == 422
    assert await company_work(office) == ["file_quarantined"]
    profile = (await office.get("/profile")).json()
    settled = {name: value for name, value in profile.items() if name not in ("practice_id", "connection_id")}
    answer = await office.caller.put(office.path("/profile"), json=settled | {"npi": OTHER})
    assert answer.status_code == 200, answer.text
    body = {"connection_id": str(office.world.connection_id)}
    assert (await office.caller.put(office.path("/connection/"), json=body)).status_code == 204
    again = await office.bring(content)
    assert (again.status_code, again.json()["repeat"]) == (200, True)
    assert await company_work(office) == []
    await office.pass_time(minutes=1)
    assert await money(office, claim_id) == [(0, 0, 2_000)]


async def test_a_payer_knows_the_practice_by_another_number(open_office: Opener) -> None:
    """Claims went out under the NPI that this payer wants: its payments for that NPI find the practice."""
    office = await open_office(member="SIMPEND")
    known = {
        "role": "billing",
        "payer_id": str(office.world.payer_id),
        "npi": OTHER,
        "starts_on": "2026-01-01",
    }
    assert (await office.post("/identifiers", known)).status_code == 201
    claim_id, number = await sent_claim(office)
    await take(office, Payment(trace="A", claims=[paid(number)], payee=OTHER))
    assert await money(office, claim_id) == [(0, 0, 2_000)]


async def test_interrupted_while_it_is_led(open_office: Opener) -> None:
    """It died after the file was kept: brought again, it is led once, and no payment is lost or doubled."""
    office = await open_office(member="SIMPEND")
    claim_id, number = await sent_claim(office)
    services, actor = office.services, office.world.tenant.actor
    before = await inbound(office)
    content = file_of(Payment(trace="A", claims=[paid(number)]), Payment(trace="B", claims=[paid("THEIRS")]))
    dying = Dying.__new__(Dying)
    dying.__dict__ = dict(services.database.__dict__)
    intake = Intake(dying, services.files, services.cipher)
    with pytest.raises(Crash):
        await take_in(intake, actor, office.world.connection_id, "both.835", content)
    assert await inbound(office) == before
    again = await office.bring(content, "both.835")
    assert (again.status_code, again.json()["repeat"]) == (200, True)
    await office.pass_time(minutes=1)
    assert (await inbound(office)).count(("835", "applied")) == 2
    assert await money(office, claim_id) == [(0, 0, 2_000)]


async def test_a_file_on_another_connection_is_not_ours(open_office: Opener) -> None:
    """The same payee under another login is nobody: kept, and asked about."""
    office = await open_office()
    made = {
        "name": "Second",
        "kind": "simulator",
        "sender_id": "SECONDBILL",
        "receiver_id": "SIMCLEAR",
        "usage": "T",
    }
    other = (await office.caller.post("/v1/organization/connections", json=made)).json()["id"]
    answer = await office.caller.post(
        f"/v1/organization/connections/{other}/files",
        params={"name": "a.835"},
        content=file_of(Payment(trace="A", claims=[paid("X")])),
        headers={"Content-Type": "application/octet-stream"},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "file_quarantined")


async def test_what_sets_of_rows_did_is_in_the_audit(open_office: Opener) -> None:
    """Claims, lines, files and remittances are written in sets: the events name them and the patient."""
    office = await open_office(member="SIMPEND")
    claim_id, number = await sent_claim(office)
    await take(office, Payment(trace="A", claims=[paid(number)]))
    assert (await claim_of(office, claim_id))["status"] == "paid"
    door = office.services.database.practice_transaction(office.world.tenant.actor, office.world.practice_id)
    async with door as session:
        events = list((await session.execute(select(AuditEvent))).scalars())
    named = {(verb, table) for event in events for verb, table, _ in event.changes}
    assert {("insert", table) for table in WRITTEN} <= named
    [assembling] = [e for e in events if ["insert", "claims", claim_id] in [list(c) for c in e.changes]]
    assert assembling.patient_ids == [office.world.patient_id]
    async with office.services.database.organization_transaction(office.world.tenant.actor) as session:
        kept = (await session.execute(select(OrganizationAuditEvent.changes))).scalars()
        assert any(change[1] == "received_files" for changes in kept for change in changes)


WRITTEN = (
    "claims",
    "claim_lines",
    "claim_line_sources",
    "claim_events",
    "inbound_transactions",
    "remittances",
    "remittance_claims",
    "remittance_lines",
    "remittance_adjustments",
    "journals",
)
