"""Who stands behind a claim's plan of care: the clinician that certified it, as a claim names them."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.allowances.models import PlanOfCare
from domain.claims.content import ReferringContent
from domain.claims.models import Claim, ClaimLine, ClaimLineSource
from domain.visits.models import Visit


async def referring_of(session: AsyncSession, claim: Claim) -> ReferringContent | None:
    """Who certified the plan of care behind the claim's first session, when name and NPI are recorded."""
    wanted = (
        select(PlanOfCare.certified_by, PlanOfCare.certifier_npi)
        .join(Visit, (Visit.practice_id == PlanOfCare.practice_id) & (Visit.plan_of_care_id == PlanOfCare.id))
        .join(
            ClaimLineSource,
            (ClaimLineSource.practice_id == Visit.practice_id) & (ClaimLineSource.visit_id == Visit.id),
        )
        .join(
            ClaimLine,
            (ClaimLine.practice_id == ClaimLineSource.practice_id)
            & (ClaimLine.id == ClaimLineSource.claim_line_id),
        )
        .where(
            ClaimLine.practice_id == claim.practice_id,
            ClaimLine.claim_id == claim.id,
            PlanOfCare.certifier_npi.is_not(None),
        )
        .order_by(ClaimLine.number, Visit.starts_at)
        .limit(1)
    )
    row = (await session.execute(wanted)).first()
    return ReferringContent(name=row[0] or "", npi=row[1] or "") if row else None
