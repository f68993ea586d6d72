"""Minutes that stand in a note and on no line of the claim: they count when the day's minutes are pooled."""

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.claim_facts import ElsewhereFacts
from billing_rules.therapy.code_table import find_code
from domain.claims.basis import ClaimBasis
from domain.visits.models import ChargeLine, VisitService


async def unbilled_facts(session: AsyncSession, basis: ClaimBasis) -> tuple[ElsewhereFacts, ...]:
    """Timed procedures of the claim's sessions that earned no unit, in the order of their notes."""
    billed = {(one.visit.id, one.charge.code) for one in basis.behind if one.charge.status != "void"}
    if all((s.visit_id, s.code) in billed for s in basis.services if s.minutes):
        return ()
    behind = {visit.id: visit for visit in basis.sessions}
    charged = exists().where(
        ChargeLine.practice_id == VisitService.practice_id,
        ChargeLine.visit_id == VisitService.visit_id,
        ChargeLine.code == VisitService.code,
        ChargeLine.status != "void",
    )
    wanted = (
        select(VisitService.visit_id, VisitService.code, VisitService.minutes)
        .where(
            VisitService.practice_id == basis.claim.practice_id,
            VisitService.visit_id.in_(list(behind)),
            VisitService.minutes > 0,
            ~charged,
        )
        .order_by(VisitService.visit_id, VisitService.ordinal)
    )
    return tuple(
        ElsewhereFacts(
            served_on=behind[visit_id].date_of_service,
            code=code,
            discipline=behind[visit_id].discipline,
            minutes=minutes or 0,
            units=0,
        )
        for visit_id, code, minutes in await session.execute(wanted)
        if _is_pooled(code)
    )


def _is_pooled(code: str) -> bool:
    row = find_code(code)
    return row is not None and row.is_pooled
