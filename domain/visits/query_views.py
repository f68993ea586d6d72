"""Questions to clinicians and unsigned notes, as screens and the API read them."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from domain.practices.models import PracticeProfile, Provider
from domain.practices.settings import practice_profile
from domain.visits.models import Visit
from domain.visits.query_models import ClinicianQuery
from domain.visits.questions import days_open
from tenants.audit import note_patients
from tenants.clock import local_date
from tenants.errors import NotFound
from tenants.snapshot import Snapshot

MOST_QUERIES = 500
MOST_NOTES = 1000


class QueryView(Struct, frozen=True, kw_only=True):
    """A question with what was answered; `days` are those to the answer, or to today while it is open."""

    id: UUID
    visit_id: UUID
    claim_id: UUID | None
    patient_id: UUID
    date_of_service: date
    provider_id: UUID
    service_ordinal: int | None
    rule: str
    question: str
    asked_by: UUID | None
    asked_at: datetime
    status: str
    answered_at: datetime | None
    answered_by: UUID | None
    answer: str | None
    addendum: str | None
    items: dict[str, Any]
    days: int
    closed_reason: str | None
    earlier: list[Any]


class UnsignedNote(Struct, frozen=True, kw_only=True):
    """A session whose note nobody signed; `waiting_cents` is null where no price or count is known."""

    practice_id: UUID
    visit_id: UUID
    provider_id: UUID
    patient_id: UUID
    date_of_service: date
    age_days: int
    waiting_cents: Cents | None


class ProviderQueue(Struct, frozen=True, kw_only=True):
    """One clinician's unsigned notes, oldest first, with the dollars that wait for the signature."""

    practice_id: UUID
    provider_id: UUID
    provider_name: str
    notes: int
    oldest_days: int
    waiting_cents: Cents
    unpriced: int
    unsigned: list[UnsignedNote]


async def queries_of(
    session: AsyncSession,
    practice_id: UUID,
    *,
    now: datetime,
    providers: Collection[UUID] | None = None,
    visit_id: UUID | None = None,
    status: str | None = None,
    query_id: UUID | None = None,
) -> list[QueryView]:
    """The questions of a practice, oldest first, narrowed to clinicians, a session or a status."""
    listed = _query_rows().where(ClinicianQuery.practice_id == practice_id)
    if providers is not None:
        listed = listed.where(ClinicianQuery.provider_id.in_(list(providers)))
    for column, value in (
        (ClinicianQuery.visit_id, visit_id),
        (ClinicianQuery.status, status),
        (ClinicianQuery.id, query_id),
    ):
        if value is not None:
            listed = listed.where(column == value)
    zone = (await practice_profile(session, practice_id)).time_zone
    found = [_query_view(*row, now, zone) for row in await session.execute(listed)]
    note_patients(session, *(view.patient_id for view in found))
    return found


async def query_view(session: AsyncSession, practice_id: UUID, query_id: UUID, *, now: datetime) -> QueryView:
    """One question; raises NotFound."""
    found = await queries_of(session, practice_id, now=now, query_id=query_id)
    if not found:
        raise NotFound(f"no query {query_id}")
    return found[0]


async def unsigned_notes(session: AsyncSession, practice_id: UUID, *, now: datetime) -> list[ProviderQueue]:
    """The unsigned notes of one practice by clinician, most dollars first."""
    listed = _unsigned_rows().where(Visit.practice_id == practice_id)
    rows = (await session.execute(listed)).all()
    note_patients(session, *(row.patient_id for row in rows))
    return _by_provider(rows, now)


async def unsigned_notes_everywhere(snapshot: Snapshot, *, now: datetime) -> list[ProviderQueue]:
    """The same over the actor's practices, in one instant."""
    rows = await snapshot.rows(_unsigned_rows())
    for row in rows:
        snapshot.note_patients(row.practice_id, row.patient_id)
    return _by_provider(rows, now)


def _query_rows() -> Select[ClinicianQuery, UUID, date]:
    visit = (Visit.practice_id == ClinicianQuery.practice_id) & (Visit.id == ClinicianQuery.visit_id)
    return (
        select(ClinicianQuery, Visit.patient_id, Visit.date_of_service)
        .join(Visit, visit)
        .order_by(ClinicianQuery.asked_at, ClinicianQuery.id)
        .limit(MOST_QUERIES)
    )


def _query_view(
    query: ClinicianQuery, patient_id: UUID, on: date, now: datetime, time_zone: str
) -> QueryView:
    reckoned = {"patient_id", "date_of_service", "days"}
    named = {name: getattr(query, name) for name in QueryView.__struct_fields__ if name not in reckoned}
    days = query.elapsed_days
    return QueryView(
        **named,
        patient_id=patient_id,
        date_of_service=on,
        days=days_open(query.asked_at, now, time_zone) if days is None else days,
    )


def _unsigned_rows() -> Select[*tuple[Any, ...]]:
    """Unsigned sessions with their clinician and the practice's time zone, oldest first."""
    name = func.concat(Provider.given_name, " ", Provider.family_name).label("provider_name")
    return (
        select(
            Visit.practice_id,
            Visit.id.label("visit_id"),
            Visit.provider_id,
            Visit.patient_id,
            Visit.date_of_service,
            Visit.waiting_cents,
            PracticeProfile.time_zone,
            name,
        )
        .join(Provider, (Provider.practice_id == Visit.practice_id) & (Provider.id == Visit.provider_id))
        .join(PracticeProfile, PracticeProfile.practice_id == Visit.practice_id)
        .where(Visit.signed_at.is_(None), Visit.status != "void")
        .order_by(Visit.date_of_service, Visit.id)
        .limit(MOST_NOTES)
    )


def _by_provider(rows: Iterable[Any], now: datetime) -> list[ProviderQueue]:
    notes: dict[tuple[UUID, UUID, str], list[UnsignedNote]] = {}
    for row in rows:
        key = (row.practice_id, row.provider_id, row.provider_name)
        notes.setdefault(key, []).append(_note(row, now))
    queues = [_queue(*key, unsigned) for key, unsigned in notes.items()]
    return sorted(queues, key=lambda queue: (-queue.waiting_cents, queue.provider_name, queue.provider_id))


def _note(row: Any, now: datetime) -> UnsignedNote:
    told = {name: row._mapping[name] for name in UnsignedNote.__struct_fields__ if name != "age_days"}
    return UnsignedNote(**told, age_days=(local_date(now, row.time_zone) - row.date_of_service).days)


def _queue(practice_id: UUID, provider_id: UUID, name: str, unsigned: list[UnsignedNote]) -> ProviderQueue:
    return ProviderQueue(
        practice_id=practice_id,
        provider_id=provider_id,
        provider_name=name,
        notes=len(unsigned),
        oldest_days=max(note.age_days for note in unsigned),
        waiting_cents=sum(note.waiting_cents or 0 for note in unsigned),
        unpriced=sum(note.waiting_cents is None for note in unsigned),
        unsigned=unsigned,
    )
