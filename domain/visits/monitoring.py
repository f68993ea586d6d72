"""Remote monitoring of a case by calendar month: what its sessions bear, and what a device needs."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.monthly_units import (
    SET_UP,
    MonitoringSession,
    MonthShare,
    device_question,
    month_end,
    month_share,
)
from billing_rules.therapy.remote_monitoring import monitoring_role
from domain.visits.models import ChargeLine, Visit, VisitService

LIVE = ("audio_video", "audio_only")


def is_management(code: str) -> bool:
    """Whether a code counts the minutes of a calendar month."""
    row = monitoring_role(code)
    return row is not None and row.role != "device"


def is_monitoring(code: str) -> bool:
    """Whether a code is of remote monitoring at all."""
    return code == SET_UP or monitoring_role(code) is not None


async def share_of(session: AsyncSession, visit: Visit, today: date) -> MonthShare:
    """What the visit bears of its case's month; the visit is one of the month's."""
    sessions = [
        MonitoringSession(
            key=str(one.id),
            on=one.date_of_service,
            starts_at=one.starts_at,
            minutes=sum(s.minutes or 0 for s in services if is_management(s.code)),
            had_contact=one.telehealth in LIVE,
            charged=await _claimed(session, one),
        )
        for one, services in await month_of(session, visit)
    ]
    return month_share(sessions, str(visit.id), today=today)


async def month_of(session: AsyncSession, visit: Visit) -> list[tuple[Visit, Sequence[VisitService]]]:
    """The signed monitoring sessions of the visit's case in its month, itself among them, in order."""
    on = visit.date_of_service
    services = (VisitService.practice_id == Visit.practice_id) & (VisitService.visit_id == Visit.id)
    wanted = select(Visit, VisitService).join(VisitService, services)
    wanted = wanted.where(
        Visit.practice_id == visit.practice_id,
        Visit.case_id == visit.case_id,
        Visit.date_of_service.between(on.replace(day=1), month_end(on)),
        Visit.status != "void",
        Visit.signed_at.is_not(None) | (Visit.id == visit.id),
    )
    grouped: dict[UUID, tuple[Visit, list[VisitService]]] = {}
    for one, service in await session.execute(wanted.order_by(Visit.starts_at, Visit.id)):
        if is_management(service.code):
            grouped.setdefault(one.id, (one, []))[1].append(service)
    return list(grouped.values())


async def device_questions(
    session: AsyncSession, visit: Visit, services: Sequence[VisitService]
) -> list[str]:
    """What must be asked before devices and their set-up are charged."""
    asked = []
    for service in services:
        if service.code == SET_UP:
            before = await _charged_on(session, visit, (SET_UP,))
            told = f"the set-up was charged on {before} for this case" if before else None
        elif (row := monitoring_role(service.code)) is not None and row.role == "device":
            kinds = tuple(code for code in DEVICES if _system(code) == row.system)
            before = await _charged_on(session, visit, kinds)
            told = device_question(service.code, visit.date_of_service, service.days_with_data, before)
        else:
            continue
        asked += [told] if told else []
    return asked


DEVICES = ("98976", "98977", "98978", "98984", "98985", "98986")


def _system(code: str) -> str | None:
    row = monitoring_role(code)
    return row.system if row else None


async def _charged_on(session: AsyncSession, visit: Visit, codes: Sequence[str]) -> date | None:
    """When one of the codes was last charged for the case, up to the visit and not by it."""
    line = (ChargeLine.practice_id == Visit.practice_id) & (ChargeLine.visit_id == Visit.id)
    wanted = (
        select(Visit.date_of_service)
        .join(ChargeLine, line)
        .where(
            Visit.practice_id == visit.practice_id,
            Visit.case_id == visit.case_id,
            Visit.id != visit.id,
            Visit.date_of_service <= visit.date_of_service,
            ChargeLine.code.in_(codes),
            ChargeLine.status != "void",
        )
        .order_by(Visit.date_of_service.desc())
        .limit(1)
    )
    return (await session.execute(wanted)).scalar_one_or_none()


async def _claimed(session: AsyncSession, visit: Visit) -> dict[str, int]:
    mine = (ChargeLine.practice_id == visit.practice_id, ChargeLine.visit_id == visit.id)
    claimed = select(ChargeLine.code, ChargeLine.units).where(*mine, ChargeLine.status == "claimed")
    return {row.code: row.units for row in await session.execute(claimed) if is_management(row.code)}
