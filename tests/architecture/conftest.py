"""Copies of the migrated schema: to look at the catalog, plant holes, or build rows of every table."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from tests.architecture.rows import Rows, read_rows
from tests.conftest import Cluster

GATE = (Path(__file__).parent / "gate.sql").read_text()


@pytest_asyncio.fixture(scope="session")
async def catalog_database(cluster: Cluster) -> str:
    """A copy of the schema as the migrations leave it."""
    name = f"catalog_{os.getpid()}"
    await cluster.clone(name)
    return name


@pytest_asyncio.fixture
async def superuser(cluster: Cluster, catalog_database: str) -> AsyncIterator[asyncpg.Connection]:
    """The superuser on that copy, in a transaction that is rolled back: nothing that is planted stays."""
    connection = await asyncpg.connect(cluster.superuser_dsn(catalog_database))
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


@pytest_asyncio.fixture(scope="session")
async def filled_database(cluster: Cluster) -> str:
    """A copy whose CHECK constraints are gone, so that rows can be built from the catalog alone.

    Keys, foreign keys, policies and privileges, which these tests are about, stay as they are.
    """
    name = f"filled_{os.getpid()}"
    await cluster.clone(name)
    connection = await asyncpg.connect(cluster.superuser_dsn(name))
    checks = await connection.fetch(
        "select conrelid::regclass::text as t, quote_ident(conname) as c from pg_constraint "
        "where contype = 'c' and connamespace in ('public'::regnamespace, 'directory'::regnamespace)"
    )
    for check in checks:
        await connection.execute(f"alter table {check['t']} drop constraint {check['c']}")
    await connection.close()
    return name


@pytest_asyncio.fixture
async def rows(cluster: Cluster, filled_database: str) -> AsyncIterator[Rows]:
    """A builder of rows as the superuser, whom no policy stops."""
    connection = await asyncpg.connect(cluster.superuser_dsn(filled_database))
    yield await read_rows(connection)
    await connection.close()


@pytest_asyncio.fixture
async def login(cluster: Cluster, filled_database: str) -> AsyncIterator[asyncpg.Connection]:
    """The unprivileged login on the copy with built rows."""
    url = cluster.login_url(filled_database).replace("postgresql+asyncpg://", "postgresql://")
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
def gate() -> str:
    """The query whose every row is a hole."""
    return GATE
