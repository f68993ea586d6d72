"""What every test stands on: a real PostgreSQL, the migrated schema, and the unprivileged login."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from msgspec import Struct

from integrations.embedded_postgres import EmbeddedServer
from migrations import runner
from tenants.access import Actor, Role, Scope
from tenants.clock import MovedClock
from tenants.database import Database
from tenants.ids import new_id
from tenants.models import Organization, Practice

pytest_plugins = ["tests.requirements_report"]

START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
LOGIN_PASSWORD = "test-login-password"
PEPPER = b"p" * 32
ROOT = Path(__file__).resolve().parent.parent


class Cluster(Struct, frozen=True, kw_only=True):
    """A running server with a migrated template database."""

    superuser: str
    login: str
    template: str

    def superuser_dsn(self, database: str) -> str:
        """The superuser's address of a database."""
        return self.superuser.replace("DATABASE", database)

    def login_url(self, database: str) -> str:
        """The unprivileged login's SQLAlchemy address of a database."""
        return runner.sqlalchemy_url(self.login.replace("DATABASE", database))

    async def clone(self, name: str) -> None:
        """Make an own copy of the migrated schema."""
        connection = await asyncpg.connect(self.superuser_dsn("postgres"))
        await connection.execute(f'drop database if exists "{name}" with (force)')
        await connection.execute(
            f'create database "{name}" template "{self.template}" owner visitledger_owner'
        )
        await connection.close()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A server of its own for this run, or the one that TEST_DATABASE_SUPERUSER_URL names.

    In that address and in TEST_DATABASE_LOGIN_URL the word DATABASE stands for the name of a database. Names
    of databases end in the process id of their run; those of this run and of runs that ended go at the end.
    """
    given = os.environ.get("TEST_DATABASE_SUPERUSER_URL")
    template = f"template_{os.getpid()}"
    if given:
        made = _migrated(
            Cluster(superuser=given, login=os.environ["TEST_DATABASE_LOGIN_URL"], template=template)
        )
        yield made
        asyncio.run(_drop_databases(made))
        return
    with EmbeddedServer().start(ROOT / ".data" / "tests", durable=False) as server:
        superuser = server.superuser_dsn("DATABASE")
        login = server.dsn("visitledger", LOGIN_PASSWORD, "DATABASE")
        made = _migrated(Cluster(superuser=superuser, login=login, template=template))
        yield made
        asyncio.run(_drop_databases(made))


async def _drop_databases(cluster: Cluster) -> None:
    """Drop what this run and runs that ended have made; a run beside this one keeps its own."""
    connection = await asyncpg.connect(cluster.superuser_dsn("postgres"))
    for row in await connection.fetch("select datname from pg_database where datname ~ '_[0-9]+$'"):
        process = int(row["datname"].rpartition("_")[2])
        if process == os.getpid() or not _runs(process):
            await connection.execute(f'drop database "{row["datname"]}" with (force)')
    await connection.close()


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _migrated(cluster: Cluster) -> Cluster:
    asyncio.run(runner.prepare(cluster.superuser_dsn("postgres"), cluster.template, LOGIN_PASSWORD))
    runner.upgrade(runner.sqlalchemy_url(cluster.superuser_dsn(cluster.template)))
    return cluster


@pytest_asyncio.fixture(scope="session")
async def shared_database(cluster: Cluster) -> str:
    """The name of one database that tests share: each works in practices of its own."""
    name = f"shared_{os.getpid()}"
    await cluster.clone(name)
    return name


@pytest.fixture
def clock() -> MovedClock:
    """A clock that the test moves; it starts on Monday, 2 March 2026, nine in the morning in Boston."""
    return MovedClock(START)


@pytest_asyncio.fixture
async def database(cluster: Cluster, shared_database: str, clock: MovedClock) -> AsyncIterator[Database]:
    """The doors, as the unprivileged login."""
    doors = Database(cluster.login_url(shared_database), clock=clock, pepper=PEPPER, pool_size=5)
    yield doors
    await doors.close()


class Tenant(Struct, frozen=True, kw_only=True):
    """A fresh billing company with practices, and an owner of it all."""

    organization_id: UUID
    practice_ids: tuple[UUID, ...]
    actor: Actor

    @property
    def practice_id(self) -> UUID:
        """The first practice."""
        return self.practice_ids[0]


async def make_tenant(database: Database, practices: int = 1) -> Tenant:
    """Make a billing company with that many practices."""
    organization_id, owner = new_id(), new_id()
    practice_ids = tuple(new_id() for _ in range(practices))
    actor = Actor(
        kind="member",
        id=owner,
        organization_id=organization_id,
        name="Owner",
        scopes=(Scope(role=Role.OWNER, practice_id=None),),
        practice_ids=frozenset(practice_ids),
        action="test",
        request_id="test",
    )
    now = database.clock.now()
    async with database.organization_transaction(actor) as session:
        slug = f"org-{organization_id.hex}"
        session.add(
            Organization(organization_id=organization_id, slug=slug, name="Test Billing", created_at=now)
        )
        await session.flush()
        for number, practice_id in enumerate(practice_ids, 1):
            session.add(
                Practice(
                    organization_id=organization_id,
                    id=practice_id,
                    name=f"Practice {number}",
                    status="active",
                    created_at=now,
                )
            )
    return Tenant(organization_id=organization_id, practice_ids=practice_ids, actor=actor)


@pytest_asyncio.fixture
async def tenant(database: Database) -> Tenant:
    """A billing company with one practice."""
    return await make_tenant(database)
