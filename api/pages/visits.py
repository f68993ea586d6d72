"""The pages of sessions: the list, and one session from its minutes to its units, charges and claims."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.pages.frame import go, may, page, read_shell
from api.pages.questions import QuestionShown, shown
from api.pages.vocabulary import VISIT_STATES
from api.services import Services
from api.transactions import Incoming
from domain.reporting.clocks import zone_of
from domain.reporting.coding_panel import coding_panel
from domain.reporting.questions import questions
from domain.reporting.session_story import session_story
from domain.reporting.sessions import session_rows
from domain.visits.reviewing import accept_codes
from tenants.access import Actor, Permission

READ = {"permission": Permission.VISIT_READ}
PAGE_ROWS = 50


class CodesSeen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a coder notes on accepting the proposed codes."""

    note: Annotated[str, Meta(max_length=500)] = ""


@get("/practices/{practice_id:uuid}/visits", opt=READ)
async def visits(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    status: FromQuery[str | None] = None,
    before_on: FromQuery[date | None] = None,
    before: FromQuery[UUID | None] = None,
) -> Template:
    """The practice's sessions, the latest first."""
    shell = await read_shell(request, practice_id, here="sessions")
    wanted = status if status in VISIT_STATES else None
    place = (before_on, before) if before_on is not None and before is not None else None
    async with services.database.practice_transaction(actor, practice_id) as session:
        zone = await zone_of(session, practice_id)
        rows = await session_rows(session, practice_id, status=wanted, before=place, limit=PAGE_ROWS + 1)
    last = rows[PAGE_ROWS - 1] if len(rows) > PAGE_ROWS else None
    told = {"rows": rows[:PAGE_ROWS], "last": last, "status": wanted, "states": VISIT_STATES}
    return page("visits/visits.html", shell, zone=zone, told=told)


@get("/practices/{practice_id:uuid}/visits/{visit_id:uuid}", opt=READ)
async def visit(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    visit_id: FromPath[UUID],
) -> Template:
    """One session: the note's minutes, how they became units, what they drew and where they are claimed."""
    shell = await read_shell(request, practice_id, here="sessions")
    async with services.database.practice_transaction(actor, practice_id) as session:
        story = await session_story(session, practice_id, visit_id)
        asked = await _asked(session, actor, practice_id, visit_id, services.now())
    told: dict[str, Any] = {
        "story": story,
        "asked": asked,
        "reviewed_by": UUID(story.visit.coding["by"]) if story.visit.coding.get("by") else None,
        "codes": may(actor, Permission.CODING_WRITE, practice_id),
        "with_money": may(actor, Permission.CLAIM_READ, practice_id),
    }
    return page("visits/visit.html", shell, zone=story.zone, **told)


async def _asked(
    session: AsyncSession, actor: Actor, practice_id: UUID, visit_id: UUID, now: datetime
) -> list[QuestionShown]:
    """The questions about the session, for who may read them."""
    if not may(actor, Permission.QUERY_READ, practice_id):
        return []
    rows = await questions(session, practice_id, now=now, visit_id=visit_id)
    return [shown(actor, practice_id, row) for row in rows]


@post(
    "/practices/{practice_id:uuid}/visits/{visit_id:uuid}/accept-codes",
    opt={"permission": Permission.CODING_WRITE},
    status_code=200,
)
async def accept(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    visit_id: FromPath[UUID],
    data: URLEncodedBody[CodesSeen],
) -> Redirect:
    """Let the codes that a source proposed stand, under the coder's name."""
    async with services.database.practice_transaction(actor, practice_id) as session:
        await accept_codes(session, practice_id, visit_id, note=data.note, by=actor.id, now=services.now())
    return go(f"/practices/{practice_id}/visits/{visit_id}")


@get("/practices/{practice_id:uuid}/visits/{visit_id:uuid}/coding", opt=READ)
async def coding(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    visit_id: FromPath[UUID],
) -> Template:
    """One session's coding: minutes to units by each method, modifiers with why, plan, limits, the note."""
    shell = await read_shell(request, practice_id, here="sessions")
    async with services.database.practice_transaction(actor, practice_id) as session:
        zone = await zone_of(session, practice_id)
        panel = await coding_panel(session, practice_id, visit_id, services.now())
    with_money = may(actor, Permission.CLAIM_READ, practice_id)
    return page("visits/coding.html", shell, zone=zone, panel=panel, with_money=with_money)


HANDLERS: list[HTTPRouteHandler] = [visits, visit, coding, accept]
