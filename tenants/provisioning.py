"""Making billing companies, practices, members, grants and API keys, each with its directory entry."""

import re
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.access import Actor, Role, system_actor
from tenants.database import Database
from tenants.errors import Conflict, Invalid, NotFound
from tenants.identity import API_KEY, KEY_PREFIX
from tenants.ids import new_id, new_token
from tenants.models import ApiKey, DirectoryEntry, Grant, Member, Organization, Practice
from tenants.sign_in import revoke_member

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,60}[a-z0-9])")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
LONGEST_KEY_LIFE = timedelta(days=366)


class SlugTaken(Conflict):
    """Another billing company has this name in its addresses."""

    code = "slug_taken"


class MemberAlreadyExists(Conflict):
    """Somebody with this e-mail address is a member already."""

    code = "member_already_exists"


class NewKey(Struct, frozen=True, kw_only=True):
    """A fresh API key; `key` is shown now and never again."""

    id: UUID
    key: str
    expires_at: datetime


async def create_organization(database: Database, *, slug: str, name: str) -> UUID:
    """Make a billing company that can be signed in to under `/o/{slug}/`; raises SlugTaken or Invalid.

    It opens its own transaction: before it, there is nobody who could pass the organization's door.
    """
    if not SLUG.fullmatch(slug):
        raise Invalid("a slug has 3 to 62 letters, digits or hyphens", pointer="/slug")
    if await database.directory_lookup("slug", slug) is not None:
        raise SlugTaken("this name is taken", pointer="/slug")
    organization_id = new_id()
    founding = system_actor(organization_id, "create organization")
    async with database.organization_transaction(founding) as session:
        now = database.clock.now()
        session.add(Organization(organization_id=organization_id, slug=slug, name=name, created_at=now))
        await session.flush()
        session.add(
            DirectoryEntry(
                kind="slug",
                key_sha256=database.key("slug", slug),
                organization_id=organization_id,
                subject_id=organization_id,
            )
        )
    return organization_id


async def create_practice(session: AsyncSession, organization_id: UUID, *, name: str, now: datetime) -> UUID:
    """Make a client practice; its own settings are the practice's and are made behind its own door."""
    practice = Practice(
        organization_id=organization_id, id=new_id(), name=name, status="active", created_at=now
    )
    session.add(practice)
    await session.flush()
    return practice.id


async def create_member(
    session: AsyncSession,
    organization_id: UUID,
    *,
    email: str,
    name: str,
    password_hash: str | None,
    now: datetime,
) -> UUID:
    """Make a member, who can do nothing before a grant; raises MemberAlreadyExists or Invalid."""
    email = email.strip().lower()
    if not EMAIL.fullmatch(email):
        raise Invalid("this is no e-mail address", pointer="/email")
    known = select(Member.id).where(Member.organization_id == organization_id, Member.email == email)
    if (await session.execute(known)).first() is not None:
        raise MemberAlreadyExists("this address belongs to a member", pointer="/email")
    member = Member(
        organization_id=organization_id,
        id=new_id(),
        email=email,
        name=name,
        password_hash=password_hash,
        status="active",
        created_at=now,
    )
    session.add(member)
    await session.flush()
    return member.id


async def set_member_status(
    session: AsyncSession,
    organization_id: UUID,
    member_id: UUID,
    status: Literal["active", "disabled"],
    now: datetime,
) -> None:
    """Let a member in or lock them out; locking out ends every sign-in at once. Raises NotFound."""
    mine = select(Member).where(Member.organization_id == organization_id, Member.id == member_id)
    member = (await session.execute(mine.with_for_update())).scalar_one_or_none()
    if member is None:
        raise NotFound(f"no member {member_id}")
    member.status = status
    if status == "disabled":
        await revoke_member(session, organization_id, member_id, now)


async def grant(
    session: AsyncSession,
    actor: Actor,
    *,
    holder_id: UUID,
    role: Role,
    practice_id: UUID | None,
    now: datetime,
    provider_id: UUID | None = None,
    ends_at: datetime | None = None,
) -> UUID:
    """Give a member or an API key a role in one practice, or in all when `practice_id` is None.

    Raises NotFound for a holder or a practice that is not of the actor's organization.
    """
    await _must_exist(session, actor.organization_id, holder_id, practice_id)
    given = Grant(
        organization_id=actor.organization_id,
        id=new_id(),
        holder_id=holder_id,
        role=role.value,
        granted_practice_id=practice_id,
        provider_id=provider_id,
        granted_at=now,
        granted_by=actor.id,
        ends_at=ends_at,
    )
    session.add(given)
    await session.flush()
    return given.id


async def end_grant(session: AsyncSession, organization_id: UUID, grant_id: UUID, now: datetime) -> None:
    """Take a role away from the next request on; raises NotFound."""
    mine = select(Grant).where(Grant.organization_id == organization_id, Grant.id == grant_id)
    given = (await session.execute(mine.with_for_update())).scalar_one_or_none()
    if given is None:
        raise NotFound(f"no grant {grant_id}")
    given.ends_at = now


async def create_api_key(
    session: AsyncSession, database: Database, actor: Actor, *, name: str, expires_at: datetime, now: datetime
) -> NewKey:
    """Make a key that can do nothing before a grant; raises Invalid for a life beyond a year."""
    if not now < expires_at <= now + LONGEST_KEY_LIFE:
        raise Invalid("a key lives at most a year", pointer="/expires_at")
    key = new_token(KEY_PREFIX)
    row = ApiKey(
        organization_id=actor.organization_id,
        id=new_id(),
        name=name,
        created_at=now,
        created_by=actor.id,
        expires_at=expires_at,
    )
    session.add(row)
    await session.flush()
    session.add(
        DirectoryEntry(
            kind=API_KEY,
            key_sha256=database.key(API_KEY, key),
            organization_id=actor.organization_id,
            subject_id=row.id,
        )
    )
    return NewKey(id=row.id, key=key, expires_at=expires_at)


async def revoke_api_key(session: AsyncSession, organization_id: UUID, key_id: UUID, now: datetime) -> None:
    """End a key from the next request on; raises NotFound."""
    mine = select(ApiKey).where(ApiKey.organization_id == organization_id, ApiKey.id == key_id)
    key = (await session.execute(mine.with_for_update())).scalar_one_or_none()
    if key is None:
        raise NotFound(f"no API key {key_id}")
    key.revoked_at = key.revoked_at or now


async def _must_exist(
    session: AsyncSession, organization_id: UUID, holder_id: UUID, practice_id: UUID | None
) -> None:
    holders = (
        select(Member.id)
        .where(Member.organization_id == organization_id, Member.id == holder_id)
        .union_all(select(ApiKey.id).where(ApiKey.organization_id == organization_id, ApiKey.id == holder_id))
    )
    if (await session.execute(holders)).first() is None:
        raise NotFound(f"no member or API key {holder_id}", pointer="/holder_id")
    if practice_id is None:
        return
    practices = select(Practice.id).where(
        Practice.organization_id == organization_id, Practice.id == practice_id
    )
    if (await session.execute(practices)).first() is None:
        raise NotFound(f"no practice {practice_id}", pointer="/practice_id")
