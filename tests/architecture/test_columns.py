"""Mapped classes and migrated schema say the same, and every column says what it holds."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from domain import tables
from migrations.runner import sqlalchemy_url
from tenants.columns import Base
from tests.architecture.rows import Rows
from tests.conftest import Cluster

CLASSES = {"public", "health", "money", "secret"}


@pytest.mark.req("REG-02")
async def test_every_column_is_classified(rows: Rows) -> None:
    """Each column of the catalog is mapped, and says whether it is health, money, secret or public."""
    mapped = {
        (str(table), column.name): column.info.get("holds")
        for table in tables.ALL
        for column in table.columns
    }
    assert {place for place, holds in mapped.items() if holds not in CLASSES} == set()
    catalog = {(table, column.name) for table, columns in rows.columns.items() for column in columns}
    assert catalog == set(mapped)


async def test_the_classes_are_the_migrated_schema(cluster: Cluster, catalog_database: str) -> None:
    """A migration that would be generated now is empty."""

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection, opts={"include_schemas": True, "compare_type": True, "include_name": ours}
        )
        return compare_metadata(context, Base.metadata)

    engine = create_async_engine(sqlalchemy_url(cluster.superuser_dsn(catalog_database)))
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    assert found == []


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out Alembic's own table and the system's schemas."""
    if kind == "schema":
        return name in (None, "directory")
    return name != "alembic_version"
