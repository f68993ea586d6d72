"""Rows of any table, built from the catalog: values by type, parents first, unique columns filled."""

import json
import secrets
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from tenants.ids import new_id

COLUMNS = """select c.oid::regclass::text as table, a.attname as column, t.typname as type,
    a.attnotnull as needed, a.atthasdef as has_default
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    where n.nspname in ('public', 'directory') and c.relkind in ('r', 'p') and c.relname <> 'alembic_version'
    order by 1, a.attnum"""
KEYS = """select con.conname as name, con.conrelid::regclass::text as child,
    con.confrelid::regclass::text as parent,
    (select array_agg(a.attname::text order by k.n) from unnest(con.conkey) with ordinality k(c, n)
        join pg_attribute a on a.attrelid = con.conrelid and a.attnum = k.c) as columns,
    (select array_agg(a.attname::text order by k.n) from unnest(con.confkey) with ordinality k(c, n)
        join pg_attribute a on a.attrelid = con.confrelid and a.attnum = k.c) as referenced
    from pg_constraint con where con.contype = 'f' and con.conparentid = 0
    and con.connamespace in ('public'::regnamespace, 'directory'::regnamespace) order by 2, 1"""
UNIQUE = """select i.indrelid::regclass::text as table, i.indexrelid::regclass::text as name,
    (select array_agg(a.attname::text) from pg_attribute a
        where a.attrelid = i.indrelid and a.attnum = any (i.indkey::int2[])) as columns
    from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
    where i.indisunique and n.nspname in ('public', 'directory') and c.relname <> 'alembic_version'"""
Row = dict[str, Any]
ROOTS = ("practice_id", "organization_id")


class Column(Struct, frozen=True, kw_only=True):
    """A column as the catalog knows it."""

    name: str
    type: str
    needed: bool


class Key(Struct, frozen=True, kw_only=True):
    """A foreign key; `columns` of `child` name `referenced` of `parent`."""

    name: str
    child: str
    parent: str
    columns: tuple[str, ...]
    referenced: tuple[str, ...]

    @property
    def own(self) -> tuple[tuple[str, str], ...]:
        """The pairs besides the tenant's own column: what a child chooses."""
        return tuple(pair for pair in zip(self.columns, self.referenced, strict=True) if pair[0] not in ROOTS)


class Tenant(Struct, frozen=True, kw_only=True):
    """Whose row it is."""

    organization_id: UUID
    practice_id: UUID


class Rows:
    """Builds and inserts rows as whoever the connection is."""

    def __init__(
        self,
        connection: asyncpg.Connection,
        columns: dict[str, list[Column]],
        keys: list[Key],
        unique: dict[str, set[str]],
    ) -> None:
        self.connection = connection
        self.columns = columns
        self.keys = keys
        self._unique = unique

    def tables(self, root: str) -> list[str]:
        """The tables of this owner column; organization tables are those without a practice."""
        names = {t: {c.name for c in cs} for t, cs in self.columns.items() if "." not in t}
        if root == "practice_id":
            return [t for t, has in names.items() if root in has]
        return [t for t, has in names.items() if root in has and "practice_id" not in has]

    async def tenant(self) -> Tenant:
        """A new billing company with one practice."""
        made = Tenant(organization_id=new_id(), practice_id=new_id())
        for table in ("organizations", "practices"):
            await self.insert(table, await self.build(table, made, {"id": made.practice_id}))
        return made

    async def build(self, table: str, tenant: Tenant, fixed: Row | None = None) -> Row:
        """The values of a row of this tenant; the parents that it needs are inserted."""
        row: Row = {}
        for column in self.columns[table]:
            if column.name in (fixed or {}):
                row[column.name] = (fixed or {})[column.name]
            elif column.name in ROOTS:
                row[column.name] = getattr(tenant, column.name)
        for key in self.keys:
            wanted = {c for c, _ in key.own} & (self._needed(table) - row.keys())
            if key.child == table and wanted:
                await self._adopt(row, key, tenant)
        for column in self.columns[table]:
            if column.name in self._needed(table) and column.name not in row:
                row[column.name] = value(column.type)
        return row

    async def add(self, table: str, tenant: Tenant, fixed: Row | None = None) -> Row:
        """Build a row and insert it."""
        row = await self.build(table, tenant, fixed)
        await self.insert(table, row)
        return row

    async def insert(self, table: str, row: Row) -> None:
        """Insert these values as they are."""
        names, places = ", ".join(map(quoted, row)), ", ".join(f"${n}" for n in range(1, len(row) + 1))
        await self.connection.execute(f"insert into {table} ({names}) values ({places})", *row.values())

    async def _adopt(self, row: Row, key: Key, tenant: Tenant) -> None:
        """Insert a parent that agrees with what the child already says, and point the child at it."""
        known = {r: row[c] for c, r in key.own if c in row}
        if key.parent == key.child:
            known |= {c: None for c, _ in key.own if c not in known}  # the chain ends with the parent
        parent = await self.add(key.parent, tenant, known)
        row.update({c: parent[r] for c, r in key.own})

    def _needed(self, table: str) -> set[str]:
        named = {c.name for c in self.columns[table] if c.needed}
        return named | self._unique.get(table, set())


def quoted(name: str) -> str:
    """A column's name where `at` or `key` might be read as a word of the language."""
    return f'"{name}"'


def value(kind: str) -> Any:
    """Some value of a type, different each time where the type allows it."""
    number = secrets.randbelow(1_000_000) + 1
    made: dict[str, Any] = {
        "uuid": new_id(),
        "text": secrets.token_hex(8),
        "int8": number,
        "int4": number,
        "int2": 1,
        "bool": True,
        "date": date(2026, 3, 2),
        "timestamptz": datetime(2026, 3, 2, tzinfo=UTC),
        "bytea": secrets.token_bytes(8),
        "jsonb": json.dumps({}),
        "_text": [secrets.token_hex(4)],
        "_uuid": [new_id()],
        "_int8": [number],
        "_date": [date(2026, 3, 2)],
    }
    return made[kind]


async def read_rows(connection: asyncpg.Connection) -> Rows:
    """A builder that knows this database's tables."""
    columns: dict[str, list[Column]] = {}
    for c in await connection.fetch(COLUMNS):
        columns.setdefault(c["table"], []).append(
            Column(name=c["column"], type=c["type"], needed=c["needed"] and not c["has_default"])
        )
    keys = [
        Key(name=k[0], child=k[1], parent=k[2], columns=tuple(k[3]), referenced=tuple(k[4]))
        for k in await connection.fetch(KEYS)
    ]
    unique: dict[str, set[str]] = {}
    for u in await connection.fetch(UNIQUE):
        unique.setdefault(u["table"], set()).update(u["columns"])
    return Rows(connection, columns, keys, unique)
