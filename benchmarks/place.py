"""A migrated database for one measurement, gone when it ends."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from integrations.embedded_postgres import EmbeddedServer
from migrations import runner

FOLDER = Path(__file__).resolve().parent.parent / ".data" / "benchmarks"


@contextmanager
def measured_database(*, durable: bool) -> Iterator[str]:
    """The driver's address of a fresh database, as the unprivileged login."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    password, name = secrets.token_hex(16), f"measured_{secrets.token_hex(4)}"
    with EmbeddedServer().start(FOLDER, durable=durable) as server:
        superuser = server.superuser_dsn("postgres")
        asyncio.run(runner.prepare(superuser, name, password))
        runner.upgrade(runner.sqlalchemy_url(server.superuser_dsn(name)))
        try:
            yield server.dsn("visitledger", password, name)
        finally:
            asyncio.run(_drop(superuser, name))


async def _drop(superuser: str, name: str) -> None:
    connection = await asyncpg.connect(superuser)
    await connection.execute(f'drop database "{name}" with (force)')
    await connection.close()
