"""What a process proves before it serves: that its login can do nothing without a door (ISO-02)."""

from uuid import UUID

import asyncpg
from msgspec import Struct

from tenants.ids import new_id

SCOPES = ("app_practice", "app_practices", "app_organization", "app_lookup", "app_relay")
PLAIN_ROLE = """select r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolreplication, r.rolcreatedb
    from pg_roles r where r.rolname = current_user"""
OWNED = """select distinct pg_get_userbyid(c.relowner) from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'directory') and c.relkind in ('r', 'p')
    and pg_has_role(current_user, c.relowner, 'MEMBER')"""
INHERITED = """select r.rolname from pg_roles r
    where r.rolname = any ($1::text[]) and pg_has_role(current_user, r.oid, 'USAGE')"""
MISSING = """select wanted from unnest($1::text[]) wanted
    where not exists (select 1 from pg_roles r
        where r.rolname = wanted and pg_has_role(current_user, r.oid, 'MEMBER'))"""
PRIVILEGED = """select n.nspname || '.' || c.relname from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'directory') and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and (has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
        or has_table_privilege(c.oid, 'DELETE, TRUNCATE, TRIGGER'))
    order by 1 limit 3"""
CANARY_EVENT = """insert into audit_events (practice_id, id, at, actor_kind, actor_id, roles, action, purpose,
    patient_ids, changes, outcome, request_id, address)
    values ($1, $2, now(), 'system', $2, '{}', 'canary', 'operations', '{}', '[]', 'done', 'boot', '')"""


class UnsafeLogin(Exception):
    """The database login could see more than a door shows; the process must not start."""


class Booted(Struct, frozen=True, kw_only=True):
    """What the proof saw; `server_version_num` is judged against the patch floors by the caller."""

    server_version_num: int


async def prove_login(dsn: str) -> Booted:
    """Look at the login of `dsn` and try it out; raises UnsafeLogin with every reason."""
    connection = await asyncpg.connect(dsn, timeout=15)
    try:
        faults = [*await _role_faults(connection), *await _privilege_faults(connection)]
        if not faults:
            faults = await _attempts(connection)
        if faults:
            raise UnsafeLogin("; ".join(faults))
        version = await connection.fetchval("show server_version_num")
        return Booted(server_version_num=int(version))
    finally:
        await connection.close()


async def _role_faults(connection: asyncpg.Connection) -> list[str]:
    role = await connection.fetchrow(PLAIN_ROLE)
    said = {
        "rolsuper": "is a superuser",
        "rolbypassrls": "bypasses row-level security",
        "rolcreaterole": "may make roles",
        "rolreplication": "may replicate",
        "rolcreatedb": "may make databases",
    }
    faults = [f"the login {words}" for column, words in said.items() if role[column]]
    if not role["rolsuper"]:
        owners = await connection.fetch(OWNED)
        faults += [f"the login owns the tables, or is a member of their owner {row[0]}" for row in owners]
    return faults


async def _privilege_faults(connection: asyncpg.Connection) -> list[str]:
    inherited = await connection.fetch(INHERITED, list(SCOPES))
    faults = [f"the login inherits the scope role {row[0]}" for row in inherited]
    missing = await connection.fetch(MISSING, list(SCOPES))
    faults += [f"the login lacks the scope role {row[0]}" for row in missing]
    seen = await connection.fetch(PRIVILEGED)
    return faults + [f"the login has a privilege of its own on {row[0]}" for row in seen]


async def _attempts(connection: asyncpg.Connection) -> list[str]:
    """Try it: refused without a door, and a canary practice's row invisible behind another's door."""
    try:
        await connection.fetch("select 1 from audit_events limit 1")
    except asyncpg.InsufficientPrivilegeError:
        pass
    else:
        return ["the login reads a practice's table without a door"]
    canary, other = new_id(), new_id()
    transaction = connection.transaction()
    await transaction.start()
    try:
        return await _canary_faults(connection, canary, other)
    finally:
        await transaction.rollback()


async def _canary_faults(connection: asyncpg.Connection, canary: UUID, other: UUID) -> list[str]:
    await connection.execute(f"SET LOCAL ROLE app_organization; SET LOCAL app.organization_id = '{canary}'")
    await connection.execute(
        "insert into organizations (organization_id, slug, name, created_at) "
        "values ($1, $2, 'Canary', now())",
        canary,
        f"canary-{canary}",
    )
    for practice_id in (canary, other):
        await connection.execute(
            "insert into practices (organization_id, id, name, status, created_at) "
            "values ($1, $2, 'Canary', 'active', now())",
            canary,
            practice_id,
        )
    await _behind(connection, canary)
    await connection.execute(CANARY_EVENT, canary, new_id())
    faults = []
    if await _canaries(connection, canary) != 1:
        faults.append("a practice does not see its own row")
    await _behind(connection, other)
    if await _canaries(connection, canary) != 0:
        faults.append("a canary practice's row is visible behind another practice's door")
    await connection.execute("SET LOCAL app.practice_id = ''")
    if await _canaries(connection, canary) != 0:
        faults.append("a canary practice's row is visible without a practice")
    return faults


async def _behind(connection: asyncpg.Connection, practice_id: UUID) -> None:
    await connection.execute(f"SET LOCAL ROLE app_practice; SET LOCAL app.practice_id = '{practice_id}'")


async def _canaries(connection: asyncpg.Connection, canary: UUID) -> int:
    seen = "select count(*) from audit_events where practice_id = $1"
    return int(await connection.fetchval(seen, canary))
