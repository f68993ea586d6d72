"""Families are told what they owe and why, by statement and link; most pay on the card processor's page."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.commands.demonstration.population import dice
from api.commands.demonstration.stage import PracticeIds, Stage
from domain.patient_billing.links import NewLink, create_link
from domain.patient_billing.payments import Addresses, start_payment
from domain.patient_billing.second_factor import Answer, pass_second_factor, recognise_visitor
from domain.patient_billing.statements import NothingDue, issue_statement
from domain.patients.parties import shares_on
from domain.patients.queries import PartyView, party
from tenants.identity import Request

PAYS = 0.6
FRIDAY = 4


class Billed(Struct, frozen=True, kw_only=True):
    """Who got a statement, and the link that came with it."""

    party: PartyView
    link: NewLink


async def bill_families(stage: Stage, key: str, week: int) -> None:
    """Send statements with links to everybody who owes; most of them pay at once."""
    ids = stage.practices[key]
    for number, party_id in enumerate(await parties_of(stage, ids)):
        billed = await bill(stage, ids, party_id)
        roll = dice(stage.play.seed, "pays", key, number, week)
        if billed is not None and roll.random() < PAYS:
            await pay(stage, billed, number)


async def parties_of(stage: Stage, ids: PracticeIds) -> list[UUID]:
    """Everybody who answers for a patient of the practice, each once, in the order of registration."""
    found: dict[UUID, None] = {}
    async with stage.services.database.practice_transaction(stage.actor, ids.id) as session:
        for patient_id in ids.patients.values():
            for share in await _in_order(session, ids.id, patient_id, stage):
                found[share] = None
    return list(found)


async def _in_order(session: AsyncSession, practice_id: UUID, patient_id: UUID, stage: Stage) -> list[UUID]:
    shares = await shares_on(session, practice_id, patient_id, stage.today)
    ranked = sorted(shares, key=lambda share: (-share.share_basis_points, share.party_id))
    return [share.party_id for share in ranked]


async def bill(stage: Stage, ids: PracticeIds, party_id: UUID) -> Billed | None:
    """Issue a statement and a link to it; None for somebody who owes nothing."""
    services, now = stage.services, stage.services.now()
    try:
        async with services.database.practice_transaction(stage.actor, ids.id) as session:
            issued = await issue_statement(session, stage.actor, ids.id, party_id, today=stage.today, now=now)
            link = await create_link(session, services.database, stage.actor, ids.id, issued.id, now=now)
            return Billed(party=await party(session, ids.id, party_id), link=link)
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
