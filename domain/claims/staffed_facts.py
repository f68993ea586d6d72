"""The staffing, verified visits and Medicaid side of a claim, added to its facts."""

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.claim_facts import ClaimFacts
from domain.claims.content import ClaimContent
from domain.claims.medicaid_facts import medicaid_facts
from domain.claims.models import Claim
from domain.claims.staffing_facts import session_states, staffing_of, supervised_months
from domain.claims.verification_facts import verifications_of
from domain.patients.coverages import CoverageView
from domain.visits.models import Visit


async def with_staffing(
    session: AsyncSession,
    claim: Claim,
    coverage: CoverageView,
    content: ClaimContent,
    visits: dict[int, list[Visit]],
    facts: ClaimFacts,
) -> ClaimFacts:
    """The facts with who stood behind each line, what was verified, and what Medicaid asks for."""
    behind = {visit.id: visit for some in visits.values() for visit in some}
    states = await session_states(session, claim, behind.values())
    staffing = await staffing_of(session, claim, visits, states)
    codes = {line.number: line.code for line in content.lines}
    verified = await verifications_of(session, claim, coverage, codes, visits, states)
    days = [line.served_on for line in content.lines]
    lines = tuple(
        replace(
            line,
            staffing=staffing.get(said.number, ()),
            verifications=verified.get(said.number, ()),
        )
        for said, line in zip(content.lines, facts.lines, strict=True)
    )
    return replace(
        facts,
        lines=lines,
        supervised_months=await supervised_months(session, claim, codes.values(), days),
        medicaid=await medicaid_facts(session, claim),
    )
