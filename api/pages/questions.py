"""The pages of questions to clinicians: the list, one question, and asking, answering, ending, reopening."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template
from msgspec import Meta, Struct

from api.pages.frame import go, may, page, read_shell
from api.pages.pay_forms import text
from api.pages.vocabulary import QUESTION_STATES
from api.services import Services
from api.transactions import Incoming
from domain.reporting.clocks import zone_of
from domain.reporting.questions import QuestionRow, question_story, questions
from domain.visits.answering import (
    Answer,
    NewQuery,
    answer_query,
    ask_clinician,
    refuse_others,
    reopen_query,
    withdraw_query,
)
from domain.visits.query_views import MOST_QUERIES, QueryView
from tenants.access import Actor, Permission
from tenants.errors import Invalid

READ = {"permission": Permission.QUERY_READ}
CODE = {"permission": Permission.CODING_WRITE}
OPEN, ALL, MINE, ITEM = "open", "all", "me", "item."


class Asking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A coder's question about a session, or about the procedure of that place in its note."""

    question: Annotated[str, Meta(min_length=1, max_length=2000)]
    about: Annotated[str, Meta(pattern="^[0-9]{0,2}$")] = ""


class Because(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a question is withdrawn or asked again."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class QuestionShown(Struct, frozen=True, kw_only=True):
    """A question, and what the reader may do about it."""

    row: QuestionRow
    answers: bool
    withdraws: bool
    reopens: bool


def shown(actor: Actor, practice_id: UUID, row: QuestionRow) -> QuestionShown:
    """The question with the forms that the reader is offered."""
    query, codes = row.query, may(actor, Permission.CODING_WRITE, practice_id)
    return QuestionShown(
        row=row,
        answers=query.status == OPEN and _answers(actor, practice_id, query),
        withdraws=query.status == OPEN and query.asked_by is not None and codes,
        reopens=query.status in ("answered", "withdrawn") and codes,
    )


def _answers(actor: Actor, practice_id: UUID, query: QueryView) -> bool:
    held = actor.permissions(practice_id)
    is_own = query.provider_id in actor.provider_ids(practice_id)
    return Permission.QUERY_ANSWER in held and (is_own or Permission.QUERY_DELEGATE in held)


@get("/practices/{practice_id:uuid}/queries", opt=READ)
async def listed(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    status: FromQuery[str] = OPEN,
    provider: FromQuery[str] = "",
) -> Template:
    """The questions of a practice, oldest first; a clinician sees the own ones."""
    shell = await read_shell(request, practice_id, here="queries")
    mine = actor.provider_ids(practice_id)
    sees_all = may(actor, Permission.VISIT_READ, practice_id)
    providers = mine if provider == MINE or not sees_all else None
    wanted = status if status in QUESTION_STATES else None
    async with services.database.practice_transaction(actor, practice_id) as session:
        zone = await zone_of(session, practice_id)
        rows = await questions(session, practice_id, now=services.now(), providers=providers, status=wanted)
    told: dict[str, Any] = {
        "questions": [shown(actor, practice_id, row) for row in rows],
        "states": QUESTION_STATES,
        "status": wanted or ALL,
        "is_cut": len(rows) >= MOST_QUERIES,
        "sees_all": sees_all,
        "is_clinician": bool(mine),
        "only_mine": providers is not None,
    }
    return page("questions/questions.html", shell, zone=zone, told=told)


@get("/practices/{practice_id:uuid}/queries/{query_id:uuid}", opt=READ)
async def question(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    query_id: FromPath[UUID],
) -> Template:
    """One question with its replies, and how its session is coded now."""
    shell = await read_shell(request, practice_id, here="queries")
    sees_all = may(actor, Permission.VISIT_READ, practice_id)
    async with services.database.practice_transaction(actor, practice_id) as session:
        zone = await zone_of(session, practice_id)
        story = await question_story(session, practice_id, query_id, services.now())
        if not sees_all:
            refuse_others(actor, practice_id, story.row.query.provider_id)
    told = {"story": story, "question": shown(actor, practice_id, story.row), "sees_all": sees_all}
    return page("questions/question.html", shell, zone=zone, told=told)


@post(
    "/practices/{practice_id:uuid}/queries/{query_id:uuid}/answer",
    opt={"permission": Permission.QUERY_ANSWER},
    status_code=200,
)
async def answer(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    query_id: FromPath[UUID],
) -> Redirect:
    """Answer a question, perhaps with an addendum and with items of the checklist."""
    given = read_answer(await request.form())
    async with services.database.practice_transaction(actor, practice_id) as session:
        await answer_query(session, practice_id, query_id, given, actor=actor, now=services.now())
    return _to(practice_id, query_id)


def read_answer(form: Mapping[str, Any]) -> Answer:
    """The answer of a form, whose fields `item.<id>` are what the note now attests; raises Invalid."""
    items = {name.removeprefix(ITEM): text(form, name) for name in form if name.startswith(ITEM)}
    told = {"answer": text(form, "answer"), "items": {name: said for name, said in items.items() if said}}
    addendum = text(form, "addendum")
    try:
        return msgspec.convert(told | ({"addendum": addendum} if addendum else {}), Answer)
    except msgspec.ValidationError as unreadable:
        raise Invalid("an answer has 1 to 2,000 characters, and so has an addendum") from unreadable


@post("/practices/{practice_id:uuid}/queries/{query_id:uuid}/withdraw", opt=CODE, status_code=200)
async def withdraw(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    query_id: FromPath[UUID],
    data: URLEncodedBody[Because],
) -> Redirect:
    """Take back a coder's question."""
    async with services.database.practice_transaction(actor, practice_id) as session:
        await withdraw_query(
            session, practice_id, query_id, reason=data.reason, by=actor.id, now=services.now()
        )
    return _to(practice_id, query_id)


@post("/practices/{practice_id:uuid}/queries/{query_id:uuid}/reopen", opt=CODE, status_code=200)
async def reopen(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    query_id: FromPath[UUID],
    data: URLEncodedBody[Because],
) -> Redirect:
    """Ask again what was answered too thinly, or withdrawn."""
    async with services.database.practice_transaction(actor, practice_id) as session:
        await reopen_query(
            session, practice_id, query_id, reason=data.reason, by=actor.id, now=services.now()
        )
    return _to(practice_id, query_id)


@post("/practices/{practice_id:uuid}/visits/{visit_id:uuid}/ask", opt=CODE, status_code=200)
async def ask(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    visit_id: FromPath[UUID],
    data: URLEncodedBody[Asking],
) -> Redirect:
    """Put a question about a session to its clinician; its charges wait for the answer."""
    asked = NewQuery(question=data.question, service_ordinal=int(data.about) if data.about else None)
    async with services.database.practice_transaction(actor, practice_id) as session:
        await ask_clinician(session, practice_id, visit_id, asked, by=actor.id, now=services.now())
    return go(f"/practices/{practice_id}/visits/{visit_id}")


def _to(practice_id: UUID, query_id: UUID) -> Redirect:
    return go(f"/practices/{practice_id}/queries/{query_id}")


HANDLERS: list[HTTPRouteHandler] = [listed, question, answer, withdraw, reopen, ask]
