"""What the note says of a service that is not billed by time: its minutes, and how hard the decision was."""

from msgspec import Struct, convert
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.claim_facts import DecisionMaking
from domain.claims.models import Claim, ClaimLine, ClaimLineSource
from domain.visits.models import ChargeLine, VisitService


class VisitSaid(Struct, frozen=True, kw_only=True):
    """The note's minutes and decision behind one line; null where it says nothing."""

    minutes: int | None
    decision_making: DecisionMaking | None


async def decisions_of(session: AsyncSession, claim: Claim) -> dict[int, VisitSaid]:
    """By line number, for lines whose charge has no minutes of its own."""
    source, line, charge, service = ClaimLineSource, ClaimLine, ChargeLine, VisitService
    wanted = (
        select(line.number, service.minutes, service.decision_making)
        .join(source, (source.practice_id == line.practice_id) & (source.claim_line_id == line.id))
        .join(charge, (charge.practice_id == source.practice_id) & (charge.id == source.charge_line_id))
        .join(
            service,
            (service.practice_id == source.practice_id)
            & (service.visit_id == source.visit_id)
            & (service.code == charge.code),
        )
        .where(
            line.practice_id == claim.practice_id,
            line.claim_id == claim.id,
            charge.minutes.is_(None),
        )
        .order_by(line.number, service.visit_id.desc(), service.ordinal.desc())
    )
    return {
        number: convert({"minutes": minutes, "decision_making": decision}, VisitSaid)
        for number, minutes, decision in await session.execute(wanted)
    }
