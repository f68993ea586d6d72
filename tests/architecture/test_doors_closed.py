"""The scope ends with its transaction, and the check that says so is not blind."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from tenants import database as doors
from tenants.clock import MovedClock
from tenants.database import Database
from tests.conftest import PEPPER, START, Cluster, Tenant, make_tenant
from tests.pooled import left_behind


@pytest.fixture
def single(cluster: Cluster, shared_database: str) -> Database:
    """The doors over one single connection, so that whoever comes next gets the same one."""
    return Database(cluster.login_url(shared_database), clock=MovedClock(START), pepper=PEPPER, pool_size=1)


async def through_every_door(database: Database, tenant: Tenant) -> None:
    """Open and close each door once."""
    async with database.practice_transaction(tenant.actor, tenant.practice_id):
        pass
    async with database.bare_practice_transaction(tenant.actor, tenant.practice_id, set()):
        pass
    async with database.bare_organization_transaction(tenant.organization_id):
        pass
    async with database.practices_snapshot(tenant.actor):
        pass
    async with database.organization_transaction(tenant.actor):
        pass
    await database.directory_lookup("sign_in", "nobody")
    await database.due_tasks()


@pytest.mark.req("ISO-03")
async def test_nothing_of_a_door_stays_on_its_connection(single: Database) -> None:
    """One connection: after a request, a query without a door is refused, and no setting is left."""
    tenant = await make_tenant(single)
    await through_every_door(single, tenant)
    assert await left_behind(single) == []
    async with single.engine.connect() as connection:
        with pytest.raises(ProgrammingError, match="permission denied"):
            await connection.execute(text("select * from patients"))
    await single.close()


@pytest.mark.req("ISO-03")
async def test_a_failed_request_leaves_nothing_either(single: Database) -> None:
    """Errors in the block, in the statement and at the commit end the scope as well."""
    tenant = await make_tenant(single)
    for door in (
        single.practice_transaction(tenant.actor, tenant.practice_id),
        single.organization_transaction(tenant.actor),
    ):
        with pytest.raises(ZeroDivisionError):
            async with door:
                raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError):
        async with single.bare_organization_transaction(tenant.organization_id):
            raise ZeroDivisionError
    assert await left_behind(single) == []
    await single.close()


@pytest.mark.req("ISO-03")
async def test_a_session_wide_set_would_be_noticed(single: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant that says SET instead of SET LOCAL leaves its practice behind, and the check sees it."""
    tenant = await make_tenant(single)
    enter = doors._enter

    async def mutant(session: AsyncSession, role: str, scope: str) -> None:
        await enter(session, role, scope.replace("SET LOCAL", "SET"))

    monkeypatch.setattr(doors, "_enter", mutant)
    async with single.practice_transaction(tenant.actor, tenant.practice_id):
        pass
    assert await left_behind(single) == [("app.practice_id", str(tenant.practice_id))]
    await single.close()
