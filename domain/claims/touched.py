"""Which open claims name a code that a new rule pack changes, so that somebody looks before they go out."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.models import Claim, ClaimVersion
from domain.claims.rule_changes import OPEN
from tenants.audit import note_patients


class TouchedClaim(Struct, frozen=True, kw_only=True):
    """An open claim with the codes that it shares with the pack's changes."""

    claim_id: UUID
    control_number: str
    status: str
    first_on: date
    last_on: date
    codes: list[str]


async def claims_naming(
    session: AsyncSession, practice_id: UUID, codes: Collection[str], *, starts_on: date
) -> list[TouchedClaim]:
    """The open claims with a date of service from `starts_on` on that name one of the codes."""
    wanted = (
        select(Claim, ClaimVersion.content)
        .join(
            ClaimVersion,
            (ClaimVersion.practice_id == Claim.practice_id)
            & (ClaimVersion.claim_id == Claim.id)
            & (ClaimVersion.number == Claim.version),
        )
        .where(Claim.practice_id == practice_id, Claim.status.in_(OPEN), Claim.last_on >= starts_on)
        .order_by(Claim.id)
    )
    found = []
    for claim, content in await session.execute(wanted):
        named = {line["code"] for line in content["lines"] if line["served_on"] >= starts_on.isoformat()}
        shared = sorted((named | set(content["diagnoses"])) & set(codes))
        if shared:
            note_patients(session, claim.patient_id)
            found.append(_touched(claim, shared))
    return found


def _touched(claim: Claim, codes: list[str]) -> TouchedClaim:
    names = ("control_number", "status", "first_on", "last_on")
    return TouchedClaim(**{name: getattr(claim, name) for name in names}, claim_id=claim.id, codes=codes)
