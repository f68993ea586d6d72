"""The pages of practices: all that a member works for, and one at a glance."""

from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Template

from api.pages.frame import may, page, read_shell
from api.permissions import within
from api.services import Services
from api.transactions import Incoming
from domain.reporting.clocks import BEFORE_SETTINGS, zones
from domain.reporting.practice_overview import overview, practice_lines
from tenants.access import Actor, Permission
from tenants.clock import local_date

READ = {"permission": Permission.PRACTICE_READ}


@get("/practices", opt={"permission": Permission.PRACTICE_READ, "across": True})
async def practices(
    request: Incoming, services: NamedDependency[Services], actor: NamedDependency[Actor]
) -> Template:
    """The practices that the member works for, with what is open in each."""
    shell = await read_shell(request, here="practices")
    async with services.database.practices_snapshot(within(actor, Permission.WORK_READ)) as snapshot:
        known = await zones(snapshot)
        zone = next(iter(known.values()), BEFORE_SETTINGS)
        today = local_date(services.now(), zone)
        lines = {line.practice_id: line for line in await practice_lines(snapshot, today)}
    tags = sorted(shell.practices.values(), key=lambda tag: tag.name)
    return page("practices/practices.html", shell, zone=zone, tags=tags, lines=lines)


@get("/practices/{practice_id:uuid}", opt=READ)
async def practice(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
) -> Template:
    """One practice at a glance; every number opens its rows."""
    shell = await read_shell(request, practice_id, here="home")
    async with services.database.practice_transaction(actor, practice_id) as session:
        seen = await overview(session, practice_id)
    sees = {
        "work": may(actor, Permission.WORK_READ, practice_id),
        "sessions": may(actor, Permission.VISIT_READ, practice_id),
        "claims": may(actor, Permission.CLAIM_READ, practice_id),
        "remittances": may(actor, Permission.REMITTANCE_READ, practice_id),
        "patients": may(actor, Permission.PATIENT_READ, practice_id),
    }
    return page("practices/practice.html", shell, zone=seen.zone, seen=seen, sees=sees)


HANDLERS: list[HTTPRouteHandler] = [practices, practice]
