"""The first chapters of a claim's story: booking, session, note, and what they took of each limit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.allowances.quantities import SHOWN_AS, words
from domain.ledger.statements import driver_of
from domain.practices.models import Provider
from domain.reporting.moments import Moment, happened
from domain.scheduling.models import Appointment
from domain.visits.models import Visit, VisitService

# A draw's journal is named by its subject first; the limits are those that the subjects ever chose.
USED = """
select t.id, t.unit, t.amount, t.kind, t.recorded_at, t.actor_id, d.kind as debit_kind, c.kind as credit_kind,
    d.owner_kind, d.owner_id, coalesce('authorization ' || a.number, l.source) as limit_name
from accounts own
join transfers t on t.practice_id = $1 and (t.debit_account = own.id or t.credit_account = own.id)
join journals j on j.practice_id = $1 and j.id = t.journal_id
    and split_part(j.source, ':', 1) = any($2::text[])
join accounts d on d.practice_id = $1 and d.id = t.debit_account
join accounts c on c.practice_id = $1 and c.id = t.credit_account
left join authorization_blocks b on b.practice_id = $1 and b.id = d.owner_id
left join authorizations a on a.practice_id = $1 and a.id = b.authorization_id
left join benefit_limits l on l.practice_id = $1 and l.id = d.owner_id
where own.practice_id = $1 and own.owner_id in (
    select limit_id from limit_choices where practice_id = $1 and subject_id = any($3::uuid[])
    union select limit_id from draws where practice_id = $1 and subject_id = any($3::uuid[]))
group by t.id, t.unit, t.amount, t.kind, t.recorded_at, t.actor_id, d.kind, c.kind, d.owner_kind, d.owner_id,
    a.number, l.source
order by t.recorded_at, t.id
"""
STAGES = {
    "available": "left",
    "booked": "booked",
    "attended": "attended",
    "documented": "documented",
    "billed": "billed",
    "adjudicated": "decided by the payer",
    "over_limit": "over the limit",
    "expired": "lapsed",
}


async def session_moments(
    session: AsyncSession, practice_id: UUID, visit_ids: Sequence[UUID]
) -> list[Moment]:
    """What happened from the booking to the note, and each step of what the sessions took of limits."""
    visits = await _visits(session, practice_id, visit_ids)
    subjects = {visit.id for visit, *_ in visits} | {a.id for _, _, a in visits if a}
    notes = await _notes(session, practice_id, visit_ids)
    moments = [m for row in visits for m in _of_visit(*row, notes.get(row[0].id, ""))]
    return moments + await _used(session, practice_id, sorted(subjects))


async def _visits(
    session: AsyncSession, practice_id: UUID, visit_ids: Sequence[UUID]
) -> list[tuple[Visit, str, Appointment | None]]:
    wanted = (
        select(Visit, Provider.given_name, Provider.family_name, Appointment)
        .join(Provider, (Provider.practice_id == Visit.practice_id) & (Provider.id == Visit.provider_id))
        .outerjoin(
            Appointment,
            (Appointment.practice_id == Visit.practice_id) & (Appointment.id == Visit.appointment_id),
        )
        .where(Visit.practice_id == practice_id, Visit.id.in_(visit_ids))
        .order_by(Visit.starts_at, Visit.id)
    )
    return [(v, f"{given} {family}", a) for v, given, family, a in await session.execute(wanted)]


async def _notes(session: AsyncSession, practice_id: UUID, visit_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The minutes that each note states, by visit."""
    mine = (VisitService.practice_id == practice_id, VisitService.visit_id.in_(visit_ids))
    found: dict[UUID, list[str]] = {}
    for row in (
        await session.execute(select(VisitService).where(*mine).order_by(VisitService.ordinal))
    ).scalars():
        spent = "" if row.minutes is None else f" {row.minutes} min"
        found.setdefault(row.visit_id, []).append(f"{row.code}{spent}")
    return {visit_id: ", ".join(parts) for visit_id, parts in found.items()}


def _of_visit(visit: Visit, provider: str, appointment: Appointment | None, note: str) -> list[Moment]:
    moments = []
    if appointment is not None:
        moments.append(_booked(appointment, provider))
    took_place = f"{visit.discipline}, {int((visit.ends_at - visit.starts_at).total_seconds()) // 60} minutes"
    moments.append(_session_moment(visit, visit.starts_at, f"Session with {provider}", took_place, provider))
    if visit.signed_at is not None:
        signed = _session_moment(visit, visit.signed_at, "Note signed", note, provider)
        moments.append(replace(signed, who=visit.signed_by or provider))
    recorded = happened(
        visit.recorded_at,
        visit.id,
        chapter="Session",
        title="Session recorded here",
        detail=f"from {visit.source_system}, version {visit.source_version}",
        written=("visits", visit.id),
        opens=("visits", visit.id),
    )
    return [*moments, recorded]


def _booked(appointment: Appointment, provider: str) -> Moment:
    reserved = {
        "reserved": "room in the limits is reserved",
        "unreserved": f"no room is reserved: {appointment.reservation_reason}",
    }.get(appointment.reservation, "no limit is needed")
    return happened(
        appointment.recorded_at,
        appointment.id,
        chapter="Appointment",
        title=f"Appointment booked with {provider}",
        detail=f"for {appointment.service_on:%-d %b %Y}; {reserved}",
        tone="warn" if appointment.reservation == "unreserved" else "idle",
        written=("appointments", appointment.id),
    )


def _session_moment(visit: Visit, at: datetime, title: str, detail: str, provider: str) -> Moment:
    return happened(
        at,
        visit.id,
        chapter="Session",
        title=title,
        detail=detail,
        who=provider,
        opens=("visits", visit.id),
    )


async def _used(session: AsyncSession, practice_id: UUID, subjects: Sequence[UUID]) -> list[Moment]:
    driver = await driver_of(session)
    rows = await driver.fetch(USED, practice_id, [str(subject) for subject in subjects], list(subjects))
    return [_step(row) for row in rows]


def _step(row: Any) -> Moment:
    amount = words(row["amount"], SHOWN_AS.get(row["unit"], "visits"))
    begin, end = (STAGES.get(row[side], row[side]) for side in ("debit_kind", "credit_kind"))
    over = "over_limit" in (row["debit_kind"], row["credit_kind"])
    return happened(
        row["recorded_at"],
        row["id"],
        chapter="Limit",
        title=f"{amount}: {begin} → {end}",
        detail=f"of {row['limit_name']}",
        tone="warn" if over else "idle",
        who=row["actor_id"],
    )
