"""A series before it is booked: which of its dates still have room, and which limit stops the others."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.code_table import Discipline
from billing_rules.therapy.session_units import counting
from domain.allowances.choosing import LimitState, refusing
from domain.allowances.limits import Session
from domain.allowances.locking import read_state
from domain.allowances.payers import PayersOn, payers_on
from domain.ledger.limits import LimitRef
from domain.patients.models import Case
from domain.scheduling.planning import accept_codes, planned_lines
from domain.views import require_reference
from tenants.ids import new_id


class NewSeries(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sessions of a case on several dates, for a look ahead; nothing is written."""

    case_id: UUID
    provider_id: UUID
    location_id: UUID
    discipline: Discipline
    planned_codes: Annotated[list[str], Meta(min_length=1)]
    minutes: Annotated[int, Meta(gt=0, le=720)]
    dates: Annotated[list[date], Meta(min_length=1, max_length=60)]


class SeriesDate(Struct, frozen=True, kw_only=True):
    """Whether one date of a series has room, and what stops it otherwise."""

    service_on: date
    has_room: bool
    limit_kind: str | None
    limit_id: UUID | None
    reason: str


async def preview_series(session: AsyncSession, practice_id: UUID, given: NewSeries) -> list[SeriesDate]:
    """What booking the dates one after the other would answer, by date; raises Invalid naming a field."""
    accept_codes(given.planned_codes, "/planned_codes", *given.dates)
    await require_reference(session, Case, practice_id, given.case_id, "/case_id")
    dates = sorted(set(given.dates))
    payers = [await payers_on(session, practice_id, given.case_id, given.discipline, on) for on in dates]
    coverage_ids = sorted({coverage.id for each in payers for coverage in each.coverages})
    state = await read_state(session, practice_id, coverage_ids, dates)
    return [_look(state, given, each) for each in payers]


def _look(state: LimitState, given: NewSeries, payers: PayersOn) -> SeriesDate:
    how = counting(payers.book, payers.asked)
    nobody = new_id()
    imagined = Session(
        subject_kind="appointment",
        subject_id=nobody,
        counted_as=nobody,
        service_on=payers.on,
        discipline=given.discipline,
        provider_id=given.provider_id,
        location_id=given.location_id,
        lines=planned_lines(given.planned_codes, given.discipline, given.minutes, how),
    )
    before = dict(state.available), list(state.used)
    choices = state.choose(imagined, payers.order)
    stopping = refusing(choices)
    if stopping and stopping[0].draw:
        state.available, state.used = before  # what would be refused takes nothing from later dates
        limit = stopping[0].draw.limit.ref
        return _answer(payers.on, has_room=False, limit=limit, reason=stopping[0].short or "")
    if any(choice.draw for choice in choices):
        return _answer(payers.on, has_room=True, limit=None, reason="there is room in every limit")
    reason = "no limit applies" if payers.coverages else "no coverage is in force"
    return _answer(payers.on, has_room=bool(payers.coverages), limit=None, reason=reason)


def _answer(on: date, *, has_room: bool, limit: LimitRef | None, reason: str) -> SeriesDate:
    return SeriesDate(
        service_on=on,
        has_room=has_room,
        limit_kind=limit.kind if limit else None,
        limit_id=limit.id if limit else None,
        reason=reason,
    )
