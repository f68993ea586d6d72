"""How hard the medical decision behind each claim line was, where the note says so."""

from typing import cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.claim_facts import DecisionMaking
from domain.claims.models import Claim, ClaimLine, ClaimLineSource
from domain.visits.models import VisitService


async def decisions_of(session: AsyncSession, claim: Claim) -> dict[int, DecisionMaking]:
    """The recorded decision making by line number; a line whose note says nothing is left out."""
    wanted = (
        select(ClaimLine.number, VisitService.decision_making)
        .join(
            ClaimLineSource,
            (ClaimLineSource.practice_id == ClaimLine.practice_id)
            & (ClaimLineSource.claim_line_id == ClaimLine.id),
        )
        .join(
            VisitService,
            (VisitService.practice_id == ClaimLineSource.practice_id)
            & (VisitService.visit_id == ClaimLineSource.visit_id)
            & (VisitService.code == ClaimLine.code),
        )
        .where(
            ClaimLine.practice_id == claim.practice_id,
            ClaimLine.claim_id == claim.id,
            VisitService.decision_making.is_not(None),
        )
        .order_by(ClaimLine.number, VisitService.visit_id, VisitService.ordinal)
    )
    rows = await session.execute(wanted)
    return {number: cast(DecisionMaking, said) for number, said in rows}
