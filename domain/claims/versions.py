"""The versions of a claim: each a content frozen as it is sent."""

from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.basis import ClaimBasis
from domain.claims.content import ClaimContent
from domain.claims.gathering import gather
from domain.claims.models import Claim, ClaimVersion
from tenants.ids import new_id


async def add_version(session: AsyncSession, basis: ClaimBasis, now: datetime) -> ClaimContent:
    """Gather the content as it stands and freeze it under the claim's version number."""
    claim, content = basis.claim, await gather(session, basis)
    session.add(
        ClaimVersion(
            practice_id=claim.practice_id,
            id=new_id(),
            claim_id=claim.id,
            number=claim.version,
            content=msgspec.to_builtins(content),
            content_sha256=content.sha256(),
            created_at=now,
        )
    )
    await session.flush()
    return content


async def current_content(session: AsyncSession, claim: Claim) -> ClaimContent:
    """The content of the claim's current version."""
    wanted = select(ClaimVersion.content).where(
        ClaimVersion.practice_id == claim.practice_id,
        ClaimVersion.claim_id == claim.id,
        ClaimVersion.number == claim.version,
    )
    return msgspec.convert((await session.execute(wanted)).scalar_one(), ClaimContent)
