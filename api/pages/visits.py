"""The pages of sessions: the list, and one session from its minutes to its units, charges and claims."""

from datetime import date
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from api.pages.frame import may, page, read_shell
from api.pages.vocabulary import VISIT_STATES
from api.services import Services
from api.transactions import Incoming
from domain.reporting.clocks import zone_of
from domain.reporting.coding_panel import coding_panel
from domain.reporting.session_story import session_story
from domain.reporting.sessions import session_rows
from tenants.access import Actor, Permission

READ = {"permission": Permission.VISIT_READ}
PAGE_ROWS = 50


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
    shown = may(actor, Permission.CLAIM_READ, practice_id)
    return page("visits/visit.html", shell, zone=story.zone, story=story, with_money=shown)


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
    shown = may(actor, Permission.CLAIM_READ, practice_id)
    return page("visits/coding.html", shell, zone=zone, panel=panel, with_money=shown)


HANDLERS: list[HTTPRouteHandler] = [visits, visit, coding]
