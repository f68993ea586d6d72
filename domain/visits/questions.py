"""Questions that checks put to clinicians about a session: raised once, settled when no longer asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.visits.models import Visit
from domain.visits.query_models import ClinicianQuery
from tenants.clock import local_date
from tenants.ids import new_id

BY_CODER = "coder"
SETTLED = "the note or the case no longer raises it"


class Question(Struct, frozen=True, kw_only=True):
    """What a check asks about a session; rule and words together are what an answer answers."""

    rule: str
    words: str
    service_ordinal: int | None = None


class Answers(Struct, frozen=True, kw_only=True):
    """What clinicians said of a session: questions answered, items supplied, and how many wait by coders."""

    answered: frozenset[tuple[str, str]]
    items: dict[str, str | bool]
    open_by_coder: int


async def answers_of(session: AsyncSession, visit: Visit) -> Answers:
    """What was answered about a session so far; later answers win over earlier ones."""
    return answers_in(await questions_about(session, visit))


def answers_in(queries: Sequence[ClinicianQuery]) -> Answers:
    """What the answers among a session's questions come to."""
    told = [q for q in queries if q.status in ("open", "answered")]
    replied = sorted((q for q in told if q.answered_at), key=lambda q: (q.answered_at, q.id))
    items: dict[str, str | bool] = {}
    for query in replied:
        if query.status == "answered":
            items |= query.items
    return Answers(
        answered=frozenset((q.rule, q.question) for q in told if q.status == "answered"),
        items=items,
        open_by_coder=sum(q.status == "open" and q.asked_by is not None for q in told),
    )


async def keep_in_step(
    session: AsyncSession,
    visit: Visit,
    asked: Sequence[Question],
    *,
    time_zone: str,
    now: datetime,
    claim_id: UUID | None = None,
    told: Sequence[ClinicianQuery] | None = None,
) -> None:
    """Raise what is asked and was not asked before, settle what a check asked before and asks no longer.

    With `claim_id` the questions are those of that claim's checks. A void visit's coders' questions end too.
    `told` are the session's questions so far, in order, where somebody has read them.
    """
    told = await questions_about(session, visit) if told is None else told
    is_open = [q for q in told if q.status == "open"]
    mine = [q for q in is_open if q.claim_id == claim_id or visit.status == "void"]
    wanted = {(question.rule, question.words): question for question in asked}
    for query in mine:
        is_void = visit.status == "void"
        if is_void or (query.asked_by is None and (query.rule, query.question) not in wanted):
            close(query, "settled", now, time_zone)
            query.closed_reason = "the visit is void" if is_void else SETTLED
    known = {(q.rule, q.question) for q in told if q.status in ("open", "answered")}
    for key, question in wanted.items():
        if key not in known:
            session.add(raised(visit, question, now=now, by=None, claim_id=claim_id))
    await session.flush()


def raised(
    visit: Visit, question: Question, *, now: datetime, by: UUID | None, claim_id: UUID | None = None
) -> ClinicianQuery:
    """A new open question to whoever gave the session."""
    return ClinicianQuery(
        practice_id=visit.practice_id,
        id=new_id(),
        visit_id=visit.id,
        claim_id=claim_id,
        provider_id=visit.provider_id,
        service_ordinal=question.service_ordinal,
        rule=question.rule,
        question=question.words,
        asked_by=by,
        asked_at=now,
        status="open",
        items={},
        earlier=[],
    )


def close(query: ClinicianQuery, status: str, now: datetime, time_zone: str) -> None:
    """End a question and record how many days of the practice's calendar it was open."""
    query.status = status
    query.elapsed_days = days_open(query.asked_at, now, time_zone)


def days_open(asked_at: datetime, until: datetime, time_zone: str) -> int:
    """Calendar days of the practice between two instants."""
    return (local_date(until, time_zone) - local_date(asked_at, time_zone)).days


async def questions_about(session: AsyncSession, visit: Visit) -> Sequence[ClinicianQuery]:
    """Every question about a session, in the order of asking."""
    mine: tuple[Any, ...] = (
        ClinicianQuery.practice_id == visit.practice_id,
        ClinicianQuery.visit_id == visit.id,
    )
    listed = select(ClinicianQuery).where(*mine).order_by(ClinicianQuery.asked_at, ClinicianQuery.id)
    return (await session.execute(listed)).scalars().all()
