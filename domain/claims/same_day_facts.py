"""What else the patient had on the claim's days under this billing provider, on other claims."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from billing_rules.therapy.facts.same_day import SameDayLine
from domain.claims.evidence_facts import evidence_of
from domain.claims.models import Claim, ClaimLine

GONE = ("voided", "denied")


async def same_day_facts(session: AsyncSession, claim: Claim) -> tuple[SameDayLine, ...]:
    """Lines of the patient's other claims of these days to the same payer, whoever rendered them.

    A claim that was replaced, voided or denied as a whole no longer bundles anything.
    """
    found = await _others(session, claim)
    shown = {other.id: await evidence_of(session, other) for other, _ in found}
    lines = []
    for other, line in found:
        evidence = shown[other.id].get(line.number)
        lines.append(
            SameDayLine(
                served_on=line.date_of_service,
                code=line.code,
                modifiers=tuple(line.modifiers),
                units=line.units,
                claim=other.control_number,
                starts_at=evidence.starts_at if evidence else None,
                ends_at=evidence.ends_at if evidence else None,
                clinician=evidence.clinician if evidence else None,
                body_site=evidence.body_site if evidence else None,
                separate_encounter=evidence.separate_encounter if evidence else False,
            )
        )
    return tuple(lines)


async def _others(session: AsyncSession, claim: Claim) -> list[tuple[Claim, ClaimLine]]:
    mine = (
        Claim.practice_id == claim.practice_id,
        Claim.patient_id == claim.patient_id,
        Claim.payer_id == claim.payer_id,
        Claim.id != claim.id,
        Claim.status.not_in(GONE),
        ClaimLine.date_of_service.between(claim.first_on, claim.last_on),
    )
    newer = aliased(Claim)
    replaced = select(newer.replaces).where(
        newer.practice_id == claim.practice_id,
        newer.patient_id == claim.patient_id,
        newer.replaces.is_not(None),
    )
    wanted = (
        select(Claim, ClaimLine)
        .join(ClaimLine, (ClaimLine.practice_id == Claim.practice_id) & (ClaimLine.claim_id == Claim.id))
        .where(*mine, Claim.id.not_in(replaced))
        .order_by(ClaimLine.date_of_service, Claim.id, ClaimLine.number)
    )
    return [(row[0], row[1]) for row in await session.execute(wanted)]
