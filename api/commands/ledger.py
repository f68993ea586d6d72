"""`visitledger ledger verify`: the one checker of the ledger over every practice of a billing company."""

import asyncio
from functools import partial

import click

from api.commands import CommandRefused
from api.commands.checks import prove_database, settings_or_refuse
from api.services import Services, compose
from domain import tables
from domain.ledger.invariants import Broken, verify
from tenants import organizations
from tenants.access import system_actor
from tenants.organizations import PracticeView

ACTION = "command ledger verify"


@click.group()
def ledger() -> None:
    """Questions to the ledger."""


@ledger.command("verify")
@click.option("--organization", "slug", required=True, help="The billing company's name in its addresses.")
def verify_ledger(slug: str) -> None:
    """Prove every practice's ledger; exits with 1 and names what is broken."""
    settings = settings_or_refuse()
    prove_database(settings)
    if asyncio.run(verify_organization(partial(compose, settings), slug)):
        raise SystemExit(1)


async def verify_organization(make_services: partial[Services], slug: str) -> int:
    """Check one practice after another and say each result; returns how many things are broken."""
    assert tables.ALL, "the owners of accounts register with their tables"
    services, broken = make_services(), 0
    try:
        for practice, found in await _practices(services, slug):
            broken += len(found)
            click.echo(f"{practice.name}: {'holds' if not found else f'{len(found)} broken'}")
            for each in found:
                click.echo(f"  {each.check} {each.subject}: {each.detail}")
    finally:
        await services.close()
    return broken


async def _practices(services: Services, slug: str) -> list[tuple[PracticeView, list[Broken]]]:
    company = await services.database.directory_lookup("slug", slug)
    if company is None:
        raise CommandRefused(f"There is no billing company {slug}.")
    looking = system_actor(company.organization_id, ACTION)
    async with services.database.organization_transaction(looking) as session:
        practices = await organizations.practices(session, company.organization_id)
    checked = []
    for practice in practices:
        actor = system_actor(company.organization_id, ACTION, practice_ids=frozenset({practice.id}))
        async with services.database.practice_transaction(actor, practice.id) as session:
            checked.append((practice, await verify(session, practice.id)))
    return checked
