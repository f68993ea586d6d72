"""Questions to clinicians: asked by coders, answered by whoever gave the session, withdrawn, asked again."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from domain.practices.settings import practice_profile
from domain.views import lock_row
from domain.visits.charging import services_of, stands_on_claim
from domain.visits.models import Visit
from domain.visits.query_models import ClinicianQuery
from domain.visits.questions import BY_CODER, Question, close, raised
from domain.visits.recording import VisitIsVoid, process_unless_claimed
from domain.work.items import close_item, open_item
from tenants.access import Actor, Permission
from tenants.clock import local_date
from tenants.errors import Conflict, Forbidden, Invalid, NotFound

WAITING = "clinician_query"
Text = Annotated[str, Meta(min_length=1, max_length=2000)]


class QueryNotOpen(Conflict):
    """The question was answered, withdrawn or settled."""

    code = "query_not_open"


class QueryNotClosed(Conflict):
    """Only an answered or withdrawn question is asked again."""

    code = "query_not_closed"


class QueryAskedByCheck(Conflict):
    """A check asked: it ends with an answer, or with a note that no longer raises it."""

    code = "query_asked_by_check"


class NewQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A coder's question about a session, or about one procedure of its note (`service_ordinal` from 1)."""

    question: Text
    service_ordinal: int | None = None


class Answer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The clinician's answer; `addendum` is what was added to the note, `items` what it now attests."""

    answer: Text
    addendum: Text | None = None
    items: dict[str, Annotated[str, Meta(max_length=2000)] | bool] = {}


async def ask_clinician(
    session: AsyncSession, practice_id: UUID, visit_id: UUID, given: NewQuery, *, by: UUID, now: datetime
) -> UUID:
    """Put a question to whoever gave the session: its charges are held until it is answered.

    Charges that are on a claim stay there, and the claim's checks hold it. Raises VisitIsVoid, Invalid.
    """
    visit = await lock_row(session, Visit, practice_id, visit_id)
    if visit.status == "void":
        raise VisitIsVoid(f"visit {visit_id} is void")
    ordinals = {service.ordinal for service in await services_of(session, visit)}
    if given.service_ordinal is not None and given.service_ordinal not in ordinals:
        raise Invalid("the note has no such procedure", pointer="/service_ordinal")
    asked = Question(rule=BY_CODER, words=given.question, service_ordinal=given.service_ordinal)
    query = raised(visit, asked, now=now, by=by)
    session.add(query)
    await session.flush()
    await _follow(session, visit, query, by, now)
    return query.id


async def answer_query(
    session: AsyncSession, practice_id: UUID, query_id: UUID, given: Answer, *, actor: Actor, now: datetime
) -> None:
    """Answer a question: what was held for it is charged, if nothing else holds it.

    Raises Forbidden for a clinician's question to somebody else, QueryNotOpen, NotFound.
    """
    visit, query = await _lock(session, practice_id, query_id)
    refuse_others(actor, practice_id, query.provider_id)
    if query.status != "open":
        raise QueryNotOpen(f"query {query_id} is {query.status}")
    profile = await practice_profile(session, practice_id)
    close(query, "answered", now, profile.time_zone)
    query.answered_at, query.answered_by = now, actor.id
    query.answer, query.addendum, query.items = given.answer, given.addendum, dict(given.items)
    await session.flush()
    await _follow(session, visit, query, actor.id, now)


async def withdraw_query(
    session: AsyncSession, practice_id: UUID, query_id: UUID, *, reason: str, by: UUID, now: datetime
) -> None:
    """Take back a coder's question; raises QueryAskedByCheck, QueryNotOpen, NotFound."""
    visit, query = await _lock(session, practice_id, query_id)
    if query.asked_by is None:
        raise QueryAskedByCheck("a check asked: only an answer or another note ends it")
    if query.status != "open":
        raise QueryNotOpen(f"query {query_id} is {query.status}")
    profile = await practice_profile(session, practice_id)
    close(query, "withdrawn", now, profile.time_zone)
    query.closed_reason = reason
    await session.flush()
    await _follow(session, visit, query, by, now)


async def reopen_query(
    session: AsyncSession, practice_id: UUID, query_id: UUID, *, reason: str, by: UUID, now: datetime
) -> None:
    """Ask again what was answered or withdrawn and keep the reply; raises QueryNotClosed, NotFound."""
    visit, query = await _lock(session, practice_id, query_id)
    if query.status not in ("answered", "withdrawn"):
        raise QueryNotClosed(f"query {query_id} is {query.status}")
    query.earlier = [*query.earlier, _reply(query, reason, by, now)]
    query.status, query.elapsed_days, query.closed_reason = "open", None, None
    query.answered_at = query.answered_by = query.answer = query.addendum = None
    query.items = {}
    await session.flush()
    await _follow(session, visit, query, by, now)


def refuse_others(actor: Actor, practice_id: UUID, provider_id: UUID) -> None:
    """Raise Forbidden unless the actor is the clinician, or answers for the practice's clinicians."""
    if Permission.QUERY_DELEGATE in actor.permissions(practice_id):
        return
    if provider_id not in actor.provider_ids(practice_id):
        raise Forbidden("the question was put to another clinician")


def _reply(query: ClinicianQuery, reason: str, by: UUID, now: datetime) -> dict[str, Any]:
    """What stood before a question was asked again, and who asked again."""
    return {
        "status": query.status,
        "answered_at": query.answered_at.isoformat() if query.answered_at else None,
        "answered_by": str(query.answered_by) if query.answered_by else None,
        "answer": query.answer,
        "addendum": query.addendum,
        "items": query.items,
        "elapsed_days": query.elapsed_days,
        "reopened_at": now.isoformat(),
        "reopened_by": str(by),
        "reopened_for": reason,
    }


async def _lock(session: AsyncSession, practice_id: UUID, query_id: UUID) -> tuple[Visit, ClinicianQuery]:
    """The visit first, then its question: the order in which recording locks too."""
    seen = await session.get(ClinicianQuery, (practice_id, query_id))
    if seen is None:
        raise NotFound(f"no query {query_id}")
    visit = await lock_row(session, Visit, practice_id, seen.visit_id)
    return visit, await lock_row(session, ClinicianQuery, practice_id, query_id)


async def _follow(
    session: AsyncSession, visit: Visit, query: ClinicianQuery, by: UUID, now: datetime
) -> None:
    """Hold or charge the session anew; about one that is on a claim there is work of its own."""
    await process_unless_claimed(session, visit, by, now)
    subject: dict[str, Any] = {"kind": WAITING, "subject_kind": "visit", "subject_id": visit.id, "now": now}
    if query.status != "open" or not await stands_on_claim(session, visit):
        await close_item(session, visit.practice_id, outcome=f"the question is {query.status}", **subject)
        return
    profile = await practice_profile(session, visit.practice_id)
    await open_item(
        session,
        visit.practice_id,
        reason="a question to the clinician is open about a session on a claim",
        next_action="Ask the clinician to answer, then check the claim again",
        due_on=local_date(now, profile.time_zone),
        **subject,
    )
