"""What day it is at a practice, for one practice and for a list across practices."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.practices.models import PracticeProfile
from tenants.clock import local_date
from tenants.snapshot import Snapshot

BEFORE_SETTINGS = "UTC"


async def zone_of(session: AsyncSession, practice_id: UUID) -> str:
    """The practice's time zone (IANA name), UTC before it has settings."""
    wanted = select(PracticeProfile.time_zone).where(PracticeProfile.practice_id == practice_id)
    return (await session.execute(wanted)).scalar_one_or_none() or BEFORE_SETTINGS


async def zones(snapshot: Snapshot) -> dict[UUID, str]:
    """The time zones of the actor's practices that have settings."""
    wanted = select(PracticeProfile.practice_id, PracticeProfile.time_zone)
    return {row.practice_id: row.time_zone for row in await snapshot.rows(wanted)}


def day_at(zones: dict[UUID, str], practice_id: UUID, now: datetime) -> date:
    """The date at one of the practices."""
    return local_date(now, zones.get(practice_id, BEFORE_SETTINGS))
