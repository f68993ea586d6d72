"""`visitledger migrate`: roles, database and schema, from nothing or from an older release."""

import asyncio
import os
from urllib.parse import unquote, urlsplit

import asyncpg
import click

from api.commands import CommandRefused
from migrations import runner


@click.command()
def migrate() -> None:
    """Bring the schema up to date; MIGRATION_DATABASE_URL names a role that may become the owner.

    With DATABASE_URL set, roles and database are made first, by a role that may make them.
    """
    url = os.environ.get("MIGRATION_DATABASE_URL", "")
    if not url:
        raise CommandRefused("MIGRATION_DATABASE_URL is missing.")
    login = os.environ.get("DATABASE_URL")
    if login:
        asyncio.run(_prepare(url, login))
    runner.upgrade(runner.sqlalchemy_url(url))
    click.echo("The schema is up to date.")


async def _prepare(url: str, login: str) -> None:
    parts = urlsplit(login)
    if not parts.password:
        raise CommandRefused("DATABASE_URL carries no password for the login.")
    database = unquote(parts.path.lstrip("/"))
    maintenance = urlsplit(url)._replace(path="/postgres").geturl()
    try:
        await runner.prepare(maintenance, database, unquote(parts.password))
    except asyncpg.InsufficientPrivilegeError:
        click.echo("This role may not make roles or databases; taking them as they are.", err=True)
