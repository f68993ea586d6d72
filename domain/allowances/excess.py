"""What exceeds a limit, or rests on none that it needs, is somebody's work until it does so no longer."""

from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.work.items import close_item, open_item

OVER_LIMIT = "over_limit"
AUTHORIZATION_MISSING = "authorization_missing"
SubjectKind = Literal["appointment", "visit"]
NOTICE_DAYS = 7
NEXT_ACTION = {
    ("appointment", OVER_LIMIT): "Ask the payer for more, or agree with the patient before the date",
    ("visit", OVER_LIMIT): "Ask the payer to cover what took place, or write it off by policy",
    ("appointment", AUTHORIZATION_MISSING): "Get the authorization before the date",
    ("visit", AUTHORIZATION_MISSING): "Ask the payer for an authorization dated back to the visit",
}


async def tell_excess(
    session: AsyncSession,
    practice_id: UUID,
    *,
    kind: str,
    subject_kind: SubjectKind,
    subject_id: UUID,
    reason: str,
    service_on: date,
    today: date,
    now: datetime,
) -> None:
    """Open work about a subject: a week before a date to come, at once for what took place."""
    await open_item(
        session,
        practice_id,
        kind=kind,
        subject_kind=subject_kind,
        subject_id=subject_id,
        reason=reason,
        next_action=NEXT_ACTION[subject_kind, kind],
        due_on=max(today, service_on - timedelta(days=NOTICE_DAYS)),
        now=now,
    )


async def settle_excess(
    session: AsyncSession, practice_id: UUID, subject_kind: SubjectKind, subject_id: UUID, now: datetime
) -> None:
    """Close what was open about a subject's limits."""
    for kind in (OVER_LIMIT, AUTHORIZATION_MISSING):
        await close_item(
            session,
            practice_id,
            kind=kind,
            subject_kind=subject_kind,
            subject_id=subject_id,
            outcome="covered by a limit, or gone",
            now=now,
        )
