"""Notes that nobody signed, by clinician, with their age and the dollars that wait; here and everywhere."""

from collections.abc import Sequence
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Template
from msgspec import Struct

from api.pages.frame import may, page, read_shell
from api.permissions import within
from api.services import Services
from api.transactions import Incoming
from billing_rules.money import Cents
from domain.reporting.clocks import BEFORE_SETTINGS, zone_of, zones
from domain.visits.query_views import ProviderQueue, unsigned_notes, unsigned_notes_everywhere
from tenants.access import Actor, Permission

READ = {"permission": Permission.VISIT_READ}


class UnsignedCount(Struct, frozen=True, kw_only=True):
    """How many notes wait for a signature, since when, and what waits; no dollars where none may be seen."""

    notes: int
    clinicians: int
    oldest_days: int
    waiting_cents: Cents | None


async def unsigned_everywhere(services: Services, actor: Actor) -> tuple[list[ProviderQueue], str]:
    """The unsigned notes of every practice whose sessions the actor may read, and a time zone of theirs."""
    reach = within(actor, Permission.VISIT_READ)
    if not reach.practice_ids:
        return [], BEFORE_SETTINGS
    async with services.database.practices_snapshot(reach) as snapshot:
        zone = next(iter((await zones(snapshot)).values()), BEFORE_SETTINGS)
        return await unsigned_notes_everywhere(snapshot, now=services.now()), zone


def counted(queues: Sequence[ProviderQueue], actor: Actor) -> UnsignedCount | None:
    """The queues as one number; nothing when every note is signed."""
    if not queues:
        return None
    priced = [queue for queue in queues if may(actor, Permission.CLAIM_READ, queue.practice_id)]
    return UnsignedCount(
        notes=sum(queue.notes for queue in queues),
        clinicians=len({queue.provider_id for queue in queues}),
        oldest_days=max(queue.oldest_days for queue in queues),
        waiting_cents=sum(queue.waiting_cents for queue in priced) if priced else None,
    )


@get("/practices/{practice_id:uuid}/unsigned-notes", opt=READ)
async def of_practice(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
) -> Template:
    """The practice's unsigned notes by clinician, most dollars first."""
    shell = await read_shell(request, practice_id, here="unsigned-notes")
    async with services.database.practice_transaction(actor, practice_id) as session:
        zone = await zone_of(session, practice_id)
        queues = await unsigned_notes(session, practice_id, now=services.now())
    return page(
        "unsigned_notes.html",
        shell,
        zone=zone,
        queues=queues,
        count=counted(queues, actor),
        actor=actor,
        may=may,
    )


@get("/unsigned-notes", opt={**READ, "across": True})
async def everywhere(
    request: Incoming, services: NamedDependency[Services], actor: NamedDependency[Actor]
) -> Template:
    """The unsigned notes of all of the member's practices."""
    shell = await read_shell(request, here="today")
    queues, zone = await unsigned_everywhere(services, actor)
    count = counted(queues, actor)
    return page("unsigned_notes.html", shell, zone=zone, queues=queues, count=count, actor=actor, may=may)


HANDLERS: list[HTTPRouteHandler] = [of_practice, everywhere]
