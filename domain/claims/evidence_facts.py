"""What the record says of each claim line: times, people, assistance, telehealth, notices."""

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.claim_facts import ServiceEvidence
from domain.claims.basis import ClaimBasis
from domain.claims.models import ClaimLine, ClaimLineSource
from domain.practices.models import Provider
from domain.visits.models import ChargeLine, Visit, VisitService

_Behind = tuple[Visit, VisitService, str]


def evidence_of(basis: ClaimBasis) -> dict[int, ServiceEvidence]:
    """The evidence of each line by its number; a line of several sessions or entries has their sum.

    A line whose code stands in no note as such (an add-on earned from its base) has none.
    """
    grouped: dict[int, list[_Behind]] = {}
    for one in sorted(basis.behind, key=lambda one: (one.line.number, one.visit.starts_at)):
        credential = basis.staff.providers[one.visit.provider_id].credential
        found = [(one.visit, service, credential) for service in basis.services_of(one)]
        if found:
            grouped.setdefault(one.line.number, []).extend(found)
    return {number: _evidence(behind) for number, behind in grouped.items()}


async def evidence_of_claims(
    session: AsyncSession, practice_id: UUID, claim_ids: Collection[UUID]
) -> dict[tuple[UUID, int], ServiceEvidence]:
    """The evidence of the lines of several claims, by claim and number."""
    if not claim_ids:
        return {}
    grouped: dict[tuple[UUID, int], list[_Behind]] = {}
    for claim_id, number, visit, service, credential in await _behind(session, practice_id, claim_ids):
        grouped.setdefault((claim_id, number), []).append((visit, service, credential))
    return {key: _evidence(behind) for key, behind in grouped.items()}


async def _behind(
    session: AsyncSession, practice_id: UUID, claim_ids: Collection[UUID]
) -> Sequence[Row[UUID, int, Visit, VisitService, str]]:
    source, line, charge = ClaimLineSource, ClaimLine, ChargeLine
    wanted = (
        select(line.claim_id, line.number, Visit, VisitService, Provider.credential)
        .join(source, (source.practice_id == line.practice_id) & (source.claim_line_id == line.id))
        .join(
            charge,
            (charge.practice_id == source.practice_id) & (charge.id == source.charge_line_id),
        )
        .join(Visit, (Visit.practice_id == source.practice_id) & (Visit.id == source.visit_id))
        .join(Provider, (Provider.practice_id == Visit.practice_id) & (Provider.id == Visit.provider_id))
        .join(
            VisitService,
            (VisitService.practice_id == Visit.practice_id)
            & (VisitService.visit_id == Visit.id)
            & (VisitService.code == charge.code),
        )
        .where(line.practice_id == practice_id, line.claim_id.in_(claim_ids))
        .order_by(line.number, Visit.starts_at, VisitService.ordinal)
    )
    return (await session.execute(wanted)).all()


def _evidence(behind: Sequence[_Behind]) -> ServiceEvidence:
    """Of several entries: minutes and units summed, times first to last, the rest from the first."""
    visit, service, credential = behind[0]
    services = [entry for _, entry, _ in behind]
    starts = [entry.starts_at for entry in services if entry.starts_at]
    ends = [entry.ends_at for entry in services if entry.ends_at]
    noted = [entry.units_in_note for entry in services if entry.units_in_note is not None]
    told = {
        "starts_at": min(starts) if len(starts) == len(services) else None,
        "ends_at": max(ends) if len(ends) == len(services) else None,
        "clinician": str(visit.provider_id),
        "credential": credential,
        "assistant_minutes": sum(entry.assistant_minutes for entry in services),
        "joint_minutes": sum(entry.joint_minutes for entry in services),
        "patients_at_once": max(entry.patients_at_once for entry in services),
        "telehealth": visit.telehealth,
        "patient_at_home": visit.patient_at_home,
        "patient_state": visit.patient_state,
        "body_site": service.body_site,
        "separate_encounter": any(entry.separate_encounter for entry in services),
        "notice": service.notice,
        "benefit": visit.benefit,
        "units_in_note": sum(noted) if len(noted) == len(services) else None,
    }
    return msgspec.convert(told, ServiceEvidence)
