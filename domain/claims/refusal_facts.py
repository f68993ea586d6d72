"""What a payer refused of late: lines of other claims that it rejected or denied, with its reasons."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.facts.refusals import RefusalFacts
from domain.claims.models import Claim, ClaimEvent, ClaimLine
from domain.patients.models import CaseDiagnosis
from tenants.clock import local_date

REJECTED = "277ca_rejected"
DECIDED = "adjudicated"
WHOLE_CLAIM = "claim"
LOOKED_BACK = timedelta(days=366)
MOST_REFUSALS = 200


async def refusal_facts(
    session: AsyncSession, claim: Claim, zone: str, now: datetime
) -> tuple[RefusalFacts, ...]:
    """Refused lines with the codes of this claim, of the same payer, the latest first; at most 200.

    How many days back count is the rule's to say; a year is kept in sight.
    """
    others = _refusals(claim, now - LOOKED_BACK).where(Claim.id != claim.id).limit(MOST_REFUSALS)
    rows = (await session.execute(others)).all()
    found = [one for row in rows for one in _refused(row, zone)]
    return tuple(found[:MOST_REFUSALS])


def _refusals(claim: Claim, since: datetime) -> Any:
    mine = select(ClaimLine.code).where(
        ClaimLine.practice_id == claim.practice_id, ClaimLine.claim_id == claim.id
    )
    return (
        select(ClaimEvent.at, ClaimEvent.kind, ClaimEvent.detail, Claim.control_number, ClaimLine)
        .add_columns(CaseDiagnosis.code.label("diagnosis"))
        .join(Claim, (Claim.practice_id == ClaimEvent.practice_id) & (Claim.id == ClaimEvent.claim_id))
        .join(ClaimLine, (ClaimLine.practice_id == Claim.practice_id) & (ClaimLine.claim_id == Claim.id))
        .outerjoin(
            CaseDiagnosis,
            (CaseDiagnosis.practice_id == Claim.practice_id)
            & (CaseDiagnosis.case_id == Claim.case_id)
            & (CaseDiagnosis.ordinal == 1),
        )
        .where(
            ClaimEvent.practice_id == claim.practice_id,
            ClaimEvent.kind.in_((REJECTED, DECIDED)),
            ClaimEvent.at >= since,
            Claim.payer_id == claim.payer_id,
            ClaimLine.code.in_(mine),
        )
        .order_by(ClaimEvent.at.desc(), ClaimEvent.id, ClaimLine.number)
    )


class RecentRefusal(Struct, frozen=True, kw_only=True):
    """One refused line, by the claim it stood on."""

    claim_id: UUID
    code: str
    modifiers: tuple[str, ...]
    place: str
    reason_code: str


async def recent_refusals(session: AsyncSession, claim: Claim, since: datetime) -> list[RecentRefusal]:
    """Refused lines with the codes of this claim, of the same payer and since then, this claim's too."""
    rows = (await session.execute(_refusals(claim, since))).all()
    return [
        RecentRefusal(
            claim_id=line.claim_id,
            code=line.code,
            modifiers=tuple(sorted(line.modifiers)),
            place=line.place_of_service,
            reason_code=reason,
        )
        for _, kind, detail, _, line, _ in rows
        for reason in _reasons(kind, detail, line)
    ]


def _refused(row: Any, zone: str) -> Iterator[RefusalFacts]:
    """A rejection speaks of every line, a decision only of the lines that it denied."""
    at, kind, detail, number, line, diagnosis = row
    for reason in _reasons(kind, detail, line):
        yield RefusalFacts(
            claim=number,
            refused_on=local_date(at, zone),
            code=line.code,
            modifiers=tuple(sorted(line.modifiers)),
            place_of_service=line.place_of_service,
            diagnosis=diagnosis,
            reason_code=reason,
        )


def _reasons(kind: str, detail: dict[str, Any], line: ClaimLine) -> list[str]:
    if kind == REJECTED:
        return sorted(set(detail.get("codes") or ["rejected"]))
    denied: dict[str, list[str]] = detail.get("denied_lines", {})
    return sorted({*denied.get(str(line.id), ()), *denied.get(WHOLE_CLAIM, ())})
