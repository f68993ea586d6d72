"""Who is asking: a token becomes its holder and its grants, read afresh for every request."""

from datetime import timedelta
from uuid import UUID

import asyncpg
from msgspec import Struct

from tenants.access import Actor, Role, Scope
from tenants.database import Database, Found
from tenants.errors import Unauthenticated

IDLE_LIMIT = timedelta(minutes=30)
SEEN_EVERY = timedelta(minutes=1)
SIGN_IN = "sign_in"
API_KEY = "api_key"
KEY_PREFIX = "vl"
READ_SIGN_IN = """select m.id as holder, m.name, s.last_seen_at, s.csrf_token,
    array(select (g.role, g.granted_practice_id, g.provider_id) from grants g where g.organization_id = $1
        and g.holder_id = m.id and (g.ends_at is null or g.ends_at > $3)) as scopes,
    array(select p.id from practices p where p.organization_id = $1) as practices
    from sign_ins s join members m on m.organization_id = s.organization_id and m.id = s.member_id
    where s.organization_id = $1 and s.id = $2 and s.revoked_at is null and s.expires_at > $3
    and s.last_seen_at > $4 and m.status = 'active'"""
READ_API_KEY = """select k.id as holder, k.name,
    array(select (g.role, g.granted_practice_id, g.provider_id) from grants g where g.organization_id = $1
        and g.holder_id = k.id and (g.ends_at is null or g.ends_at > $3)) as scopes,
    array(select p.id from practices p where p.organization_id = $1) as practices
    from api_keys k
    where k.organization_id = $1 and k.id = $2 and k.revoked_at is null and k.expires_at > $3"""
SEEN = """update sign_ins set last_seen_at = $3
    where organization_id = $1 and id = $2 and last_seen_at < $3"""


class Request(Struct, frozen=True, kw_only=True):
    """What of a request goes into its Actor."""

    action: str
    request_id: str
    address: str


class Identity(Struct, frozen=True, kw_only=True):
    """An Actor and by what it was recognised; API keys have no `csrf_token`, as browsers never send them."""

    actor: Actor
    credential_kind: str
    credential_id: UUID
    csrf_token: str


async def recognise_sign_in(database: Database, token: str, request: Request) -> Identity:
    """The member behind a browser's token; raises Unauthenticated when it is unknown, old or revoked."""
    now = database.clock.now()
    async with database.bare_holder_transaction(SIGN_IN, token) as opened:
        driver, found = _known(opened)
        key = (found.organization_id, found.subject_id, now)
        row = await driver.fetchrow(READ_SIGN_IN, *key, now - IDLE_LIMIT)
        if row is None:
            raise Unauthenticated("sign in again")
        if now - row["last_seen_at"] >= SEEN_EVERY:
            await driver.execute(SEEN, *key)
    actor = _actor("member", found.organization_id, row, request)
    return Identity(
        actor=actor, credential_kind=SIGN_IN, credential_id=found.subject_id, csrf_token=row["csrf_token"]
    )


async def recognise_api_key(database: Database, token: str, request: Request) -> Identity:
    """The program behind an API key; raises Unauthenticated when it is unknown, expired or revoked."""
    async with database.bare_holder_transaction(API_KEY, token) as opened:
        driver, found = _known(opened)
        key = (found.organization_id, found.subject_id, database.clock.now())
        row = await driver.fetchrow(READ_API_KEY, *key)
    if row is None:
        raise Unauthenticated("this key is not valid")
    actor = _actor("api_key", found.organization_id, row, request)
    return Identity(actor=actor, credential_kind=API_KEY, credential_id=found.subject_id, csrf_token="")


def _known(opened: tuple[asyncpg.Connection, Found] | None) -> tuple[asyncpg.Connection, Found]:
    if opened is None:
        raise Unauthenticated("nobody is known behind this request")
    return opened


def _actor(kind: str, organization_id: UUID, row: asyncpg.Record, request: Request) -> Actor:
    scopes = tuple(
        Scope(role=Role(role), practice_id=practice_id, provider_id=provider_id)
        for role, practice_id, provider_id in row["scopes"]
    )
    everywhere = any(scope.practice_id is None for scope in scopes)
    granted = {scope.practice_id for scope in scopes}
    return Actor(
        kind=kind,
        id=row["holder"],
        organization_id=organization_id,
        name=row["name"],
        scopes=scopes,
        practice_ids=frozenset(p for p in row["practices"] if everywhere or p in granted),
        action=request.action,
        request_id=request.request_id,
        address=request.address,
    )
