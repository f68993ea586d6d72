"""The staffing, verified visits and Medicaid side of a claim, added to its facts."""

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.claim_facts import ClaimFacts
from domain.claims.basis import ClaimBasis
from domain.claims.content import ClaimContent
from domain.claims.medicaid_facts import medicaid_facts
from domain.claims.staffing_facts import session_states, staffing_of, supervised_months
from domain.claims.verification_facts import verifications_of


async def with_staffing(
    session: AsyncSession, basis: ClaimBasis, content: ClaimContent, facts: ClaimFacts
) -> ClaimFacts:
    """The facts with who stood behind each line, what was verified, and what Medicaid asks for."""
    states = session_states(basis)
    staffing = staffing_of(basis, states)
    codes = {said.number: said.code for said in content.lines}
    verified = await verifications_of(session, basis, codes, states)
    days = [said.served_on for said in content.lines]
    return replace(
        facts,
        lines=tuple(
            replace(line, staffing=staffing.get(number, ()), verifications=verified.get(number, ()))
            for number, line in zip(codes, facts.lines, strict=True)
        ),
        supervised_months=await supervised_months(session, basis.claim, codes.values(), days, facts.sent_on),
        medicaid=await medicaid_facts(session, basis),
    )
