"""Recording a payer's permission or limit: granted, and matched with what rested on none, in one post."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from domain.allowances.authorizations import (
    BlockChange,
    NewAuthorization,
    Recorded,
    change_block,
    record_authorization,
)
from domain.allowances.benefit_limits import NewBenefitLimit, record_benefit_limit
from domain.allowances.excess import settle_excess
from domain.allowances.matching import Rematch, rematch
from domain.ledger.draws import use_limits
from domain.ledger.entries import Stamp
from domain.ledger.limits import DrawResult, Used
from domain.practices.settings import practice_profile
from domain.scheduling.reservations import settle


class Granted(Struct, frozen=True, kw_only=True):
    """A new limit, and the appointments and visits that rested on none and draw on it now."""

    id: UUID
    matched_appointments: list[UUID]
    matched_visits: list[UUID]


async def authorize(
    session: AsyncSession, practice_id: UUID, given: NewAuthorization, *, by: UUID, now: datetime
) -> Granted:
    """Record an approved authorization; one dated back takes up what was recorded in its window before.

    Raises AuthorizationNumberKnown, and Invalid naming the field.
    """
    recorded = await record_authorization(session, practice_id, given, now=now)
    return await _grant(session, Stamp(practice_id, by, now), recorded)


async def limit_benefit(
    session: AsyncSession, practice_id: UUID, given: NewBenefitLimit, *, by: UUID, now: datetime
) -> Granted:
    """Record a plan's cap, with or without an authorization; what took place in its period counts."""
    recorded = await record_benefit_limit(session, practice_id, given, now=now)
    return await _grant(session, Stamp(practice_id, by, now), recorded)


async def change_authorized(
    session: AsyncSession, practice_id: UUID, block_id: UUID, given: BlockChange, *, by: UUID, now: datetime
) -> Used:
    """Override or cut a block, and tell the bookings that gained or lost their room."""
    used = await change_block(session, practice_id, block_id, given, by=by, now=now)
    await settle(
        session,
        Stamp(practice_id, by, now),
        await practice_profile(session, practice_id),
        used.affected,
    )
    return used


async def _grant(session: AsyncSession, stamp: Stamp, recorded: Recorded) -> Granted:
    matched = await rematch(
        session, stamp.practice_id, recorded.coverage_id, recorded.grants, now=stamp.recorded_at
    )
    used = await use_limits(session, stamp, [*recorded.grants, *matched.moves])
    profile = await practice_profile(session, stamp.practice_id)
    await settle(session, stamp, profile, (*_now_drawn(used, matched), *used.affected))
    kinds: dict[str, list[UUID]] = {"appointment": [], "visit": []}
    for kind, subject_id in matched.subjects:
        kinds[kind].append(subject_id)
    for visit_id in kinds["visit"]:
        if not any(d.over for d in used.draws if d.subject_id == visit_id):
            await settle_excess(session, stamp.practice_id, "visit", visit_id, stamp.recorded_at)
    return Granted(id=recorded.id, matched_appointments=kinds["appointment"], matched_visits=kinds["visit"])


def _now_drawn(used: Used, matched: Rematch) -> list[DrawResult]:
    """The results of the matched appointments' new draws, which settle as others' changes do."""
    appointments = {subject_id for kind, subject_id in matched.subjects if kind == "appointment"}
    return [d for d in used.draws if d.subject_id in appointments and d.stage is not None]
