"""Bringing a database to the newest schema, from nothing or from an older release."""

from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config

from migrations.roles import drop_database, ensure_database, ensure_roles


def upgrade(url: str) -> None:
    """Run the pending migrations; `url` is a SQLAlchemy address of a role that may become the owner.

    Blocks, and runs an event loop of its own: call it from a thread when one is running.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = url
    command.upgrade(config, "head")


async def prepare(superuser_dsn: str, database: str, login_password: str, *, afresh: bool = False) -> bool:
    """Make roles and database where they are missing; returns whether the database is new.

    `afresh` drops the database first, with everything in it; one that is made for a single run need not
    wait for the disk, whose loss would cost that run and nothing else.
    """
    connection = await asyncpg.connect(superuser_dsn)
    try:
        await ensure_roles(connection, login_password)
        if afresh:
            await drop_database(connection, database)
        is_new = await ensure_database(connection, database)
        if afresh:
            await connection.execute(f'alter database "{database}" set synchronous_commit = off')
        return is_new
    finally:
        await connection.close()


def sqlalchemy_url(dsn: str) -> str:
    """The same address for SQLAlchemy's asyncpg dialect."""
    return dsn.replace("postgresql://", "postgresql+asyncpg://", 1)
