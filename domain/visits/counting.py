"""What of a note is counted in this session: less what a payer pays beside it, and a month as one sum."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.overlaps import Overlap, minutes_to_subtract
from billing_rules.therapy.session_units import EarnedUnits
from domain.allowances.payers import PayersOn
from domain.patients.models import Patient
from domain.visits.models import Visit, VisitService
from domain.visits.monitoring import device_questions, is_management, is_monitoring, share_of
from domain.visits.shared_time import overlaps_of


class Countable(Struct, frozen=True, kw_only=True):
    """One procedure with the minutes that count here."""

    code: str
    minutes: int | None
    units_in_note: int | None


class SessionCount(Struct, frozen=True, kw_only=True):
    """What is counted in the session, what its month earns here, what it waits for, and its overlaps.

    `is_of_month` tells a session that may rightly charge nothing, because another one of its month does.
    """

    services: tuple[Countable, ...]
    month: tuple[EarnedUnits, ...]
    waits: tuple[str, ...]
    is_of_month: bool
    overlaps: tuple[Overlap, ...]


async def session_count(
    session: AsyncSession,
    visit: Visit,
    services: Sequence[VisitService],
    payers: PayersOn | None,
    today: date,
) -> SessionCount:
    """Look at the sessions beside this one and at its month; without a payer the note counts as it is."""
    if payers is None:
        return SessionCount(
            services=tuple(_countable(one, 0) for one in services),
            month=(),
            waits=(),
            is_of_month=False,
            overlaps=(),
        )
    managed = [one for one in services if is_management(one.code)]
    rest = [one for one in services if one not in managed]
    found = await overlaps_of(session, visit, services, payers)
    month, waits = await _month(session, visit, managed, today)
    waits += await device_questions(session, visit, rest)
    return SessionCount(
        services=_less_shared(rest, found, str(visit.id)),
        month=month,
        waits=tuple(waits),
        is_of_month=bool(managed),
        overlaps=tuple(found),
    )


async def one_after_the_other(session: AsyncSession, visit: Visit, services: Sequence[VisitService]) -> None:
    """Let a patient's sessions that are counted together be counted one at a time, so that none is missed."""
    if visit.discipline == "ABA" or any(is_monitoring(one.code) for one in services):
        mine = (Patient.practice_id == visit.practice_id, Patient.id == visit.patient_id)
        await session.execute(select(Patient.id).where(*mine).with_for_update(key_share=True))


async def _month(
    session: AsyncSession, visit: Visit, managed: Sequence[VisitService], today: date
) -> tuple[tuple[EarnedUnits, ...], list[str]]:
    if not managed:
        return (), []
    share = await share_of(session, visit, today)
    earned = tuple(
        EarnedUnits(
            code=code,
            discipline=visit.discipline,
            minutes=share.minutes,
            units=units,
            explanation=share.explanation,
        )
        for code, units in sorted(share.units.items())
    )
    return earned, [share.waits] if share.waits else []


def _less_shared(
    services: Sequence[VisitService], found: Sequence[Overlap], visit: str
) -> tuple[Countable, ...]:
    """Take shared minutes off a code once, however many entries it has."""
    left = {one.code: minutes_to_subtract(found, visit, one.code) for one in services}
    counted = []
    for one in services:
        off = min(left[one.code], one.minutes or 0)
        left[one.code] -= off
        counted.append(_countable(one, off))
    return tuple(counted)


def _countable(service: VisitService, off: int) -> Countable:
    minutes = service.minutes if service.minutes is None else service.minutes - off
    return Countable(code=service.code, minutes=minutes, units_in_note=service.units_in_note)
