"""Questions to clinicians about their notes, review of proposed codes, and notes that nobody signed."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.routers import desk_routes, practice_routes
from domain.visits import queries
from domain.visits.answering import (
    Answer,
    NewQuery,
    answer_query,
    ask_clinician,
    refuse_others,
    reopen_query,
    withdraw_query,
)
from domain.visits.queries import VisitView
from domain.visits.query_views import (
    ProviderQueue,
    QueryView,
    queries_of,
    query_view,
    unsigned_notes,
    unsigned_notes_everywhere,
)
from domain.visits.reviewing import accept_codes
from tenants.access import Actor, Permission
from tenants.clock import Clock
from tenants.errors import Invalid
from tenants.snapshot import Snapshot

READ = {"permission": Permission.QUERY_READ}
CODE = {"permission": Permission.CODING_WRITE}
NOTES = {"permission": Permission.VISIT_READ}
MINE = "me"
Sentence = Annotated[str, Meta(min_length=1, max_length=500)]


class QueryReason(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a question is withdrawn or asked again."""

    reason: Sentence


class CodesSeen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a coder notes on accepting the proposed codes."""

    note: Annotated[str, Meta(max_length=500)] = ""


@get("/", opt=READ)
async def list_queries(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    provider: FromQuery[str | None] = None,
    visit_id: FromQuery[UUID | None] = None,
    status: FromQuery[str | None] = None,
) -> list[QueryView]:
    """The questions of a practice, oldest first; `provider=me` are one's own, all that a clinician sees."""
    mine = actor.provider_ids(practice_id)
    sees_all = Permission.VISIT_READ in actor.permissions(practice_id)
    wanted = mine if provider == MINE or not sees_all else _providers(provider)
    return await queries_of(
        session, practice_id, now=clock.now(), providers=wanted, visit_id=visit_id, status=status
    )


@get("/{query_id:uuid}", opt=READ)
async def read_query(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    query_id: FromPath[UUID],
) -> QueryView:
    """One question with its answers."""
    found = await query_view(session, practice_id, query_id, now=clock.now())
    if Permission.VISIT_READ not in actor.permissions(practice_id):
        refuse_others(actor, practice_id, found.provider_id)
    return found


@post("/{query_id:uuid}/answer", opt={"permission": Permission.QUERY_ANSWER}, status_code=200)
async def answer(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    query_id: FromPath[UUID],
    data: JSONBody[Answer],
) -> QueryView:
    """Answer a question, perhaps with an addendum; what was held for it is charged."""
    now = clock.now()
    await answer_query(session, practice_id, query_id, data, actor=actor, now=now)
    return await query_view(session, practice_id, query_id, now=now)


@post("/{query_id:uuid}/withdraw", opt=CODE, status_code=200)
async def withdraw(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    query_id: FromPath[UUID],
    data: JSONBody[QueryReason],
) -> QueryView:
    """Take back a coder's question."""
    now = clock.now()
    await withdraw_query(session, practice_id, query_id, reason=data.reason, by=actor.id, now=now)
    return await query_view(session, practice_id, query_id, now=now)


@post("/{query_id:uuid}/reopen", opt=CODE, status_code=200)
async def reopen(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    query_id: FromPath[UUID],
    data: JSONBody[QueryReason],
) -> QueryView:
    """Ask again what was answered too thinly, or withdrawn."""
    now = clock.now()
    await reopen_query(session, practice_id, query_id, reason=data.reason, by=actor.id, now=now)
    return await query_view(session, practice_id, query_id, now=now)


ROUTER = practice_routes("/queries", list_queries, read_query, answer, withdraw, reopen)


@post("/{visit_id:uuid}/queries", opt=CODE)
async def ask(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    visit_id: FromPath[UUID],
    data: JSONBody[NewQuery],
) -> QueryView:
    """Put a question about a session or one of its procedures to the clinician; its charges are held."""
    now = clock.now()
    made = await ask_clinician(session, practice_id, visit_id, data, by=actor.id, now=now)
    return await query_view(session, practice_id, made, now=now)


@post("/{visit_id:uuid}/coding-review", opt=CODE, status_code=200)
async def review_codes(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    visit_id: FromPath[UUID],
    data: JSONBody[CodesSeen],
) -> VisitView:
    """Accept the codes that a source proposed, so that they are charged."""
    await accept_codes(session, practice_id, visit_id, note=data.note, by=actor.id, now=clock.now())
    return await queries.visit(session, practice_id, visit_id)


VISIT_ROUTER = practice_routes("/visits", ask, review_codes)


@get("/", opt=NOTES)
async def list_unsigned_notes(
    session: NamedDependency[AsyncSession], clock: NamedDependency[Clock], practice_id: FromPath[UUID]
) -> list[ProviderQueue]:
    """The practice's unsigned notes by clinician, with their age and the dollars that wait."""
    return await unsigned_notes(session, practice_id, now=clock.now())


UNSIGNED_ROUTER = practice_routes("/unsigned-notes", list_unsigned_notes)


@get("/", opt={**NOTES, "across": True})
async def list_unsigned_notes_everywhere(
    snapshot: NamedDependency[Snapshot], clock: NamedDependency[Clock]
) -> list[ProviderQueue]:
    """The unsigned notes of all practices by clinician."""
    return await unsigned_notes_everywhere(snapshot, now=clock.now())


UNSIGNED_DESK_ROUTER = desk_routes("/unsigned-notes", list_unsigned_notes_everywhere)


def _providers(named: str | None) -> list[UUID] | None:
    if named is None:
        return None
    try:
        return [UUID(named)]
    except ValueError as unreadable:
        raise Invalid("the provider is an id or me", pointer="/provider") from unreadable
