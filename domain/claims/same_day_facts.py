"""What else the patient had on the claim's days under this billing provider, on other claims."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from billing_rules.therapy.facts.same_day import SameDayLine
from domain.claims.evidence_facts import evidence_of_claims
from domain.claims.models import Claim, ClaimLine

GONE = ("voided", "denied")


class Beside(NamedTuple):
    """A line of another claim of these days, and whether that claim was replaced by a later one."""

    claim: Claim
    line: ClaimLine
    is_replaced: bool


async def beside(session: AsyncSession, claim: Claim) -> list[Beside]:
    """Lines of the patient's other claims of these days to the same payer, whoever rendered them."""
    newer = aliased(Claim)
    replaced = exists().where(
        newer.practice_id == claim.practice_id,
        newer.patient_id == claim.patient_id,
        newer.replaces == Claim.id,
    )
    wanted = (
        select(Claim, ClaimLine, replaced)
        .join(ClaimLine, (ClaimLine.practice_id == Claim.practice_id) & (ClaimLine.claim_id == Claim.id))
        .where(
            Claim.practice_id == claim.practice_id,
            Claim.patient_id == claim.patient_id,
            Claim.payer_id == claim.payer_id,
            Claim.id != claim.id,
            Claim.status != "voided",
            ClaimLine.date_of_service.between(claim.first_on, claim.last_on),
        )
        .order_by(ClaimLine.date_of_service, Claim.id, ClaimLine.number)
    )
    return [Beside(row[0], row[1], row[2]) for row in await session.execute(wanted)]


def repeated(claim: Claim, others: Sequence[Beside]) -> dict[tuple[str, date, tuple[str, ...]], str]:
    """Lines of other claims of the case that say the same: code, date and modifiers, with their claim.

    A correction repeats what it corrects: of one nothing is told.
    """
    if claim.frequency != "1":
        return {}
    in_order = sorted(others, key=lambda other: (other.claim.id, other.line.number))
    return {
        (line.code, line.date_of_service, tuple(line.modifiers)): other.control_number
        for other, line, _ in in_order
        if other.case_id == claim.case_id
    }


async def same_day_facts(
    session: AsyncSession, practice_id: UUID, others: Sequence[Beside]
) -> tuple[SameDayLine, ...]:
    """The lines that may bundle with the claim's own.

    A claim that was replaced, voided or denied as a whole no longer bundles anything.
    """
    found = [one for one in others if one.claim.status not in GONE and not one.is_replaced]
    shown = await evidence_of_claims(session, practice_id, {one.claim.id for one in found})
    lines = []
    for other, line, _ in found:
        evidence = shown.get((other.id, line.number))
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
