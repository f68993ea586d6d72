"""The sessions behind a claim, with who treated where and under which authorizations."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.allowances.models import Authorization, AuthorizationBlock, LimitChoice
from domain.practices.models import Location, Provider
from domain.visits.models import Visit


class BehindClaim(Struct, frozen=True, kw_only=True):
    """A session behind the claim."""

    visit_id: UUID
    date_of_service: date
    starts_at: datetime
    provider_name: str
    location_name: str
    has_appointment: bool
    signed_by: str | None
    authorizations: list[str]


async def sessions_behind(
    session: AsyncSession, practice_id: UUID, visit_ids: Sequence[UUID]
) -> list[BehindClaim]:
    """The sessions in order of time."""
    treats = (Provider.practice_id == Visit.practice_id) & (Provider.id == Visit.provider_id)
    there = (Location.practice_id == Visit.practice_id) & (Location.id == Visit.location_id)
    wanted = (
        select(Visit, Provider.given_name, Provider.family_name, Provider.credential, Location.name)
        .join(Provider, treats)
        .join(Location, there)
        .where(Visit.practice_id == practice_id, Visit.id.in_(visit_ids))
        .order_by(Visit.starts_at, Visit.id)
    )
    rows = list(await session.execute(wanted))
    numbers = await _authorizations(session, practice_id, visit_ids)
    return [_behind(row, numbers.get(row[0].id, [])) for row in rows]


def _behind(row: Row[Visit, str, str, str, str], authorizations: list[str]) -> BehindClaim:
    visit, given, family, credential, location = row
    return BehindClaim(
        visit_id=visit.id,
        date_of_service=visit.date_of_service,
        starts_at=visit.starts_at,
        provider_name=f"{given} {family}, {credential}",
        location_name=location,
        has_appointment=visit.appointment_id is not None,
        signed_by=visit.signed_by,
        authorizations=authorizations,
    )


async def _authorizations(
    session: AsyncSession, practice_id: UUID, visit_ids: Sequence[UUID]
) -> dict[UUID, list[str]]:
    """The numbers of the authorizations that each session draws on."""
    block = (AuthorizationBlock.practice_id == LimitChoice.practice_id) & (
        AuthorizationBlock.id == LimitChoice.limit_id
    )
    whole = (Authorization.practice_id == AuthorizationBlock.practice_id) & (
        Authorization.id == AuthorizationBlock.authorization_id
    )
    wanted = (
        select(LimitChoice.subject_id, Authorization.number)
        .join(AuthorizationBlock, block)
        .join(Authorization, whole)
        .where(LimitChoice.practice_id == practice_id, LimitChoice.subject_id.in_(visit_ids))
        .distinct()
        .order_by(Authorization.number)
    )
    found: dict[UUID, list[str]] = {}
    for visit_id, number in await session.execute(wanted):
        found.setdefault(visit_id, []).append(number)
    return found
