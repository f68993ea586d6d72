"""The billing company's own: its practices, members, grants and API keys."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.publishing import PUBLISHING
from api.services import Services
from api.v1.routers import organization_routes
from tenants import organizations, provisioning
from tenants.access import Actor, Permission, Role
from tenants.organizations import GrantView, MemberView, PracticeView

MANAGE = {"permission": Permission.ORGANIZATION_MANAGE}
READ = {"permission": Permission.ORGANIZATION_READ}
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Instant = Annotated[datetime, Meta(tz=True)]


class NewPractice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A client practice to serve."""

    name: Name


class NewMember(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who will sign in; the password has at least 15 characters."""

    email: Annotated[str, Meta(max_length=255)]
    name: Name
    password: str


class MemberStatus(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a member may sign in."""

    status: Literal["active", "disabled"]


class NewGrant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A role for a member or an API key, in one practice or, when null, in all."""

    holder_id: UUID
    role: Role
    practice_id: UUID | None
    provider_id: UUID | None = None
    ends_at: Instant | None = None


class NewApiKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A credential for a program; it lives at most a year."""

    name: Name
    expires_at: Instant


class Created(Struct, frozen=True, kw_only=True):
    """The id of what was made."""

    id: UUID


class ApiKeyView(Struct, frozen=True, kw_only=True):
    """A fresh API key; `key` is shown this once."""

    id: UUID
    key: str
    expires_at: datetime


@get("/practices", opt=READ)
async def list_practices(
    session: NamedDependency[AsyncSession], actor: NamedDependency[Actor]
) -> list[PracticeView]:
    """The practices of this billing company, by name."""
    return await organizations.practices(session, actor.organization_id)


@post("/practices", opt=MANAGE, dependencies=PUBLISHING)
async def create_practice(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    services: NamedDependency[Services],
    data: JSONBody[NewPractice],
) -> Created:
    """Take on a client practice; it gets the company's rules before the answer."""
    made = await provisioning.create_practice(
        session, actor.organization_id, name=data.name, now=services.now()
    )
    return Created(id=made)


@get("/members", opt=READ)
async def list_members(
    session: NamedDependency[AsyncSession], actor: NamedDependency[Actor]
) -> list[MemberView]:
    """The members of this billing company, by name."""
    return await organizations.members(session, actor.organization_id)


@post("/members", opt=MANAGE)
async def create_member(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    services: NamedDependency[Services],
    data: JSONBody[NewMember],
) -> Created:
    """Make a member, who can do nothing before a grant."""
    made = await provisioning.create_member(
        session,
        actor.organization_id,
        email=data.email,
        name=data.name,
        password_hash=await services.passwords.hash(data.password),
        now=services.now(),
    )
    return Created(id=made)


@post("/members/{member_id:uuid}/status", status_code=204, opt=MANAGE)
async def set_member_status(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    services: NamedDependency[Services],
    member_id: FromPath[UUID],
    data: JSONBody[MemberStatus],
) -> None:
    """Lock a member out at once, or let them in again."""
    await provisioning.set_member_status(
        session, actor.organization_id, member_id, data.status, services.now()
    )


@get("/grants", opt=READ)
async def list_grants(
    session: NamedDependency[AsyncSession], actor: NamedDependency[Actor]
) -> list[GrantView]:
    """Who holds which role where."""
    return await organizations.grants(session, actor.organization_id)


@post("/grants", opt=MANAGE)
async def create_grant(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    services: NamedDependency[Services],
    data: JSONBody[NewGrant],
) -> Created:
    """Give a role to a member or an API key."""
    made = await provisioning.grant(
        session,
        actor,
        holder_id=data.holder_id,
        role=data.role,
        practice_id=data.practice_id,
        now=services.now(),
        provider_id=data.provider_id,
        ends_at=data.ends_at,
    )
    return Created(id=made)


@post("/grants/{grant_id:uuid}/end", status_code=204, opt=MANAGE)
async def end_grant(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    services: NamedDependency[Services],
    grant_id: FromPath[UUID],
) -> None:
    """Take a role away from the next request on."""
    await provisioning.end_grant(session, actor.organization_id, grant_id, services.now())


@post("/api-keys", opt=MANAGE)
async def create_api_key(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    services: NamedDependency[Services],
    data: JSONBody[NewApiKey],
) -> ApiKeyView:
    """Make a key that can do nothing before a grant; it is shown this once."""
    made = await provisioning.create_api_key(
        session, services.database, actor, name=data.name, expires_at=data.expires_at, now=services.now()
    )
    return ApiKeyView(id=made.id, key=made.key, expires_at=made.expires_at)


@post("/api-keys/{key_id:uuid}/revoke", status_code=204, opt=MANAGE)
async def revoke_api_key(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    services: NamedDependency[Services],
    key_id: FromPath[UUID],
) -> None:
    """End a key from the next request on."""
    await provisioning.revoke_api_key(session, actor.organization_id, key_id, services.now())


ROUTER = organization_routes(
    "",
    list_practices,
    create_practice,
    list_members,
    create_member,
    set_member_status,
    list_grants,
    create_grant,
    end_grant,
    create_api_key,
    revoke_api_key,
)
