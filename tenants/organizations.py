"""What a billing company reads about itself: practices, members, grants."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct, convert
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.models import ApiKey, Grant, Member, Organization, OrganizationWorkItem, Practice


class PracticeView(Struct, frozen=True, kw_only=True):
    """A client practice."""

    id: UUID
    name: str
    status: str


class MemberView(Struct, frozen=True, kw_only=True):
    """Somebody who signs in."""

    id: UUID
    email: str
    name: str
    status: str


class GrantView(Struct, frozen=True, kw_only=True):
    """A role of a holder, in one practice or, when null, in all."""

    id: UUID
    holder_id: UUID
    role: str
    granted_practice_id: UUID | None
    provider_id: UUID | None
    granted_at: datetime
    ends_at: datetime | None


class OpenOrganizationWork(Struct, frozen=True, kw_only=True):
    """What needs a person before its practice is known."""

    id: UUID
    kind: str
    reason: str
    next_action: str
    due_on: date
    owner_id: UUID | None
    created_at: datetime


async def company_name(session: AsyncSession, organization_id: UUID) -> str:
    """The billing company's own name."""
    named = select(Organization.name).where(Organization.organization_id == organization_id)
    return (await session.execute(named)).scalar_one()


async def practices(session: AsyncSession, organization_id: UUID) -> list[PracticeView]:
    """All practices, by name."""
    listed = select(Practice.id, Practice.name, Practice.status)
    rows = await session.execute(
        listed.where(Practice.organization_id == organization_id).order_by(Practice.name, Practice.id)
    )
    return [convert(row, PracticeView, from_attributes=True) for row in rows]


async def members(session: AsyncSession, organization_id: UUID) -> list[MemberView]:
    """All members, by name."""
    listed = select(Member.id, Member.email, Member.name, Member.status)
    rows = await session.execute(
        listed.where(Member.organization_id == organization_id).order_by(Member.name, Member.id)
    )
    return [convert(row, MemberView, from_attributes=True) for row in rows]


async def program_names(session: AsyncSession, organization_id: UUID) -> dict[UUID, str]:
    """The names of API keys by id, for whoever reads what a program did; revoked ones too."""
    named = select(ApiKey.id, ApiKey.name).where(ApiKey.organization_id == organization_id)
    return {row.id: row.name for row in await session.execute(named)}


async def grants(session: AsyncSession, organization_id: UUID) -> list[GrantView]:
    """All grants, the latest first."""
    mine = select(Grant).where(Grant.organization_id == organization_id).order_by(Grant.granted_at.desc())
    return [convert(row, GrantView, from_attributes=True) for row in (await session.execute(mine)).scalars()]


async def open_work(session: AsyncSession, organization_id: UUID) -> list[OpenOrganizationWork]:
    """The company's own open work, the nearest deadline first."""
    columns = [getattr(OrganizationWorkItem, name) for name in OpenOrganizationWork.__struct_fields__]
    mine = OrganizationWorkItem.organization_id == organization_id
    listed = select(*columns).where(mine, OrganizationWorkItem.closed_at.is_(None))
    rows = await session.execute(listed.order_by(OrganizationWorkItem.due_on, OrganizationWorkItem.id))
    return [OpenOrganizationWork(**row._mapping) for row in rows]
