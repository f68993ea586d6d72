"""The plans of care behind a claim, with what certifies each or stands for its signature."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.claim_facts import PlanOfCareFacts
from domain.allowances.models import PlanOfCare
from domain.allowances.plans_of_care import covering
from domain.claims.basis import ClaimBasis
from domain.visits.plan_duties import reported_on, treatment_days


async def relink_plans(session: AsyncSession, basis: ClaimBasis) -> None:
    """Link the sessions of a claim anew: a plan may have been written or ended since they were recorded."""
    for visit in basis.sessions:
        plan = covering(basis.plans, visit.discipline, visit.date_of_service)
        visit.plan_of_care_id = plan.id if plan else None
    await session.flush()


async def plan_facts(session: AsyncSession, basis: ClaimBasis) -> dict[UUID, PlanOfCareFacts]:
    """The plans by id; one recertifies when its case had an earlier plan of the same discipline."""
    linked = {visit.plan_of_care_id for visit in basis.sessions}
    return {
        plan.id: PlanOfCareFacts(
            discipline=plan.discipline,
            starts_on=plan.starts_on,
            ends_on=plan.ends_on,
            certified_on=plan.certified_on,
            order_signed_on=plan.order_signed_on,
            sent_to_orderer_on=plan.sent_to_orderer_on,
            recertifies=_recertifies(plan, basis),
            verbal_order_on=plan.verbal_order_on,
            delay_explained=plan.delay_reason is not None,
            treated_on=await treatment_days(session, plan),
            reports_on=reported_on(plan),
        )
        for plan in basis.plans
        if plan.id in linked
    }


def _recertifies(plan: PlanOfCare, basis: ClaimBasis) -> bool:
    before = [p for p in basis.plans if p.starts_on < plan.starts_on]
    return any(p.discipline == plan.discipline for p in before)
