"""Families are told what they owe and why, by statement and link; most pay on the card processor's page."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from api.commands.demonstration.population import dice
from api.commands.demonstration.stage import PracticeIds, Stage
from api.services import Services
from domain.patient_billing.links import NewLink, create_link
from domain.patient_billing.payments import Addresses, start_payment
from domain.patient_billing.second_factor import Answer, pass_second_factor, recognise_visitor
from domain.patient_billing.statements import NothingDue, issue_statement
from domain.patients.parties import shares_on
from domain.patients.queries import PartyView, party
from tenants.access import Actor
from tenants.identity import Request

PAYS = 0.6
FRIDAY = 4


class Billed(Struct, frozen=True, kw_only=True):
    """Who got a statement, and the link that came with it."""

    party: PartyView
    link: NewLink


async def bill_families(stage: Stage, key: str, week: int) -> None:
    """Send statements with links to everybody who owes; most of them pay at once."""
    ids, services = stage.practices[key], stage.services
    for number, party_id in enumerate(await parties_of(services, stage.actor, ids, stage.today)):
        billed = await bill(services, stage.actor, ids.id, party_id, stage.today)
        roll = dice(stage.play.seed, "pays", key, number, week)
        if billed is not None and roll.random() < PAYS:
            await pay(stage, billed, number)


async def parties_of(services: Services, actor: Actor, ids: PracticeIds, today: date) -> list[UUID]:
    """Everybody who answers for a patient of the practice, each once, in the order of registration."""
    found: dict[UUID, None] = {}
    async with services.database.practice_transaction(actor, ids.id) as session:
        for patient_id in ids.patients.values():
            shares = await shares_on(session, ids.id, patient_id, today)
            for share in sorted(shares, key=lambda one: (-one.share_basis_points, one.party_id)):
                found[share.party_id] = None
    return list(found)


async def bill(
    services: Services, actor: Actor, practice_id: UUID, party_id: UUID, today: date
) -> Billed | None:
    """Issue a statement and a link to it; None for somebody who owes nothing."""
    now = services.now()
    try:
        async with services.database.practice_transaction(actor, practice_id) as session:
            issued = await issue_statement(session, actor, practice_id, party_id, today=today, now=now)
            link = await create_link(session, services.database, actor, practice_id, issued.id, now=now)
            return Billed(party=await party(session, practice_id, party_id), link=link)
    except NothingDue:
        return None


async def pay(stage: Stage, billed: Billed, number: int) -> None:
    """Open the link, pass the second factor, and pay all that is owed on the processor's page."""
    services = stage.services
    request = Request(action="demonstration", request_id="demonstration", address=f"203.0.113.{number}")
    assert billed.party.birth_on is not None, "only people are billed here"
    answer = Answer(birth_on=billed.party.birth_on, zip_code=billed.party.zip_code)
    passed = await pass_second_factor(services.database, billed.link.token, answer, request)
    visit = await recognise_visitor(services.database, billed.link.token, passed.token, request)
    here = f"{services.settings.public_url}/pay/{billed.link.token}"
    addresses = Addresses(success_url=f"{here}/done", cancel_url=here)
    page = await start_payment(services.database, services.cards, visit.patient, None, addresses)
    if page is not None:
        await stage.cards.pay(page)
