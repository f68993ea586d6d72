"""Who stands behind a claim's plan of care: the clinician that certified it, as a claim names them."""

from domain.claims.basis import ClaimBasis
from domain.claims.content import ReferringContent


def referring_of(basis: ClaimBasis) -> ReferringContent | None:
    """Who certified the plan of care behind the claim's first session, when name and NPI are recorded."""
    plans = {plan.id: plan for plan in basis.plans if plan.certifier_npi is not None}
    for visit in (visit for behind in basis.visits.values() for visit in behind):
        plan = plans.get(visit.plan_of_care_id) if visit.plan_of_care_id else None
        if plan is not None:
            return ReferringContent(name=plan.certified_by or "", npi=plan.certifier_npi or "")
    return None
