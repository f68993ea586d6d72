"""Stored answers: one effect per key, however often a request is repeated or how many arrive at once."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.errors import Conflict, Invalid
from tenants.ids import new_id
from tenants.models import IdempotencyRecord, OrganizationIdempotencyRecord

RETRY_AFTER_SECONDS = 1


class RequestInFlight(Conflict):
    """Another request with this key is being worked on; ask again in `retry_after_seconds`."""

    code = "idempotency_key_in_flight"
    retry_after_seconds = RETRY_AFTER_SECONDS


class KeyUsedForAnotherRequest(Invalid):
    """This key belongs to an earlier request with another body."""

    code = "idempotency_key_reused"


class KeyRequired(Invalid):
    """This request moves money or files claims, so it must carry an Idempotency-Key."""

    code = "idempotency_key_required"


class Keyed(Struct, frozen=True, kw_only=True):
    """The scope of a key (API-02): a practice (or else the organization), a client, a method and a path."""

    organization_id: UUID
    practice_id: UUID | None
    client_id: UUID
    method: str
    path: str
    key: str
    body_sha256: str

    def table(self) -> type[IdempotencyRecord] | type[OrganizationIdempotencyRecord]:
        """Where answers of this scope are kept."""
        return OrganizationIdempotencyRecord if self.practice_id is None else IdempotencyRecord

    def columns(self) -> Mapping[str, Any]:
        """The unique key of the answer."""
        owner = (
            {"organization_id": self.organization_id}
            if self.practice_id is None
            else {"practice_id": self.practice_id}
        )
        rest = {"client_id": self.client_id, "method": self.method, "path": self.path, "key": self.key}
        return owner | rest

    def place(self) -> str:
        """Where the sealed answer belongs."""
        return "\x00".join(("idempotency", *map(str, self.columns().values())))

    def lock(self) -> int:
        """The advisory lock of this key, as a signed 64-bit number."""
        return int.from_bytes(hashlib.sha256(self.place().encode()).digest()[:8], signed=True)


class Kept(Struct, frozen=True, kw_only=True):
    """An answer given earlier; `sealed` is its body, encrypted for its place."""

    status: int
    sealed: bytes


async def recall(session: AsyncSession, keyed: Keyed) -> Kept | None:
    """Take the key for this transaction and find its earlier answer.

    Raises RequestInFlight while another transaction holds the key, and KeyUsedForAnotherRequest.
    """
    if not (await session.execute(select(func.pg_try_advisory_xact_lock(keyed.lock())))).scalar_one():
        raise RequestInFlight("a request with this key is in flight")
    table = keyed.table()
    mine = [getattr(table, name) == value for name, value in keyed.columns().items()]
    row = (
        await session.execute(select(table.body_sha256, table.status, table.answer).where(*mine))
    ).one_or_none()
    if row is None:
        return None
    if row.body_sha256 != keyed.body_sha256:
        raise KeyUsedForAnotherRequest("this key was used for another request")
    return Kept(status=row.status, sealed=row.answer)


async def remember(session: AsyncSession, keyed: Keyed, kept: Kept, now: datetime) -> None:
    """Keep the answer in the transaction of its effect: both commit or neither does."""
    values = {
        **keyed.columns(),
        "id": new_id(),
        "body_sha256": keyed.body_sha256,
        "status": kept.status,
        "answer": kept.sealed,
        "created_at": now,
    }
    await session.execute(insert(keyed.table()).values(values))
