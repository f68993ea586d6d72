"""Correcting what a coverage says of its member, when a payer's answer shows that the card was misread."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from domain.patients.models import Coverage
from domain.patients.registration import Named
from domain.views import lock_row


class MemberCorrection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The member number as the payer knows it; what was sent before keeps the number it was sent with."""

    member_number: Named


async def correct_member(
    session: AsyncSession, practice_id: UUID, coverage_id: UUID, given: MemberCorrection
) -> None:
    """Write the right number; claims take it over when they are checked again. Raises NotFound."""
    coverage = await lock_row(session, Coverage, practice_id, coverage_id)
    coverage.member_number = given.member_number
    await session.flush()
