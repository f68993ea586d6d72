"""Reservations: what a booking draws on its limits, and what becomes of it when limits change."""

from collections.abc import Iterable, Sequence
from typing import ClassVar
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.session_units import counting
from domain.allowances.choosing import Choice, refusing
from domain.allowances.drawing import draw_moves, forget_choices, record_choices, release_moves
from domain.allowances.epsdt import lift_caps
from domain.allowances.excess import AUTHORIZATION_MISSING, OVER_LIMIT, settle_excess, tell_excess
from domain.allowances.limits import Session
from domain.allowances.locking import lock_state
from domain.allowances.payers import PayersOn, payers_on
from domain.ledger.draws import use_limits
from domain.ledger.entries import Stamp
from domain.ledger.limits import DrawResult, LimitRef, NothingLeft
from domain.practices.settings import ProfileView
from domain.scheduling.models import Appointment
from domain.scheduling.planning import planned_lines
from tenants.clock import local_date
from tenants.errors import Conflict


class CapReached(Conflict):
    """A booking would exceed what the limit allows in a day, a week or a month."""

    code: ClassVar[str] = "cap_reached"


class Reservation(Struct, frozen=True, kw_only=True):
    """Whether a booking has its room, and why; `trouble` is the kind of work that it opens."""

    status: str
    reason: str
    trouble: str | None


async def reserve(
    session: AsyncSession, stamp: Stamp, appointment: Appointment, profile: ProfileView
) -> None:
    """Draw on the limits of a booked appointment, instead of what it drew before.

    Where the schedule is kept here, raises NothingLeft or CapReached; where it is mirrored the booking is
    recorded as unreserved and becomes work. The caller holds the appointment's lock.
    """
    if profile.schedule_mode == "none":
        appointment.reservation, appointment.reservation_reason = "none", "the practice keeps no schedule"
        return
    payers = await payers_on(
        session, stamp.practice_id, appointment.case_id, appointment.discipline, appointment.service_on
    )
    drawing = drawing_of(appointment, payers)
    choices = await _choose(session, stamp, drawing, payers, kept=profile.schedule_mode == "kept")
    moves = draw_moves(drawing, choices, "booked", fact=profile.schedule_mode == "mirrored")
    back = await release_moves(session, stamp.practice_id, [appointment.id], keeping=moves)
    used = await use_limits(session, stamp, [*back, *moves])
    await record_choices(session, stamp.practice_id, drawing, choices, stage="booked", now=stamp.recorded_at)
    await _write(session, stamp, appointment, profile, _standing(choices, payers))
    await settle(session, stamp, profile, used.affected)


def drawing_of(appointment: Appointment, payers: PayersOn) -> Session:
    """The appointment as limits see it."""
    minutes = int((appointment.ends_at - appointment.starts_at).total_seconds()) // 60
    how = counting(payers.book, payers.asked)
    return Session(
        subject_kind="appointment",
        subject_id=appointment.id,
        counted_as=appointment.id,
        service_on=appointment.service_on,
        discipline=appointment.discipline,
        provider_id=appointment.provider_id,
        location_id=appointment.location_id,
        lines=planned_lines(appointment.planned_codes, appointment.discipline, minutes, how),
    )


async def give_back(
    session: AsyncSession, stamp: Stamp, appointment: Appointment, profile: ProfileView
) -> None:
    """Release what an appointment reserved; whoever waited for the room gets it."""
    back = await release_moves(session, stamp.practice_id, [appointment.id])
    used = await use_limits(session, stamp, back)
    await forget_choices(session, stamp.practice_id, appointment.id)
    await settle_excess(session, stamp.practice_id, "appointment", appointment.id, stamp.recorded_at)
    await settle(session, stamp, profile, used.affected)


async def settle(
    session: AsyncSession, stamp: Stamp, profile: ProfileView, affected: Iterable[DrawResult]
) -> None:
    """Say of other bookings and visits that they have their room now, or lost it."""
    over: dict[UUID, int] = {}
    for result in affected:
        over[result.subject_id] = max(over.get(result.subject_id, 0), result.over)
    if not over:
        return
    mine = (Appointment.practice_id == stamp.practice_id, Appointment.id.in_(over))
    booked = {a.id: a for a in (await session.execute(select(Appointment).where(*mine))).scalars()}
    for subject_id, excess in over.items():
        appointment = booked.get(subject_id)
        if appointment is not None:
            await _write(session, stamp, appointment, profile, _after_change(excess))
        elif excess:
            await _tell_of_visit(session, stamp, profile, subject_id)
        else:
            await settle_excess(session, stamp.practice_id, "visit", subject_id, stamp.recorded_at)


async def _tell_of_visit(session: AsyncSession, stamp: Stamp, profile: ProfileView, visit_id: UUID) -> None:
    today = local_date(stamp.recorded_at, profile.time_zone)
    await tell_excess(
        session,
        stamp.practice_id,
        kind=OVER_LIMIT,
        subject_kind="visit",
        subject_id=visit_id,
        reason="the limit was cut since",
        service_on=today,
        today=today,
        now=stamp.recorded_at,
    )


async def _choose(
    session: AsyncSession, stamp: Stamp, drawing: Session, payers: PayersOn, *, kept: bool
) -> list[Choice]:
    coverage_ids = [coverage.id for coverage in payers.coverages]
    state = await lock_state(
        session, stamp.practice_id, coverage_ids, [drawing.service_on], instead_of=[drawing.subject_id]
    )
    state = await lift_caps(session, stamp.practice_id, payers, state)
    before = dict(state.available)
    choices = state.choose(drawing, payers.order)
    if kept:
        _refuse(refusing(choices), before)
    return choices


def _refuse(short: Sequence[Choice], available: dict[LimitRef, int]) -> None:
    if not short:
        return
    draw = short[0].draw
    assert draw is not None
    if available[draw.limit.ref] < draw.amount:
        raise NothingLeft(draw.limit.ref, draw.amount, available[draw.limit.ref])
    raise CapReached(f"{draw.limit.ref.kind} {draw.limit.ref.id} allows {short[0].short}")


def _standing(choices: Sequence[Choice], payers: PayersOn) -> Reservation:
    short = refusing(choices)
    if short and short[0].draw:
        limit = short[0].draw.limit.ref
        reason = f"{short[0].short} in {limit.kind} {limit.id}"
        return Reservation(status="unreserved", reason=reason, trouble=OVER_LIMIT)
    first = [c for c in choices if c.ordinal == 1 and c.limit_kind == "authorization_block"]
    missing = [c.code for c in first if c.draw is None and payers.needs_authorization(c.code)]
    if missing:
        reason = f"the payer wants an authorization for {missing[0]} and none covers it"
        return Reservation(status="unreserved", reason=reason, trouble=AUTHORIZATION_MISSING)
    drawn = {c.draw.limit.ref for c in choices if c.draw}
    if drawn:
        return Reservation(status="reserved", reason=f"reserved on {len(drawn)} limits", trouble=None)
    return Reservation(status="none", reason="no limit applies", trouble=None)


def _after_change(excess: int) -> Reservation:
    if excess:
        return Reservation(status="unreserved", reason="the limit was cut since", trouble=OVER_LIMIT)
    return Reservation(status="reserved", reason="room became free since", trouble=None)


async def _write(
    session: AsyncSession,
    stamp: Stamp,
    appointment: Appointment,
    profile: ProfileView,
    standing: Reservation,
) -> None:
    appointment.reservation, appointment.reservation_reason = standing.status, standing.reason
    await session.flush()
    if standing.trouble is None:
        await settle_excess(session, stamp.practice_id, "appointment", appointment.id, stamp.recorded_at)
        return
    await tell_excess(
        session,
        stamp.practice_id,
        kind=standing.trouble,
        subject_kind="appointment",
        subject_id=appointment.id,
        reason=standing.reason,
        service_on=appointment.service_on,
        today=local_date(stamp.recorded_at, profile.time_zone),
        now=stamp.recorded_at,
    )
