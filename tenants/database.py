"""The five doors: the only ways to a row.

A door is a transaction that begins, takes on one scope role, and sets its scope as a literal
`SET LOCAL` of a validated id. The login role itself holds no privilege: without a door it is refused.
"""

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct
from sqlalchemy import case, event, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.util import greenlet_spawn

from tenants import audit
from tenants.access import Actor
from tenants.clock import Clock
from tenants.errors import DoorBypassed, NotFound
from tenants.ids import keyed_hash
from tenants.models import AuditEvent, OutboxRow, Throttle
from tenants.snapshot import Snapshot

log = logging.getLogger("visitledger.doors")
# The product has several hundred statements; the driver keeps a hundred and parses the others again.
STATEMENTS_KEPT = 500
SCOPE_STATEMENT = re.compile(r"^\s*(set|reset)\b|set_config\s*\(", re.IGNORECASE)
BARE_AUDIT = """insert into audit_events (practice_id, id, at, actor_kind, actor_id, roles, action, purpose,
    patient_ids, changes, outcome, request_id, address)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '[]', $10, $11, $12)"""

FIND_ENTRY = """select organization_id, practice_id, subject_id from directory.entries
    where kind = $1 and key_sha256 = $2"""


class Found(Struct, frozen=True, kw_only=True):
    """The scope that an opaque key stands for."""

    organization_id: UUID
    practice_id: UUID | None
    subject_id: UUID


class Due(Struct, frozen=True, kw_only=True):
    """A task that is due: ids and a date, nothing else."""

    practice_id: UUID
    id: UUID
    available_at: datetime


class Database:
    """The doors over one pool of connections."""

    def __init__(self, url: str, *, clock: Clock, pepper: bytes, pool_size: int = 10) -> None:
        self.clock = clock
        self.bypasses = 0
        self._pepper = pepper
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            hide_parameters=True,
            connect_args={"prepared_statement_cache_size": STATEMENTS_KEPT},
        )
        self._still = self.engine.execution_options(isolation_level="REPEATABLE READ")
        event.listen(self.engine.sync_engine, "before_cursor_execute", self._refuse_scope_changes)

    def key(self, kind: str, key: str) -> str:
        """The keyed hash under which the directory knows `key`."""
        return keyed_hash(self._pepper, kind, key)

    async def close(self) -> None:
        """Give every connection back to the server."""
        await self.engine.dispose()

    @asynccontextmanager
    async def practice_transaction(self, actor: Actor, practice_id: UUID) -> AsyncIterator[AsyncSession]:
        """Read and write one practice; commits, with its audit event, when the block ends well.

        Raises NotFound for a practice outside the actor's grants, as for one that does not exist.
        """
        _reach(actor, practice_id)
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            await _enter(session, "app_practice", f"SET LOCAL app.practice_id = '{UUID(str(practice_id))}'")
            audit.watch(session)
            yield session
            await audit.write_event(session, actor, practice_id, self.clock.now())

    @asynccontextmanager
    async def bare_practice_transaction(
        self, actor: Actor, practice_id: UUID, patients: set[UUID]
    ) -> AsyncIterator[asyncpg.Connection]:
        """The practice door for the few hottest reads: the driver's own connection, opened in one round trip.

        Whoever reads adds the patients to `patients`, for the audit event.
        """
        _reach(actor, practice_id)
        scope = f"app.practice_id = '{UUID(str(practice_id))}'"
        async with self._bare("app_practice", scope) as driver:
            yield driver
            values = audit.event_values(
                actor, practice_id, self.clock.now(), {"patients": patients, "changes": []}
            )
            del values["changes"]
            await driver.execute(BARE_AUDIT, *values.values())

    @asynccontextmanager
    async def bare_organization_transaction(self, organization_id: UUID) -> AsyncIterator[asyncpg.Connection]:
        """The organization door on the driver's own connection."""
        async with self._bare("app_organization", _organization_scope(organization_id)) as driver:
            yield driver

    @asynccontextmanager
    async def bare_holder_transaction(
        self, kind: str, key: str
    ) -> AsyncIterator[tuple[asyncpg.Connection, Found] | None]:
        """Who is asking, for every request: the look-up's door, then the organization's, on one connection.

        Two transactions, each with its one role: the second begins in the message that ends the first.
        """
        hashed = self.key(kind, key)
        async with self._bare("app_lookup", f"app.lookup_key = '{_checked(hashed)}'") as driver:
            entry = await driver.fetchrow(FIND_ENTRY, kind, hashed)
            if entry is None:
                yield None
                return
            found = Found(**entry)
            scope = _organization_scope(found.organization_id)
            await driver.execute(f"COMMIT; BEGIN; SET LOCAL ROLE app_organization; SET LOCAL {scope}")
            yield driver, found

    @asynccontextmanager
    async def practices_snapshot(self, actor: Actor) -> AsyncIterator[Snapshot]:
        """Read all of the actor's practices at one instant; leaves an audit event in each that was read."""
        listed = ",".join(str(UUID(str(p))) for p in sorted(actor.practice_ids))
        async with AsyncSession(self._still) as session, session.begin():
            await _enter(session, "app_practices", f"SET LOCAL app.practice_ids = '{listed}'")
            snapshot = Snapshot(session, actor)
            yield snapshot
            at = self.clock.now()
            events = [
                audit.event_values(actor, practice_id, at, {"patients": patients, "changes": []})
                for practice_id, patients in snapshot.read.items()
            ]
            if events:
                await session.execute(insert(AuditEvent), events)

    @asynccontextmanager
    async def organization_transaction(self, actor: Actor) -> AsyncIterator[AsyncSession]:
        """Read and write the organization's own tables; commits when the block ends well."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            scope = f"SET LOCAL app.organization_id = '{UUID(str(actor.organization_id))}'"
            await _enter(session, "app_organization", scope)
            audit.watch(session)
            yield session
            await audit.write_organization_event(session, actor, self.clock.now())

    async def directory_lookup(self, kind: str, key: str) -> Found | None:
        """Turn one exact opaque key into a scope, before anybody is known."""
        hashed = self.key(kind, key)
        async with self._bare("app_lookup", f"app.lookup_key = '{_checked(hashed)}'") as driver:
            entry = await driver.fetchrow(FIND_ENTRY, kind, hashed)
        return Found(**entry) if entry else None

    async def count_try(self, kind: str, key: str, *, window: timedelta) -> int:
        """Count one try of this key and say how many there were in the running window, this one included."""
        hashed, now = self.key(kind, key), self.clock.now()
        fresh = {"kind": kind, "key_sha256": hashed, "window_started_at": now, "tries": 1}
        running = Throttle.window_started_at > now - window
        counted = (
            upsert(Throttle)
            .values(fresh)
            .on_conflict_do_update(
                index_elements=["kind", "key_sha256"],
                set_={
                    "tries": case((running, Throttle.tries + 1), else_=1),
                    "window_started_at": case((running, Throttle.window_started_at), else_=now),
                },
            )
        )
        async with self._lookup(hashed) as session:
            return int((await session.execute(counted.returning(Throttle.tries))).scalar_one())

    async def due_tasks(self, limit: int = 500, *, until: datetime | None = None) -> list[Due]:
        """The relay's list: ids and dates of outbox rows that are due now, or will be by `until`."""
        columns = (OutboxRow.practice_id, OutboxRow.id, OutboxRow.available_at)
        by = until or self.clock.now()
        due = select(*columns).where(OutboxRow.done_at.is_(None), OutboxRow.available_at <= by)
        async with AsyncSession(self.engine) as session, session.begin():
            await _enter(session, "app_relay", "")
            rows = await session.execute(due.order_by(OutboxRow.available_at, OutboxRow.id).limit(limit))
            return [Due(practice_id=r[0], id=r[1], available_at=r[2]) for r in rows]

    @asynccontextmanager
    async def _lookup(self, hashed: str) -> AsyncIterator[AsyncSession]:
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            await _enter(session, "app_lookup", f"SET LOCAL app.lookup_key = '{_checked(hashed)}'")
            yield session

    @asynccontextmanager
    async def _bare(self, role: str, scope: str) -> AsyncIterator[asyncpg.Connection]:
        """A door on the driver's own connection; one that cannot be rolled back is thrown away."""
        pooled = await self.engine.raw_connection()
        try:
            driver = pooled.driver_connection
            assert driver is not None
            try:
                await driver.execute(f"BEGIN; SET LOCAL ROLE {role}; SET LOCAL {scope}")
                yield driver
                await driver.execute("COMMIT")
            except BaseException:
                try:
                    await driver.execute("ROLLBACK")
                except BaseException:
                    await greenlet_spawn(pooled.invalidate)
                    raise
                raise
        finally:
            await greenlet_spawn(pooled.close)

    def _refuse_scope_changes(
        self, _c: Any, _cursor: Any, statement: str, _p: Any, context: Any, _m: bool
    ) -> None:
        opening = context is not None and context.execution_options.get("door")
        if not opening and SCOPE_STATEMENT.search(statement):
            self.bypasses += 1
            log.error("scope_change_refused")
            raise DoorBypassed("role and scope are set by the doors only")


def _organization_scope(organization_id: UUID) -> str:
    return f"app.organization_id = '{UUID(str(organization_id))}'"


def _checked(hashed: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", hashed):
        raise ValueError("a look-up key is a hash")
    return hashed


def _reach(actor: Actor, practice_id: UUID) -> None:
    if practice_id not in actor.practice_ids:
        raise NotFound(f"no practice {practice_id}")


async def _enter(session: AsyncSession, role: str, scope: str) -> None:
    """Begin, take on the role, set the scope; the literals go in one simple-protocol message."""
    connection: AsyncConnection = await session.connection()
    await connection.exec_driver_sql(f"SET LOCAL ROLE {role}", execution_options={"door": True})
    if scope:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.execute(scope)
