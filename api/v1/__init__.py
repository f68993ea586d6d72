"""The JSON interface. One module per capability, each with a `ROUTER`; add it to `ROUTES` below.

A practice route is three lines: call, convert, return. `session` is the practice door's; it commits before
the answer starts, and raising rolls it back. Never call `commit`.

    @get("/{claim_id:uuid}", opt={"permission": Permission.CLAIM_READ})
    async def read_claim(
        session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], claim_id: FromPath[UUID]
    ) -> ClaimView:
        \"\"\"One claim with its story.\"\"\"
        return await queries.claim(session, practice_id, claim_id)

    @post("/{claim_id:uuid}/submit", opt={"permission": Permission.CLAIM_SUBMIT, "idempotency": "required"})
    async def submit(
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        practice_id: FromPath[UUID],
        claim_id: FromPath[UUID],
        data: JSONBody[SubmitClaim],
    ) -> ClaimView:
        \"\"\"Queue a claim that was checked for sending.\"\"\"
        return await submission.submit(session, practice_id, claim_id, by=actor.id, now=clock.now())

    ROUTER = practice_routes("/claims", read_claim, submit)

Dependencies by name: `session` (practice or organization door), `snapshot` (desk), `actor`, `clock`,
`services`; `practice_id` comes from the path. Ask for one of `session` and `snapshot`, not both.
Return Structs, never a `Response`: the rendered answer is kept under the Idempotency-Key. An input Struct
is frozen, keyword-only and forbids unknown fields; bodies are decoded strictly ("12" is no number).
"""

from litestar import Router

from api.v1 import (
    allowances,
    appointments,
    cases,
    claim_checks,
    claims,
    clearinghouse,
    clinician_queries,
    codes,
    company_rules,
    contracts,
    coverages,
    disciplines,
    measures,
    medicaid,
    organization,
    parties,
    patient_billing,
    patients,
    patterns,
    practices,
    remittances,
    rules,
    staffing,
    therapy_thresholds,
    verifications,
    visits,
    work,
)

ROUTES: list[Router] = [
    organization.ROUTER,
    practices.ROUTER,
    rules.ROUTER,
    company_rules.ROUTER,
    company_rules.DESK_ROUTER,
    codes.ROUTER,
    patients.ROUTER,
    parties.ROUTER,
    cases.ROUTER,
    cases.PLANS_ROUTER,
    coverages.ROUTER,
    medicaid.ROUTER,
    staffing.ROUTER,
    verifications.ROUTER,
    disciplines.ROUTER,
    therapy_thresholds.ROUTER,
    allowances.ROUTER,
    allowances.BENEFITS_ROUTER,
    allowances.LIMITS_ROUTER,
    allowances.CHOICES_ROUTER,
    appointments.ROUTER,
    visits.ROUTER,
    measures.ROUTER,
    visits.CASELOAD_ROUTER,
    clinician_queries.ROUTER,
    clinician_queries.VISIT_ROUTER,
    clinician_queries.UNSIGNED_ROUTER,
    clinician_queries.UNSIGNED_DESK_ROUTER,
    work.ROUTER,
    work.DESK_ROUTER,
    clearinghouse.ROUTER,
    clearinghouse.PRACTICE_ROUTER,
    claims.ROUTER,
    claim_checks.ROUTER,
    patterns.ROUTER,
    contracts.ROUTER,
    remittances.ROUTER,
    patient_billing.ROUTER,
]
