"""Linked evidence: the record that a person read before changing what a claim says."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.models import Claim, ClaimLine, ClaimLineSource
from tenants.errors import Invalid

DISTINCT_SERVICE = frozenset({"59", "XE", "XS", "XP", "XU"})


class Evidence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the record says so (a visit behind the claim, or a document's reference), in whose words."""

    visit_id: UUID | None = None
    document: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    words: Annotated[str, Meta(min_length=10, max_length=2000)]


async def require_evidence(
    session: AsyncSession, practice_id: UUID, claim: Claim, evidence: Evidence | None
) -> dict[str, Any]:
    """The evidence as it is kept; raises Invalid when it links nothing, or a visit not behind the claim."""
    if evidence is None:
        raise Invalid("a change of this risk needs linked evidence", pointer="/evidence")
    if evidence.visit_id is None and evidence.document is None:
        raise Invalid("the evidence links neither a visit nor a document", pointer="/evidence/visit_id")
    if evidence.visit_id is not None and evidence.visit_id not in await _visits(session, practice_id, claim):
        raise Invalid("the visit does not stand behind this claim", pointer="/evidence/visit_id")
    kept: dict[str, Any] = msgspec.to_builtins(evidence)
    return kept


def adds_distinct_service(pointer: str, was: str, becomes: str) -> bool:
    """Whether a change puts a modifier on the line that says the service was a distinct one."""
    if not pointer.endswith("/modifiers"):
        return False
    added = {m.strip() for m in becomes.split(",")} - {m.strip() for m in was.split(",")}
    return bool(added & DISTINCT_SERVICE)


async def _visits(session: AsyncSession, practice_id: UUID, claim: Claim) -> set[UUID]:
    wanted = (
        select(ClaimLineSource.visit_id)
        .join(
            ClaimLine,
            (ClaimLine.practice_id == ClaimLineSource.practice_id)
            & (ClaimLine.id == ClaimLineSource.claim_line_id),
        )
        .where(ClaimLine.practice_id == practice_id, ClaimLine.claim_id == claim.id)
    )
    return set((await session.execute(wanted)).scalars())
