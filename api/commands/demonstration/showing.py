"""Saying where to look: who may sign in where, and one payment link with what it asks for."""

import click
import msgspec

from api.commands.demonstration.company import found_company
from api.commands.demonstration.company_plan import COMPANY, SLUG
from api.commands.demonstration.keeping import Kept, KeptLink, keep
from api.commands.demonstration.paying import Billed, bill, parties_of
from api.commands.demonstration.playing import make_play
from api.commands.demonstration.registering import find_patients
from api.commands.demonstration.sizes import SIZES
from api.commands.demonstration.stage import ZONE
from api.services import Services
from api.settings import Settings
from domain.patient_billing.links import LinkDead, open_link
from tenants.identity import Request

LOOKING = Request(action="demonstration", request_id="demonstration", address="127.0.0.1")


async def keep_link(services: Services, kept: Kept) -> Kept:
    """The kept link if it still opens something, else one for the next family that owes."""
    if kept.link is not None:
        try:
            await open_link(services.database, kept.link.token, LOOKING)
        except LinkDead:
            pass
        else:
            return kept
    billed = await _bill_somebody(services, kept)
    link = _kept(billed) if billed is not None else None
    return keep(services.settings.data_folder, msgspec.structs.replace(kept, link=link))


async def _bill_somebody(services: Services, kept: Kept) -> Billed | None:
    play = make_play(kept.seed, SIZES[kept.size], kept.starts_on)
    founded = await found_company(services, play, kept.passwords)
    await find_patients(services, founded.actor, founded.practices, play.courses)
    today = services.now().astimezone(ZONE).date()
    for ids in founded.practices.values():
        for party_id in await parties_of(services, founded.actor, ids, today):
            billed = await bill(services, founded.actor, ids.id, party_id, today)
            if billed is not None:
                return billed
    return None


def _kept(billed: Billed) -> KeptLink:
    assert billed.party.birth_on is not None, "only people are billed here"
    return KeptLink(
        token=billed.link.token,
        name=billed.party.name,
        birth_on=billed.party.birth_on,
        zip_code=billed.party.zip_code[:5],
    )


def show(settings: Settings, kept: Kept) -> None:
    """Print it, passwords included: they are this installation's own and open invented data only."""
    url = settings.public_url
    (manager, manager_password), *therapists = kept.passwords.items()
    therapist, therapist_password = therapists[0]
    click.echo(f"\n  {COMPANY}: {url}/o/{SLUG}/sign-in")
    click.echo(f"    billing manager   {manager}   password {manager_password}")
    click.echo(f"    therapist         {therapist}   password {therapist_password}")
    if kept.link is not None:
        click.echo(f"  {kept.link.name} pays at {url}/pay/{kept.link.token}")
        click.echo(f"    date of birth {kept.link.birth_on:%m/%d/%Y}, ZIP code {kept.link.zip_code}")
    else:
        click.echo("  No family owes anything just now, so there is no payment link to try.")
    click.echo("")
