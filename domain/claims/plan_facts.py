"""The plans of care behind a claim, with what certifies each or stands for its signature."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from billing_rules.therapy.claim_facts import PlanOfCareFacts
from domain.allowances.models import PlanOfCare
from domain.claims.models import Claim, ClaimLine, ClaimLineSource
from domain.visits.models import Visit
from domain.visits.plan_duties import link_plan, reported_on, treatment_days


async def relink_plans(session: AsyncSession, claim: Claim) -> None:
    """Link the sessions of a claim anew: a plan may have been written or ended since they were recorded."""
    source, line = ClaimLineSource, ClaimLine
    behind = (
        select(source.visit_id)
        .join(line, (line.practice_id == source.practice_id) & (line.id == source.claim_line_id))
        .where(line.practice_id == claim.practice_id, line.claim_id == claim.id)
    )
    mine = select(Visit).where(Visit.practice_id == claim.practice_id, Visit.id.in_(behind))
    for visit in (await session.execute(mine.order_by(Visit.id))).scalars():
        await link_plan(session, visit)
    await session.flush()


async def plan_facts(
    session: AsyncSession, practice_id: UUID, plan_ids: Iterable[UUID]
) -> dict[UUID, PlanOfCareFacts]:
    """The plans by id; one recertifies when its case had an earlier plan of the same discipline."""
    before = aliased(PlanOfCare)
    recertifies = exists().where(
        before.practice_id == PlanOfCare.practice_id,
        before.case_id == PlanOfCare.case_id,
        before.discipline == PlanOfCare.discipline,
        before.starts_on < PlanOfCare.starts_on,
    )
    wanted = select(PlanOfCare, recertifies).where(
        PlanOfCare.practice_id == practice_id, PlanOfCare.id.in_(set(plan_ids))
    )
    return {
        plan.id: PlanOfCareFacts(
            discipline=plan.discipline,
            starts_on=plan.starts_on,
            ends_on=plan.ends_on,
            certified_on=plan.certified_on,
            order_signed_on=plan.order_signed_on,
            sent_to_orderer_on=plan.sent_to_orderer_on,
            recertifies=again,
            verbal_order_on=plan.verbal_order_on,
            delay_explained=plan.delay_reason is not None,
            treated_on=await treatment_days(session, plan),
            reports_on=reported_on(plan),
        )
        for plan, again in (await session.execute(wanted)).all()
    }
