"""Recording documented sessions: once per source id and version, amended until they are claimed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.ledger.entries import Stamp
from domain.patients.models import Case
from domain.practices.models import Provider
from domain.practices.settings import practice_profile
from domain.scheduling.booking import AppointmentNotBooked, SourceVersionReused
from domain.scheduling.models import Appointment
from domain.scheduling.versions import Arrival, compare
from domain.views import lock_row
from domain.visits.charging import drop_lines, stands_on_claim, tell_held
from domain.visits.drawing import give_back
from domain.visits.intake import accept
from domain.visits.models import Visit, VisitService
from domain.visits.note_rows import service_row, visit_values
from domain.visits.notes import NewVisit
from domain.visits.processing import process
from domain.visits.questions import keep_in_step
from tenants.audit import note_change, note_patients
from tenants.errors import Conflict, Invalid, NotFound
from tenants.ids import new_id


class VisitAlreadyClaimed(Conflict):
    """The visit stands on a claim: a change of it is a correction of that claim."""

    code = "visit_already_claimed"


class VisitIsVoid(Conflict):
    """The visit was retracted."""

    code = "visit_is_void"


async def record_visit(
    session: AsyncSession, practice_id: UUID, given: NewVisit, *, by: UUID, now: datetime
) -> UUID:
    """Record a documented session, or take a newer version of it; returns the visit's id.

    The same version again changes nothing, an older one is passed over. Raises SourceVersionReused,
    VisitAlreadyClaimed, VisitIsVoid, SessionsOverlap, CoverageNotActive, Invalid naming the field.
    """
    known = await _known(session, practice_id, given)
    if known is not None and not await _takes(session, known, given):
        return known.id
    profile = await practice_profile(session, practice_id)
    await _lock_provider(session, practice_id, given.provider_id)
    is_new = False
    accepted = await accept(session, practice_id, given, profile, visit_id=known.id if known else None)
    if known is None:
        known, is_new = await _insert_or_lock(session, practice_id, given, accepted.on, now)
        if not is_new and not await _takes(session, known, given):
            return known.id
    await _write(session, known, given, accepted.on, now, is_new=is_new)
    await _attach(session, known, given.appointment_id)
    paid = accepted.paid if given.case_id == known.case_id else None
    await process(session, Stamp(practice_id, by, now), known, profile, paid=paid, is_new=is_new)
    return known.id


async def assign_case(
    session: AsyncSession, practice_id: UUID, visit_id: UUID, case_id: UUID, *, by: UUID, now: datetime
) -> None:
    """Give a held visit its case, and charge it if nothing else is missing.

    Raises Invalid for a case of another patient, VisitAlreadyClaimed, VisitIsVoid, NotFound.
    """
    visit = await lock_open_visit(session, practice_id, visit_id)
    case = await session.get(Case, (practice_id, case_id))
    if case is None or case.patient_id != visit.patient_id:
        raise Invalid("/case_id names no case of this patient", pointer="/case_id")
    visit.case_id = case_id
    await session.flush()
    await _attach(session, visit, None)
    await _again(session, visit, by, now)


async def choose_units(
    session: AsyncSession,
    practice_id: UUID,
    visit_id: UUID,
    choices: dict[str, list[str]],
    *,
    by: UUID,
    now: datetime,
) -> None:
    """Keep the clinician's word where minutes tie, and charge; raises Invalid when it settles no tie."""
    visit = await lock_open_visit(session, practice_id, visit_id)
    visit.unit_choices = choices
    await session.flush()
    await _again(session, visit, by, now)


async def recheck_visit(
    session: AsyncSession, practice_id: UUID, visit_id: UUID, *, by: UUID, now: datetime
) -> None:
    """Process a visit again after something it missed was added: a price, a plan of care, a coverage."""
    await _again(session, await lock_open_visit(session, practice_id, visit_id), by, now)


async def void_visit(
    session: AsyncSession, practice_id: UUID, visit_id: UUID, *, reason: str, by: UUID, now: datetime
) -> None:
    """Retract a visit that did not take place, and give back what it drew; raises VisitAlreadyClaimed."""
    visit = await lock_open_visit(session, practice_id, visit_id)
    await drop_lines(session, visit)
    visit.status, visit.held_reason = "void", reason
    await session.flush()
    profile = await practice_profile(session, practice_id)
    await give_back(session, Stamp(practice_id, by, now), visit, profile)
    await keep_in_step(session, visit, (), time_zone=profile.time_zone, now=now)
    await tell_held(session, visit, profile.time_zone, now)


async def _known(session: AsyncSession, practice_id: UUID, given: NewVisit) -> Visit | None:
    same = (
        Visit.practice_id == practice_id,
        Visit.source_system == given.source_system,
        Visit.source_id == given.source_id,
    )
    found = select(Visit).where(*same).with_for_update(key_share=True)
    return (await session.execute(found)).scalar_one_or_none()


async def _takes(session: AsyncSession, visit: Visit, given: NewVisit) -> bool:
    """Whether the arriving note changes the visit."""
    arrival = compare(given.source_version, visit.source_version)
    if arrival is Arrival.SAME and visit.content_sha256 != given.content_sha256:
        raise SourceVersionReused("this version has other content", pointer="/source_version")
    if arrival is not Arrival.NEWER:
        return False
    await _refuse_closed(session, visit)
    return True


async def _lock_provider(session: AsyncSession, practice_id: UUID, provider_id: UUID) -> None:
    """Let the sessions of one clinician arrive one after the other, so that overlaps are seen."""
    try:
        await lock_row(session, Provider, practice_id, provider_id)
    except NotFound:
        raise Invalid("/provider_id names no provider of this practice", pointer="/provider_id") from None


async def _insert_or_lock(
    session: AsyncSession, practice_id: UUID, given: NewVisit, on: date, now: datetime
) -> tuple[Visit, bool]:
    key = {"practice_id": practice_id, "id": new_id()}
    values = {**visit_values(practice_id, given, on, now), **key, "status": "held"}
    made = await session.execute(insert(Visit).values(values).on_conflict_do_nothing().returning(Visit))
    visit = made.scalar_one_or_none()
    if visit is not None:
        note_change(session, "insert", "visits", visit.id)
        note_patients(session, visit.patient_id)
        return visit, True
    visit = await _known(session, practice_id, given)
    assert visit is not None, "somebody else wrote it first"
    return visit, False


async def _write(
    session: AsyncSession, visit: Visit, given: NewVisit, on: date, now: datetime, *, is_new: bool
) -> None:
    if not is_new:
        for name, value in visit_values(visit.practice_id, given, on, now).items():
            setattr(visit, name, value)
        mine = (VisitService.practice_id == visit.practice_id, VisitService.visit_id == visit.id)
        await session.execute(delete(VisitService).where(*mine))
    session.add_all(service_row(visit, ordinal, service) for ordinal, service in enumerate(given.services, 1))
    await session.flush()


async def _attach(session: AsyncSession, visit: Visit, appointment_id: UUID | None) -> None:
    """Take over the appointment that is named, or the one booked for this case, clinician and day."""
    if visit.appointment_id is not None or visit.case_id is None:
        return
    mine = (Appointment.practice_id == visit.practice_id, Appointment.case_id == visit.case_id)
    if appointment_id is not None:
        wanted = select(Appointment).where(*mine, Appointment.id == appointment_id)
    else:
        same_day = (
            Appointment.provider_id == visit.provider_id,
            Appointment.service_on == visit.date_of_service,
            Appointment.discipline == visit.discipline,
            Appointment.status == "booked",
        )
        wanted = select(Appointment).where(*mine, *same_day)
    found = list((await session.execute(wanted.with_for_update(key_share=True))).scalars())
    if appointment_id is not None and not found:
        raise Invalid("/appointment_id names no appointment of this case", pointer="/appointment_id")
    if len(found) != 1:
        return
    if found[0].status != "booked":
        raise AppointmentNotBooked(f"appointment {found[0].id} is {found[0].status}")
    found[0].status, visit.appointment_id = "attended", found[0].id
    await session.flush()


async def lock_open_visit(session: AsyncSession, practice_id: UUID, visit_id: UUID) -> Visit:
    """A visit that may still change, locked; raises VisitAlreadyClaimed, VisitIsVoid, NotFound."""
    visit = await lock_row(session, Visit, practice_id, visit_id)
    await _refuse_closed(session, visit)
    return visit


async def _refuse_closed(session: AsyncSession, visit: Visit) -> None:
    if visit.status == "void":
        raise VisitIsVoid(f"visit {visit.id} is void")
    if await stands_on_claim(session, visit):
        raise VisitAlreadyClaimed(f"visit {visit.id} stands on a claim")


async def process_unless_claimed(session: AsyncSession, visit: Visit, by: UUID, now: datetime) -> None:
    """Process a locked visit again; one that is void or on a claim stays as it is."""
    if visit.status != "void" and not await stands_on_claim(session, visit):
        await _again(session, visit, by, now)


async def _again(session: AsyncSession, visit: Visit, by: UUID, now: datetime) -> None:
    profile = await practice_profile(session, visit.practice_id)
    await process(session, Stamp(visit.practice_id, by, now), visit, profile)
