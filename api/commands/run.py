"""`visitledger run`: everything on this machine in one process, from nothing."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
import msgspec

from api.commands import CommandRefused, demonstration
from api.commands.checks import prove_database
from api.commands.secrets_file import embedded_secrets
from api.commands.serve import end_cleanly, serve_with
from api.services import Services, compose
from api.settings import Settings, SettingsRefused, read_settings
from api.worker import TaskWorkers
from integrations.embedded_postgres import EmbeddedServer, EmbeddedServerError, RunningServer
from migrations import runner

DATABASE = "visitledger"


@click.command()
@click.option("--port", default=8000, show_default=True, help="Where to serve on 127.0.0.1.")
@click.option("--data", default=".data", show_default=True, type=click.Path(path_type=Path))
def run(port: int, data: Path) -> None:
    """Start the private database, migrate, make the demonstration once, and serve on 127.0.0.1."""
    end_cleanly()
    with embedded_settings(data, port) as given:
        settings = _with_cards_here(given)
        prove_database(settings)
        asyncio.run(_demonstrate(settings, demonstration.ensure))
        with demonstration.simulated_world(settings) as mailboxes:
            make_services = partial(compose, settings, mailboxes=mailboxes)
            workers = TaskWorkers(make_services, None, threads=2)
            workers.start()
            click.echo(f"Visitledger serves on {settings.public_url}")
            try:
                serve_with(settings, make_services)
            finally:
                workers.stop()


def _with_cards_here(settings: Settings) -> Settings:
    """The card processor is the simulator on the next port, unless STRIPE_API_BASE names another."""
    if settings.stripe_api_base is not None:
        return settings
    return msgspec.structs.replace(settings, stripe_api_base=f"http://127.0.0.1:{settings.port + 1}")


async def _demonstrate(settings: Settings, ensure: Callable[[Services], Awaitable[None]]) -> None:
    """Make the demonstration if it is not there yet, and print who to sign in as."""
    services = compose(settings)
    try:
        await ensure(services)
    finally:
        await services.close()


@contextmanager
def embedded_settings(
    data: Path,
    port: int = 8000,
    environment: Mapping[str, str] = os.environ,
    *,
    database: str = DATABASE,
    afresh: bool = False,
) -> Iterator[Settings]:
    """Settings on DATABASE_URL if it is given, or else on a migrated private server that ends with the block.

    `database` names the database on the private server, so that the demo command can have one of its own;
    `afresh` drops what is in it first.
    """
    if environment.get("DATABASE_URL"):
        if environment.get("MIGRATION_DATABASE_URL"):
            runner.upgrade(runner.sqlalchemy_url(environment["MIGRATION_DATABASE_URL"]))
        yield _read({"PUBLIC_URL": f"http://127.0.0.1:{port}", "PORT": str(port)} | dict(environment))
        return
    try:
        server = EmbeddedServer().start(data / "postgres")
    except EmbeddedServerError as failure:
        raise CommandRefused(f"The private PostgreSQL does not start: {failure}") from failure
    with server:
        yield _migrated(server, data, port, database, afresh=afresh)


def _migrated(server: RunningServer, data: Path, port: int, database: str, *, afresh: bool) -> Settings:
    """Roles, database and schema as this release wants them, and the settings that lead there."""
    kept = embedded_secrets(data)
    password = kept["LOGIN_PASSWORD"]
    asyncio.run(runner.prepare(server.superuser_dsn("postgres"), database, password, afresh=afresh))
    runner.upgrade(runner.sqlalchemy_url(server.superuser_dsn(database)))
    own = {
        "DATABASE_URL": server.dsn("visitledger", password, database),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "VISITLEDGER_DATA": str(data),
    }
    return _read(kept | own)


def _read(environment: Mapping[str, str]) -> Settings:
    try:
        return read_settings(environment)
    except SettingsRefused as refusal:
        raise CommandRefused(f"Refusing to start: {refusal}.") from refusal
