"""Dates of a contract that somebody must not miss: the notice before it renews, and rates that rise."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from dateutil.relativedelta import relativedelta
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.contracts import Terms
from billing_rules.therapy.payment_trace import share
from domain.practices.contract_models import ContractVersion
from domain.practices.models import PracticeProfile
from domain.practices.tasks import WatchContract
from domain.work.items import open_item
from tenants.clock import local_date
from tenants.outbox import enqueue

NOTICE = "contract_notice"
ESCALATES = "contract_escalates"
NOTICE_LEAD_DAYS = 30
ESCALATOR_LEAD_DAYS = 14
MORNING = time(6)
UTC_ZONE = "UTC"


class Alarm(Struct, frozen=True, kw_only=True):
    """Something of a contract that is due on a date, told some days before it."""

    kind: str
    tell_on: date
    due_on: date
    reason: str
    next_action: str


def alarms(version: ContractVersion, after: date) -> list[Alarm]:
    """The alarms of a version that are told after a date, the nearest first; of yearly ones the next."""
    found = [alarm for alarm in (*_notice(version), *_escalations(version)) if alarm.tell_on > after]
    kinds: dict[str, Alarm] = {}
    for alarm in sorted(found, key=lambda one: (one.tell_on, one.kind)):
        kinds.setdefault(alarm.kind, alarm)
    return list(kinds.values())


def _notice(version: ContractVersion) -> Iterator[Alarm]:
    if version.renews_on is None or version.notice_days is None:
        return
    due = version.renews_on - timedelta(days=version.notice_days)
    yield Alarm(
        kind=NOTICE,
        tell_on=due - timedelta(days=NOTICE_LEAD_DAYS),
        due_on=due,
        reason=f"{version.name} renews on {version.renews_on}; notice must be given by {due}",
        next_action="Renegotiate or give notice, or let it renew",
    )


def _escalations(version: ContractVersion) -> Iterator[Alarm]:
    rise = msgspec.convert(version.terms, Terms).escalator_basis_points
    if not rise:
        return
    for year in range(1, 101):
        on = version.starts_on + relativedelta(years=year)
        if version.ends_on is not None and on > version.ends_on:
            return
        yield Alarm(
            kind=ESCALATES,
            tell_on=on - timedelta(days=ESCALATOR_LEAD_DAYS),
            due_on=on,
            reason=f"{version.name}: rates rise by {share(rise)} on {on}",
            next_action="Check that the payer loads the new rates and pays them",
        )


async def keep_watch(
    session: AsyncSession, organization_id: UUID, version: ContractVersion, now: datetime
) -> None:
    """Tell what is due now, and owe a task for the next date; a notice whose day to tell passed is told."""
    profile = await session.get(PracticeProfile, (version.practice_id, version.practice_id))
    zone = profile.time_zone if profile else UTC_ZONE
    today = local_date(now, zone)
    for alarm in alarms(version, date.min):
        if alarm.kind == NOTICE and alarm.tell_on <= today <= (version.renews_on or today):
            await _tell(session, version, alarm, now)
    await _owe_next(session, organization_id, version, today, zone)


async def ring(session: AsyncSession, task: WatchContract, now: datetime) -> None:
    """Tell the alarms whose day has come since the last one, and owe the next; a withdrawn one is silent."""
    version = await session.get(ContractVersion, (task.practice_id, task.version_id))
    if version is None or version.status != "active":
        return
    profile = await session.get(PracticeProfile, (version.practice_id, version.practice_id))
    zone = profile.time_zone if profile else UTC_ZONE
    today = local_date(now, zone)
    for alarm in alarms(version, task.told_until):
        if alarm.tell_on <= today:
            await _tell(session, version, alarm, now)
    await _owe_next(session, task.organization_id, version, today, zone)


async def _tell(session: AsyncSession, version: ContractVersion, alarm: Alarm, now: datetime) -> None:
    await open_item(
        session,
        version.practice_id,
        kind=alarm.kind,
        subject_kind="contract_version",
        subject_id=version.id,
        reason=alarm.reason,
        next_action=alarm.next_action,
        due_on=alarm.due_on,
        now=now,
    )


async def _owe_next(
    session: AsyncSession, organization_id: UUID, version: ContractVersion, today: date, zone: str
) -> None:
    coming = alarms(version, today)
    if not coming:
        return
    task = WatchContract(
        practice_id=version.practice_id,
        organization_id=organization_id,
        version_id=version.id,
        told_until=today,
    )
    at = datetime.combine(coming[0].tell_on, MORNING, ZoneInfo(zone))
    await enqueue(session, task, available_at=at, period=f"{version.id} {coming[0].tell_on}")
