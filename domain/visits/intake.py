"""A documented session as it arrives, and what is refused of it before anything is written."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.code_table import find_code
from billing_rules.therapy.minutes import MinutesRefused, accept_minutes
from billing_rules.therapy.payer_rules import concurrent_sessions
from domain.allowances.payers import PayersOn, payers_on
from domain.patients.coverages import coverages_of_case
from domain.patients.models import Case, Patient
from domain.practices.models import Location, Provider
from domain.practices.settings import ProfileView
from domain.scheduling.models import Appointment
from domain.views import require_references
from domain.visits.evidence import accept_evidence
from domain.visits.models import Visit, VisitService
from domain.visits.notes import NewService, NewVisit
from tenants.clock import local_date
from tenants.columns import PracticeOwned
from tenants.errors import Invalid


class SessionsOverlap(Invalid):
    """The clinician has another session in these minutes, and the payer allows no such pair of codes."""

    code = "sessions_overlap"


class CoverageNotActive(Invalid):
    """The case has coverages, and none of them is in force on the date of service."""

    code = "coverage_not_active"


class Paid(NamedTuple):
    """Who pays for a session of a case; nobody does where families pay themselves."""

    payers: PayersOn
    is_self_pay: bool


class Accepted(NamedTuple):
    """The date of service, and who pays if the note names a case."""

    on: date
    paid: Paid | None


async def accept(
    session: AsyncSession, practice_id: UUID, given: NewVisit, profile: ProfileView, *, visit_id: UUID | None
) -> Accepted:
    """Refuse what cannot have been, naming the field. `visit_id` is amended.

    Raises SessionsOverlap, CoverageNotActive, Invalid.
    """
    on = local_date(given.starts_at, profile.time_zone)
    if given.ends_at <= given.starts_at:
        raise Invalid("it ends before it starts", pointer="/ends_at")
    if (given.signed_at is None) != (given.signed_by is None):
        raise Invalid("a signature has an instant and a name", pointer="/signed_by")
    accept_services(given.services)
    accept_evidence(given)
    await _accept_references(session, practice_id, given)
    paid = await _accept_case(session, practice_id, given, on)
    await _refuse_overlap(session, practice_id, given, paid.payers if paid else None, visit_id)
    return Accepted(on, paid)


def accept_services(services: list[NewService]) -> None:
    """Raise Invalid for a code that nobody knows, or for missing or negative minutes.

    One that is known and not valid on the date is recorded: the session took place, its charges are held.
    """
    for at, service in enumerate(services):
        row = find_code(service.code)
        if row is None:
            raise Invalid("the procedure code is not known", pointer=f"/services/{at}/code")
        try:
            if row.is_timed or service.minutes is not None:
                accept_minutes(service.minutes, f"/services/{at}/minutes")
        except MinutesRefused as refused:
            raise Invalid(refused.reason, pointer=refused.field) from refused
        if service.units is not None and service.units < 0:
            raise Invalid("units cannot be negative", pointer=f"/services/{at}/units")


async def _accept_references(session: AsyncSession, practice_id: UUID, given: NewVisit) -> None:
    own: list[tuple[type[PracticeOwned], UUID | None, str]] = [
        (Patient, given.patient_id, "/patient_id"),
        (Provider, given.provider_id, "/provider_id"),
        (Location, given.location_id, "/location_id"),
        (Appointment, given.appointment_id, "/appointment_id"),
        (Provider, given.supervisor_id, "/supervisor_id"),
    ]
    for at, service in enumerate(given.services):
        own.append((Provider, service.assistant_id, f"/services/{at}/assistant_id"))
    await require_references(session, practice_id, own)


async def _accept_case(session: AsyncSession, practice_id: UUID, given: NewVisit, on: date) -> Paid | None:
    if given.case_id is None:
        return None
    case = await session.get(Case, (practice_id, given.case_id))
    if case is None or case.patient_id != given.patient_id:
        raise Invalid("/case_id names no case of this patient", pointer="/case_id")
    payers = await payers_on(session, practice_id, case.id, given.discipline, on)
    if not payers.coverages and await coverages_of_case(session, practice_id, case.id):
        raise CoverageNotActive("no coverage of the case is in force on this date", pointer="/starts_at")
    return Paid(payers, is_self_pay=case.kind == "self_pay")


async def _refuse_overlap(
    session: AsyncSession,
    practice_id: UUID,
    given: NewVisit,
    payers: PayersOn | None,
    visit_id: UUID | None,
) -> None:
    others = await _codes_at_once(session, practice_id, given, visit_id)
    if not others:
        return
    allowed = concurrent_sessions(payers.book, payers.asked) if payers else None
    pairs = [(service.code, other) for service in given.services for other in others]
    if allowed is None or not all(allowed.allow(*pair) for pair in pairs):
        raise SessionsOverlap("the clinician has another session in these minutes", pointer="/starts_at")


async def _codes_at_once(
    session: AsyncSession, practice_id: UUID, given: NewVisit, visit_id: UUID | None
) -> list[str]:
    """The procedures of the clinician's other sessions that share minutes with this one."""
    services = (VisitService.practice_id == Visit.practice_id) & (VisitService.visit_id == Visit.id)
    at_once = select(Visit.id, VisitService.code).join(VisitService, services)
    within = (Visit.starts_at < given.ends_at, Visit.ends_at > given.starts_at)
    mine = (Visit.practice_id == practice_id, Visit.provider_id == given.provider_id)
    found = await session.execute(at_once.where(*mine, Visit.status != "void", *within))
    return [row.code for row in found if row.id != visit_id]
