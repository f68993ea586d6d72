"""Two practices side by side in every table: no reference, no read, no write from one to the other."""

import asyncpg
import pytest

from tests.architecture.rows import ROOTS, Key, Row, Rows, Tenant, quoted

REFUSED = (asyncpg.InsufficientPrivilegeError,)


def pairs(rows: Rows) -> list[Key]:
    """The foreign keys by which one tenant's row could name another's: all but those to the tenant itself."""
    return [key for key in rows.keys if key.own]


@pytest.mark.req("CORE-02", "ISO-09")
async def test_no_row_can_name_another_tenants_row(rows: Rows) -> None:
    """By every foreign key: within works, across is refused by the key itself, even to the superuser."""
    ours, theirs = await rows.tenant(), await rows.tenant()
    proven = 0
    for key in pairs(rows):
        mine, foreign = await rows.add(key.parent, ours), await rows.add(key.parent, theirs)
        good = await rows.build(key.child, ours, {c: mine[r] for c, r in key.own})
        await rows.insert(key.child, good)
        across = {c: foreign[r] for c, r in key.own}
        bad = await rows.build(key.child, ours, across)
        with pytest.raises(asyncpg.ForeignKeyViolationError) as refused:
            await rows.insert(key.child, bad)
        assert refused.value.sqlstate == "23503"
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await point(rows, key, good, across)
        proven += 1
    assert proven >= 60


async def point(rows: Rows, key: Key, row: Row, across: Row) -> None:
    """Change an existing row so that it names other rows."""
    identity = [c for c in ("practice_id", "organization_id", "id", "kind", "key_sha256") if c in row]
    sets = ", ".join(f"{quoted(c)} = ${n}" for n, c in enumerate(across, 1))
    where = " and ".join(f"{quoted(c)} = ${n}" for n, c in enumerate(identity, 1 + len(across)))
    change = f"update {key.child} set {sets} where {where}"
    await rows.connection.execute(change, *across.values(), *(row[c] for c in identity))


@pytest.mark.req("ISO-09")
async def test_the_same_values_fit_into_two_tenants(rows: Rows) -> None:
    """A row of every table, copied by value into another tenant, meets no unique index; both directions."""
    for _ in range(2):
        ours, theirs = await rows.tenant(), await rows.tenant()
        for root in ROOTS:
            for table in rows.tables(root):
                if table not in ("organizations", "practices"):
                    await copy_over(rows, table, ours, theirs)


async def copy_over(rows: Rows, table: str, ours: Tenant, theirs: Tenant) -> Row:
    """Build a row with its parents here, and the same values there; only the tenant's own column differs."""
    row = await rows.add(table, ours)
    await mirror(rows, table, row, ours, theirs)
    return row


async def mirror(rows: Rows, table: str, row: Row, ours: Tenant, theirs: Tenant) -> None:
    """Insert the same values for the other tenant, parents first."""
    copied = {c: getattr(theirs, c) if c in ROOTS else v for c, v in row.items()}
    for key in rows.keys:
        if key.child == table and key.own and all(row.get(c) is not None for c, _ in key.own):
            await mirror_parent(rows, key, row, ours, theirs)
    await rows.insert(table, copied)


async def mirror_parent(rows: Rows, key: Key, row: Row, ours: Tenant, theirs: Tenant) -> None:
    """Fetch the parent that the row names and copy it, unless an earlier copy is there."""
    root = "practice_id" if "practice_id" in key.columns else "organization_id"
    where = " and ".join(f"{quoted(r)} = ${n}" for n, (_, r) in enumerate(key.own, 2))
    find = f"select * from {key.parent} where {quoted(root)} = $1 and {where}"
    named = [row[c] for c, _ in key.own]
    if await rows.connection.fetchrow(find, getattr(theirs, root), *named) is None:
        parent = await rows.connection.fetchrow(find, getattr(ours, root), *named)
        await mirror(rows, key.parent, dict(parent), ours, theirs)


@pytest.mark.req("CORE-03")
async def test_a_scope_role_sees_and_writes_its_own_practice_only(
    rows: Rows, login: asyncpg.Connection
) -> None:
    """Every table, as the login in the practice's role: own rows seen, foreign ones not seen nor written."""
    ours, theirs = await rows.tenant(), await rows.tenant()
    for table in rows.tables("practice_id"):
        mine, foreign = await rows.add(table, ours), await rows.add(table, theirs)
        more = await rows.build(table, theirs)
        own = f"SET LOCAL ROLE app_practice; SET LOCAL app.practice_id = '{ours.practice_id}'"
        async with login.transaction():
            await login.execute(own)
            seen = await login.fetch(f"select practice_id, id from {table}")
            assert {r["practice_id"] for r in seen} == {ours.practice_id}, table
            assert mine["id"] in {r["id"] for r in seen}
            assert await login.fetch(f"select 1 from {table} where id = $1", foreign["id"]) == [], table
        for scope in (own, "SET LOCAL ROLE app_practice"):
            await writes_nothing(login, scope, table, foreign, more)
        async with login.transaction():
            await login.execute("SET LOCAL ROLE app_practice")
            assert await login.fetch(f"select 1 from {table}") == [], table


async def writes_nothing(login: asyncpg.Connection, scope: str, table: str, foreign: Row, more: Row) -> None:
    """Changing or deleting a foreign row touches nothing or is refused; inserting one is refused."""
    for change in (
        f"update {table} set practice_id = practice_id where practice_id = $1 and id = $2",
        f"delete from {table} where practice_id = $1 and id = $2",
    ):
        try:
            async with login.transaction():
                await login.execute(scope)
                done = await login.execute(change, foreign["practice_id"], foreign["id"])
        except REFUSED:
            continue
        assert done.endswith(" 0"), (table, done)
    with pytest.raises(REFUSED):
        await insert_as(login, scope, table, more)


async def insert_as(login: asyncpg.Connection, scope: str, table: str, row: Row) -> None:
    """Insert a row behind a door."""
    names, places = ", ".join(map(quoted, row)), ", ".join(f"${n}" for n in range(1, len(row) + 1))
    async with login.transaction():
        await login.execute(scope)
        await login.execute(f"insert into {table} ({names}) values ({places})", *row.values())


@pytest.mark.req("CORE-03")
async def test_without_a_door_every_table_is_refused(rows: Rows, login: asyncpg.Connection) -> None:
    """The login as it connects: 42501 on every table, the directory included."""
    for table in rows.columns:
        with pytest.raises(asyncpg.InsufficientPrivilegeError) as refused:
            await login.fetch(f"select 1 from {table}")
        assert refused.value.sqlstate == "42501"
