"""The five doors on a real server, as the unprivileged login."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from tenants.database import Database
from tenants.errors import DoorBypassed, NotFound
from tenants.models import AuditEvent, DirectoryEntry, Practice
from tests.conftest import Tenant, make_tenant


async def test_practice_door_writes_an_audit_event(database: Database, tenant: Tenant) -> None:
    """Whoever passes the door leaves an event in the same transaction."""
    async with database.practice_transaction(tenant.actor, tenant.practice_id):
        pass
    async with database.practice_transaction(tenant.actor, tenant.practice_id) as session:
        events = (await session.execute(select(AuditEvent))).scalars().all()
    assert [(e.actor_id, e.action) for e in events] == [(tenant.actor.id, "test")]


async def test_a_practice_outside_the_grants_is_unknown(database: Database, tenant: Tenant) -> None:
    """Another company's practice answers as one that does not exist."""
    other = await make_tenant(database)
    with pytest.raises(NotFound):
        async with database.practice_transaction(tenant.actor, other.practice_id):
            pytest.fail("the door opened")


async def test_snapshot_reads_only_the_actors_practices(database: Database) -> None:
    """Two practices of the list are read, a third company's row is not there, and each read is audited."""
    mine, other = await make_tenant(database, 2), await make_tenant(database)
    for owner in (mine, other):
        for practice_id in owner.practice_ids:
            async with database.practice_transaction(owner.actor, practice_id):
                pass
    async with database.practices_snapshot(mine.actor) as snapshot:
        rows = await snapshot.rows(select(AuditEvent.practice_id, AuditEvent.id))
    assert {r.practice_id for r in rows} == set(mine.practice_ids)
    async with database.practice_transaction(mine.actor, mine.practice_id) as session:
        assert len((await session.execute(select(AuditEvent))).scalars().all()) == 2


async def test_directory_answers_one_exact_key(database: Database, tenant: Tenant) -> None:
    """A key that was written is found with its scope; any other is not, and nothing can be listed."""
    entry = DirectoryEntry(
        kind="payee",
        key_sha256=database.key("payee", f"payee-{tenant.practice_id}"),
        organization_id=tenant.organization_id,
        practice_id=tenant.practice_id,
        subject_id=tenant.practice_id,
    )
    async with database.practice_transaction(tenant.actor, tenant.practice_id) as session:
        session.add(entry)
    found = await database.directory_lookup("payee", f"payee-{tenant.practice_id}")
    assert found is not None
    assert found.practice_id == tenant.practice_id
    assert await database.directory_lookup("payee", "another") is None


async def test_tries_are_counted_within_their_window(database: Database, clock: object) -> None:
    """The third try in a window is the third; after the window it is the first again."""
    window = timedelta(minutes=15)
    counts = [await database.count_try("email", "a@example.test", window=window) for _ in range(3)]
    assert counts == [1, 2, 3]
    database.clock.advance(timedelta(minutes=16))  # type: ignore[attr-defined]
    assert await database.count_try("email", "a@example.test", window=window) == 1


@pytest.mark.req("CORE-03", "ISO-04")
async def test_without_a_door_the_login_is_refused(database: Database, tenant: Tenant) -> None:
    """No page of zero rows: an error."""
    async with database.engine.connect() as connection:
        with pytest.raises(ProgrammingError, match="permission denied"):
            await connection.execute(select(Practice))


@pytest.mark.req("ISO-04")
async def test_scope_cannot_be_changed_inside_a_door(database: Database, tenant: Tenant) -> None:
    """A changed practice in a savepoint, a reset role, a set_config: each is an exception and counted."""
    other = await make_tenant(database)
    attacks = (
        f"SET LOCAL app.practice_id = '{other.practice_id}'",
        "RESET ROLE",
        f"select set_config('app.practice_id', '{other.practice_id}', true)",
    )
    for attack in attacks:
        door = database.practice_transaction(tenant.actor, tenant.practice_id)
        async with door as session, session.begin_nested():
            with pytest.raises(DoorBypassed):
                await session.execute(text(attack))
    assert database.bypasses == 3
