"""A practice's own settings: under which names and numbers it bills, and how its schedule is kept."""

from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Meta, Struct
from msgspec.structs import asdict
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.identifiers import npi_is_valid
from domain.practices.models import PracticeProfile
from domain.views import read_views
from tenants.errors import Invalid, NotFound

ScheduleMode = Literal["kept", "mirrored", "none"]
Named = Annotated[str, Meta(min_length=1, max_length=200)]
StateCode = Annotated[str, Meta(pattern="^[A-Z]{2}$")]
ZipCode = Annotated[str, Meta(pattern="^[0-9]{5}([0-9]{4})?$")]


class PracticeSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a practice says of itself; `billing_name` must give away nothing about the treatment."""

    legal_name: Named
    billing_name: Named
    specialty: Named
    npi: str
    tax_id: Annotated[str, Meta(pattern="^[0-9]{9}$")]
    taxonomy: Annotated[str, Meta(pattern="^[0-9A-Z]{10}$")]
    street: Named
    city: Named
    state: StateCode
    zip_code: ZipCode
    phone: Annotated[str, Meta(pattern="^[0-9]{10}$")]
    time_zone: str
    schedule_mode: ScheduleMode
    connection_id: UUID | None = None
    merchant_account: str | None = None


class ProfileView(Struct, frozen=True, kw_only=True):
    """A practice's settings as they stand; without the merchant account, which is the payments' matter."""

    practice_id: UUID
    legal_name: str
    billing_name: str
    specialty: str
    npi: str
    tax_id: str
    taxonomy: str
    street: str
    city: str
    state: str
    zip_code: str
    phone: str
    time_zone: str
    schedule_mode: ScheduleMode
    connection_id: UUID | None


async def set_profile(session: AsyncSession, practice_id: UUID, given: PracticeSettings) -> UUID:
    """Write the practice's settings over what stood there; raises Invalid for a false NPI or time zone."""
    _refuse_unusable(given)
    profile = await session.get(PracticeProfile, (practice_id, practice_id))
    if profile is None:
        session.add(PracticeProfile(practice_id=practice_id, id=practice_id, **asdict(given)))
    else:
        for name, value in asdict(given).items():
            setattr(profile, name, value)
    await session.flush()
    return practice_id


async def practice_profile(session: AsyncSession, practice_id: UUID) -> ProfileView:
    """The practice's settings; raises NotFound before anybody has set them."""
    found = await read_views(
        session, ProfileView, PracticeProfile, PracticeProfile.practice_id == practice_id
    )
    if not found:
        raise NotFound(f"practice {practice_id} has no settings yet")
    return found[0]


def _refuse_unusable(given: PracticeSettings) -> None:
    if not npi_is_valid(given.npi):
        raise Invalid("the NPI fails its check digit", pointer="/npi")
    try:
        ZoneInfo(given.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise Invalid("the time zone is no IANA name", pointer="/time_zone") from unknown
