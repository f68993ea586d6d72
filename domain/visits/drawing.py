"""What a session that took place draws on its limits: a fact, whatever is left, instead of its booking."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.allowances.choosing import Choice
from domain.allowances.drawing import draw_moves, forget_choices, record_choices, release_moves
from domain.allowances.epsdt import lift_caps
from domain.allowances.excess import AUTHORIZATION_MISSING, OVER_LIMIT, settle_excess, tell_excess
from domain.allowances.limits import Line, Session
from domain.allowances.locking import lock_state
from domain.allowances.payers import PayersOn
from domain.ledger.draws import use_limits
from domain.ledger.entries import Stamp
from domain.ledger.limits import Used
from domain.practices.settings import ProfileView
from domain.scheduling.reservations import settle
from domain.visits.models import Visit
from tenants.clock import local_date


async def draw(
    session: AsyncSession,
    stamp: Stamp,
    visit: Visit,
    payers: PayersOn | None,
    lines: Sequence[Line],
    profile: ProfileView,
    *,
    is_new: bool = False,
) -> None:
    """Draw what the visit takes, release what its appointment and earlier versions took, and tell the rest.

    An unsigned note stands at *attended*, a signed one at *documented*. Without a case nothing is drawn.
    """
    subjects = [visit.id] if visit.appointment_id is None else [visit.id, visit.appointment_id]
    drawing = _session(visit, lines)
    stage = "documented" if visit.signed_at is not None else "attended"
    choices = await _choose(session, stamp, drawing, payers, subjects)
    moves = draw_moves(drawing, choices, stage, fact=True)
    back = await release_moves(session, stamp.practice_id, subjects, keeping=moves)
    await record_choices(session, stamp.practice_id, drawing, choices, stage=stage, now=stamp.recorded_at)
    await _take_over(session, stamp, visit)
    used = await use_limits(session, stamp, [*moves, *back])
    trouble = _trouble(choices, payers, used, visit.id)
    if trouble is not None or not is_new:
        await _tell(session, stamp, visit, profile, trouble)
    await settle(session, stamp, profile, used.affected)


async def _choose(
    session: AsyncSession,
    stamp: Stamp,
    drawing: Session,
    payers: PayersOn | None,
    subjects: Sequence[UUID],
) -> list[Choice]:
    if payers is None or not drawing.lines:
        return []
    coverage_ids = [coverage.id for coverage in payers.coverages]
    on = [drawing.service_on]
    state = await lock_state(session, stamp.practice_id, coverage_ids, on, instead_of=subjects)
    state = await lift_caps(session, stamp.practice_id, payers, state)
    return state.choose(drawing, payers.order)


async def _take_over(session: AsyncSession, stamp: Stamp, visit: Visit) -> None:
    """What stood about the appointment is the visit's from now on."""
    appointment_id = visit.appointment_id
    if appointment_id is not None:
        await forget_choices(session, stamp.practice_id, appointment_id)
        await settle_excess(session, stamp.practice_id, "appointment", appointment_id, stamp.recorded_at)


async def give_back(session: AsyncSession, stamp: Stamp, visit: Visit, profile: ProfileView) -> None:
    """Release what a void visit drew; whoever was over the limit gets the room."""
    back = await release_moves(session, stamp.practice_id, [visit.id])
    used = await use_limits(session, stamp, back)
    await forget_choices(session, stamp.practice_id, visit.id)
    await settle_excess(session, stamp.practice_id, "visit", visit.id, stamp.recorded_at)
    await settle(session, stamp, profile, used.affected)


def _session(visit: Visit, lines: Sequence[Line]) -> Session:
    return Session(
        subject_kind="visit",
        subject_id=visit.id,
        counted_as=visit.appointment_id or visit.id,
        service_on=visit.date_of_service,
        discipline=visit.discipline,
        provider_id=visit.provider_id,
        location_id=visit.location_id,
        lines=tuple(lines),
    )


def _trouble(
    choices: Sequence[Choice], payers: PayersOn | None, used: Used, visit_id: UUID
) -> tuple[str, str] | None:
    over = [drawn for drawn in used.draws if drawn.over and drawn.subject_id == visit_id and drawn.stage]
    if over:
        limit = over[0].limit
        return OVER_LIMIT, f"{over[0].over} {limit.unit} beyond {limit.kind} {limit.id}"
    if payers is None:
        return None
    capped = [c for c in choices if c.short and c.draw and c.draw.limit.hard]
    if capped and capped[0].draw:
        limit = capped[0].draw.limit.ref
        return OVER_LIMIT, f"{capped[0].short} by {limit.kind} {limit.id}"
    first = [c for c in choices if c.ordinal == 1 and c.limit_kind == "authorization_block"]
    missing = [c.code for c in first if c.draw is None and payers.needs_authorization(c.code)]
    if missing:
        return (
            AUTHORIZATION_MISSING,
            f"the payer wants an authorization for {missing[0]} and none covers it",
        )
    return None


async def _tell(
    session: AsyncSession, stamp: Stamp, visit: Visit, profile: ProfileView, trouble: tuple[str, str] | None
) -> None:
    if trouble is None:
        await settle_excess(session, stamp.practice_id, "visit", visit.id, stamp.recorded_at)
        return
    kind, reason = trouble
    await tell_excess(
        session,
        stamp.practice_id,
        kind=kind,
        subject_kind="visit",
        subject_id=visit.id,
        reason=reason,
        service_on=visit.date_of_service,
        today=local_date(stamp.recorded_at, profile.time_zone),
        now=stamp.recorded_at,
    )
