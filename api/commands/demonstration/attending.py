"""A practice's days: the week is booked, people come or do not, notes arrive late, unsigned and amended."""

from contextlib import suppress
from datetime import date, timedelta
from uuid import UUID

from api.commands.demonstration.attesting import attestation
from api.commands.demonstration.company_plan import SOURCE, practice_plan
from api.commands.demonstration.diary import THIN, Service, SessionPlan
from api.commands.demonstration.sizes import DAYS_A_WEEK
from api.commands.demonstration.stage import PracticeIds, Stage, at
from domain.ledger.limits import NothingLeft
from domain.scheduling.booking import (
    AppointmentNotBooked,
    NewAppointment,
    book,
    cancel,
    note_no_show,
)
from domain.scheduling.queries import appointments
from domain.scheduling.reservations import CapReached
from domain.visits.notes import NewService, NewVisit
from domain.visits.queries import visits
from domain.visits.recording import record_visit

NO_SCHEDULE = "none"


async def book_week(stage: Stage, key: str, first: date) -> None:
    """Book a practice's week where a schedule is kept or mirrored; what has no room is not booked."""
    if practice_plan(key).schedule_mode == NO_SCHEDULE:
        return
    last = first + timedelta(days=DAYS_A_WEEK - 1)
    for plan in stage.sessions_of(key):
        if first <= plan.on <= last:
            await _book(stage, stage.practices[key], plan)


async def _book(stage: Stage, ids: PracticeIds, plan: SessionPlan) -> None:
    given = NewAppointment(
        case_id=ids.cases[plan.course.key],
        provider_id=ids.therapists[plan.therapist],
        location_id=ids.location_id,
        discipline=plan.course.discipline,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        planned_codes=[code for code, _ in plan.first_services],
        source_system=SOURCE,
        source_id=plan.key,
    )
    try:
        async with stage.services.database.practice_transaction(stage.actor, ids.id) as session:
            booked = await book(session, ids.id, given, by=stage.actor.id, now=stage.services.now())
    except (NothingLeft, CapReached):
        return
    ids.appointments[plan.key] = booked


async def note_attendance(stage: Stage, key: str) -> None:
    """Cancel what is cancelled today and note who did not come."""
    ids = stage.practices[key]
    for plan in stage.sessions_of(key):
        appointment_id = ids.appointments.get(plan.key)
        if plan.on == stage.today and plan.fate != "attended" and appointment_id is not None:
            await _miss(stage, ids, plan, appointment_id)


async def _miss(stage: Stage, ids: PracticeIds, plan: SessionPlan, appointment_id: UUID) -> None:
    by, now = stage.actor.id, stage.services.now()
    with suppress(AppointmentNotBooked):  # it was noted before the play was interrupted
        async with stage.services.database.practice_transaction(stage.actor, ids.id) as session:
            if plan.fate == "cancelled":
                await cancel(session, ids.id, appointment_id, reason="the patient called", by=by, now=now)
            else:
                await note_no_show(session, ids.id, appointment_id, by=by, now=now)


async def take_notes(stage: Stage, key: str) -> None:
    """Record the notes that arrive today: new ones, signatures of earlier ones, amended ones."""
    ids = stage.practices[key]
    kept = practice_plan(key).schedule_mode != NO_SCHEDULE
    for plan in stage.sessions_of(key):
        took_place = plan.fate == "attended" and (not kept or plan.key in ids.appointments)
        if took_place and stage.today in (plan.documented_on, plan.signed_on, plan.amended_on):
            await _record(stage, ids, plan)


async def _record(stage: Stage, ids: PracticeIds, plan: SessionPlan) -> None:
    given = note_of(plan, ids, stage.today)
    async with stage.services.database.practice_transaction(stage.actor, ids.id) as session:
        now = stage.services.now()
        ids.visits[plan.key] = await record_visit(session, ids.id, given, by=stage.actor.id, now=now)


def note_of(plan: SessionPlan, ids: PracticeIds, today: date) -> NewVisit:
    """The note as it stands today: its version says whether it was signed late or amended since."""
    is_second = today > plan.documented_on
    is_signed = today >= plan.signed_on
    services = plan.first_services if plan.amended_on and today < plan.amended_on else plan.services
    return NewVisit(
        patient_id=ids.patients[plan.course.key],
        case_id=ids.cases[plan.course.key],
        provider_id=ids.therapists[plan.therapist],
        location_id=ids.location_id,
        appointment_id=ids.appointments.get(plan.key),
        discipline=plan.course.discipline,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        services=[_service(service) for service in services],
        signed_at=at(plan.signed_on, 18) if is_signed else None,
        signed_by=plan.therapist if is_signed else None,
        source_system=SOURCE,
        source_id=plan.key,
        source_version="2" if is_second else "1",
        documentation=attestation(plan.course.discipline, _lacking(plan)) if is_signed else None,
    )


def _lacking(plan: SessionPlan) -> str | None:
    """One therapist forgot to tick why it needed a therapist's skill."""
    return "medical_necessity" if plan.key == THIN else None


def _service(service: Service) -> NewService:
    code, minutes = service
    return NewService(code=code, minutes=minutes)


async def recall(stage: Stage) -> None:
    """Look up what an interrupted play has booked and recorded already."""
    size = stage.play.size
    for ids in stage.practices.values():
        for week in range(size.weeks):
            first = stage.play.starts_on + timedelta(days=week * DAYS_A_WEEK)
            last = first + timedelta(days=DAYS_A_WEEK - 1)
            async with stage.services.database.practice_transaction(stage.actor, ids.id) as session:
                booked = await appointments(session, ids.id, first=first, last=last)
                held = await visits(session, ids.id, first=first, last=last)
            ids.appointments.update({row.source_id: row.id for row in booked})
            ids.visits.update({row.source_id: row.id for row in held})
