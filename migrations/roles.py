"""The roles of the cluster: an owner that migrates, a login without any privilege, and the scope roles."""

from typing import Protocol

OWNER = "visitledger_owner"
LOGIN = "visitledger"
SCOPES = ("app_practice", "app_practices", "app_organization", "app_lookup", "app_relay")
TIMEOUTS = {"statement_timeout": "60s", "lock_timeout": "10s", "idle_in_transaction_session_timeout": "60s"}


class Executor(Protocol):
    """What runs a statement: an asyncpg connection."""

    async def execute(self, query: str, *args: object) -> object:
        """Run one statement."""
        ...

    async def fetchval(self, query: str, *args: object) -> object:
        """Run one query and return its first value."""
        ...


async def ensure_roles(connection: Executor, login_password: str) -> None:
    """Make the roles where they are missing; for a superuser or a role that may create roles."""
    for role in (OWNER, LOGIN, *SCOPES):
        if not await connection.fetchval("select 1 from pg_roles where rolname = $1", role):
            await connection.execute(f"create role {role} nologin noinherit")
    # PostgreSQL 15 gives the owner its database's schema only through an inherited membership.
    await connection.execute(f"alter role {OWNER} inherit")
    literal = await connection.fetchval("select quote_literal($1::text)", login_password)
    await connection.execute(f"alter role {LOGIN} login noinherit password {literal}")
    for setting, value in TIMEOUTS.items():
        await connection.execute(f"alter role {LOGIN} set {setting} = '{value}'")
    for scope in SCOPES:
        await connection.execute(f"grant {scope} to {LOGIN}")


async def ensure_database(connection: Executor, name: str) -> bool:
    """Make the database under the owner where it is missing; returns whether it was made."""
    if await connection.fetchval("select 1 from pg_database where datname = $1", name):
        return False
    await connection.execute(f'create database "{name}" owner {OWNER}')
    return True


async def drop_database(connection: Executor, name: str) -> None:
    """Drop the database if it is there, whoever is connected to it; its roles stay."""
    await connection.execute(f'drop database if exists "{name}" with (force)')
