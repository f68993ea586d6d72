"""Who stood behind each line of a claim, what they were entitled to, and how much was supervised."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.facts.staffing import (
    LicenceFacts,
    SessionStaffing,
    SignatureFacts,
    SupervisedMonth,
    SupervisorFacts,
)
from billing_rules.therapy.staffing_rules import ABA_CODES
from domain.claims.basis import ClaimBasis
from domain.claims.models import Claim
from domain.practices.credential_models import ProviderLicence
from domain.practices.staff_book import StaffBook
from domain.visits.models import Visit, VisitService
from domain.visits.verification_models import SupervisionRecord


def staffing_of(
    basis: ClaimBasis, states: Mapping[UUID, str | None]
) -> dict[int, tuple[SessionStaffing, ...]]:
    """The staffing of each line by its number, one entry a session."""
    told = {v.id: _session(basis.staff, basis.claim, v, states[v.id]) for v in basis.sessions}
    return {number: tuple(told[visit.id] for visit in some) for number, some in basis.visits.items()}


def session_states(basis: ClaimBasis) -> dict[UUID, str | None]:
    """Where the patient was: as the note says; by telehealth at home, the patient's own; else the place's."""
    places, home = basis.identifiers.locations, basis.patient.state
    return {visit.id: _state(visit, places[visit.location_id].state, home) for visit in basis.sessions}


async def supervised_months(
    session: AsyncSession, claim: Claim, codes: Iterable[str], days: Iterable[date], today: date
) -> tuple[SupervisedMonth, ...]:
    """The patient's minutes by code, and recorded supervision, of the months that the claim touches.

    None for a claim without behaviour analysis. A month has ended when `today` is after its last day.
    """
    if not set(codes) & set(ABA_CODES):
        return ()
    months = sorted({day.replace(day=1) for day in days})
    return tuple([await _month(session, claim, month_on, today) for month_on in months])


def _state(visit: Visit, place: str, home: str) -> str | None:
    if visit.patient_state is not None:
        return visit.patient_state
    if visit.telehealth == "none":
        return place
    return home if visit.patient_at_home else None


def _session(staff: StaffBook, claim: Claim, visit: Visit, state: str | None) -> SessionStaffing:
    on = visit.date_of_service
    held = staff.entitled(visit.provider_id, on, state)
    supervisor_id = staff.supervisor(visit.provider_id, on, visit.supervisor_id)
    return SessionStaffing(
        clinician=str(visit.provider_id),
        credential=held.credential,
        standing=held.standing,
        renders=claim.rendering_provider_id == visit.provider_id,
        supervisor=_supervisor(staff, claim, supervisor_id, on, state),
        is_cosigned=visit.cosigned_at is not None,
        is_telehealth=visit.telehealth != "none",
        location_state=state,
        licences=tuple(_licence(licence) for licence in staff.licences_of(visit.provider_id)),
        signatures=_signatures(visit),
    )


def _licence(licence: ProviderLicence) -> LicenceFacts:
    return LicenceFacts(
        kind=licence.kind,  # type: ignore[arg-type]
        title=licence.title,
        compact=licence.compact,
        state=licence.state,
        starts_on=licence.starts_on,
        ends_on=licence.ends_on,
    )


def _supervisor(
    staff: StaffBook, claim: Claim, supervisor_id: UUID | None, on: date, state: str | None
) -> SupervisorFacts | None:
    if supervisor_id is None or supervisor_id not in staff.providers:
        return None
    return SupervisorFacts(
        clinician=str(supervisor_id),
        credential=staff.entitled(supervisor_id, on, state).credential,
        is_available=staff.is_available(supervisor_id, on),
        renders=claim.rendering_provider_id == supervisor_id,
        licences=tuple(_licence(licence) for licence in staff.licences_of(supervisor_id)),
    )


def _signatures(visit: Visit) -> tuple[SignatureFacts, ...]:
    """The clinician's own under the note, the countersignature, and whatever else the note has."""
    own = [("clinician", visit.signed_at), ("supervisor", visit.cosigned_at)]
    found = [SignatureFacts(role=role, signed_at=at) for role, at in own if at is not None]
    signed: Sequence[dict[str, Any]] = visit.signatures
    return (*found, *(SignatureFacts(role=s["role"], signed_at=_instant(s.get("signed_at"))) for s in signed))


def _instant(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None


async def _month(session: AsyncSession, claim: Claim, month_on: date, today: date) -> SupervisedMonth:
    ends_on = (month_on + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    mine = (Visit.practice_id == claim.practice_id, Visit.patient_id == claim.patient_id)
    within = Visit.date_of_service.between(month_on, ends_on)
    of_visit = (VisitService.practice_id == Visit.practice_id) & (VisitService.visit_id == Visit.id)
    documented = (
        select(VisitService.code, func.sum(VisitService.minutes).label("minutes"))
        .join(Visit, of_visit)
        .where(*mine, within, Visit.status != "void", VisitService.code.in_(ABA_CODES))
        .group_by(VisitService.code)
    )
    recorded = select(func.sum(SupervisionRecord.minutes)).where(
        SupervisionRecord.practice_id == claim.practice_id,
        SupervisionRecord.patient_id == claim.patient_id,
        SupervisionRecord.supervised_on.between(month_on, ends_on),
    )
    return SupervisedMonth(
        month_on=month_on,
        minutes={row.code: int(row.minutes or 0) for row in await session.execute(documented)},
        recorded_minutes=int((await session.execute(recorded)).scalar_one() or 0),
        has_ended=today > ends_on,
    )
