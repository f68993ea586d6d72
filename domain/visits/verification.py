"""Verified visits from an aggregator, kept as they came and superseded when corrected (BC-21)."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import asdict
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.patients.models import Patient
from domain.practices.models import Provider
from domain.practices.settings import StateCode
from domain.scheduling.booking import Instant, Source
from domain.views import read_views, require_reference
from domain.visits.verification_models import SupervisionRecord, VisitVerification
from tenants.audit import note_change, note_patients
from tenants.errors import Invalid
from tenants.ids import new_id


class NewVerification(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One verified visit: type of service, receiving, providing, date, location, times of begin and end.

    `visit_source_id` is our note's own id where the aggregator was told it.
    """

    aggregator: Source
    external_id: Source
    visit_source_id: Source | None = None
    code: Annotated[str, Meta(min_length=1, max_length=10)]
    member_number: Annotated[str, Meta(min_length=1, max_length=80)]
    provider_id: UUID
    served_on: date
    place_of_service: Annotated[str, Meta(pattern="^[0-9]{2}$")]
    state: StateCode
    starts_at: Instant
    ends_at: Instant


class NewSupervision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Minutes in which a supervisor took part in a technician's treatment of a patient."""

    patient_id: UUID
    supervisor_id: UUID
    supervisee_id: UUID
    supervised_on: date
    minutes: Annotated[int, Meta(gt=0, le=1440)]


class Imported(Struct, frozen=True, kw_only=True):
    """What became of a batch: new records, corrections of known ones, and repeats without effect."""

    recorded: int
    corrected: int
    repeated: int


class VerificationView(Struct, frozen=True, kw_only=True):
    """A verified visit as the aggregator has it now."""

    id: UUID
    aggregator: str
    external_id: str
    visit_source_id: str | None
    code: str
    member_number: str
    provider_id: UUID
    served_on: date
    place_of_service: str
    state: str
    starts_at: datetime
    ends_at: datetime
    recorded_at: datetime


class SupervisionView(Struct, frozen=True, kw_only=True):
    """Recorded supervision of a patient's treatment."""

    id: UUID
    patient_id: UUID
    supervisor_id: UUID
    supervisee_id: UUID
    supervised_on: date
    minutes: int


async def import_verifications(
    session: AsyncSession, practice_id: UUID, given: list[NewVerification], *, now: datetime
) -> Imported:
    """Take a batch, all of it or none; the same record again changes nothing, another content supersedes.

    Raises Invalid, naming the record and the field.
    """
    counted = {"recorded": 0, "corrected": 0, "repeated": 0}
    for at, record in enumerate(given):
        if record.ends_at <= record.starts_at:
            raise Invalid("it ends before it starts", pointer=f"/records/{at}/ends_at")
        pointer = f"/records/{at}/provider_id"
        await require_reference(session, Provider, practice_id, record.provider_id, pointer)
        counted[await _take(session, practice_id, record, now)] += 1
    return Imported(**counted)


async def record_supervision(
    session: AsyncSession, practice_id: UUID, given: NewSupervision, *, now: datetime
) -> UUID:
    """Record supervision that took place; raises Invalid for unknown people or oneself."""
    await require_reference(session, Patient, practice_id, given.patient_id, "/patient_id")
    await require_reference(session, Provider, practice_id, given.supervisor_id, "/supervisor_id")
    await require_reference(session, Provider, practice_id, given.supervisee_id, "/supervisee_id")
    if given.supervisor_id == given.supervisee_id:
        raise Invalid("nobody supervises themselves", pointer="/supervisor_id")
    row = SupervisionRecord(practice_id=practice_id, id=new_id(), recorded_at=now, **asdict(given))
    session.add(row)
    await session.flush()
    return row.id


async def verifications(
    session: AsyncSession, practice_id: UUID, *, first: date, last: date
) -> list[VerificationView]:
    """The verified visits of some dates as they stand, by time."""
    row = VisitVerification
    mine = (row.practice_id == practice_id, row.superseded_at.is_(None), row.served_on.between(first, last))
    return await read_views(session, VerificationView, row, *mine, order=[row.starts_at, row.id])


async def supervision_of(
    session: AsyncSession, practice_id: UUID, patient_id: UUID, *, first: date, last: date
) -> list[SupervisionView]:
    """The recorded supervision of a patient's treatment within dates."""
    note_patients(session, patient_id)
    row = SupervisionRecord
    mine = (row.practice_id == practice_id, row.patient_id == patient_id)
    within = row.supervised_on.between(first, last)
    return await read_views(session, SupervisionView, row, *mine, within, order=[row.supervised_on, row.id])


async def _take(session: AsyncSession, practice_id: UUID, record: NewVerification, now: datetime) -> str:
    row, values = VisitVerification, asdict(record)
    same = (row.practice_id == practice_id, row.aggregator == record.aggregator)
    current = select(row).where(*same, row.external_id == record.external_id, row.superseded_at.is_(None))
    known = (await session.execute(current.with_for_update())).scalar_one_or_none()
    if known is not None:
        if all(getattr(known, name) == value for name, value in values.items()):
            return "repeated"
        known.superseded_at = now
        await session.flush()
    record_id = new_id()
    stamp = {"practice_id": practice_id, "id": record_id, "recorded_at": now}
    made = insert(row).values(values | stamp).on_conflict_do_nothing().returning(row.id)
    if (await session.execute(made)).scalar_one_or_none() is None:
        return await _take(session, practice_id, record, now)  # somebody brought it meanwhile
    note_change(session, "insert", "visit_verifications", record_id)
    return "recorded" if known is None else "corrected"
