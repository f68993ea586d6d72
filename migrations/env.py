"""How Alembic reaches the database: as the owner, one migration at a time, never waiting long for a lock."""

import asyncio
import os
from logging import getLogger

from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from domain import tables
from tenants.columns import Base

ADVISORY_LOCK = 7_305_112_026
log = getLogger("alembic.env")


def migrate(connection: Connection) -> None:
    """Run the pending migrations in one transaction, under an advisory lock and short time-outs."""
    context.configure(connection=connection, target_metadata=Base.metadata, include_schemas=True)
    with context.begin_transaction():
        connection.execute(text(f"select pg_advisory_xact_lock({ADVISORY_LOCK})"))
        connection.execute(text("set local lock_timeout = '5s'"))
        connection.execute(text("set local statement_timeout = '15min'"))
        context.run_migrations()


async def online(url: str) -> None:
    """Connect as the given role, become the owner, and migrate."""
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.begin() as connection:
        await connection.execute(text("set role visitledger_owner"))
        await connection.run_sync(migrate)
    await engine.dispose()


assert tables.ALL
asyncio.run(online(context.config.attributes.get("url") or os.environ["MIGRATION_DATABASE_URL"]))
