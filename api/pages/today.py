"""Today: one list of what needs a person in all practices of a member, and what to do with each item."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template
from msgspec import Meta, Struct

from api.pages.frame import Shell, go, local_path, may, page, read_shell
from api.pages.unsigned_notes import UnsignedCount, counted, unsigned_everywhere
from api.permissions import within
from api.services import Services
from api.transactions import Incoming
from domain.reporting.clocks import BEFORE_SETTINGS, zones
from domain.reporting.desk import NOBODY, PAGE_ROWS, DeskRow, Queue, Wanted, desk_rows, queues
from domain.work.items import assign_item, close_item_by_id, put_off_item
from tenants.access import Actor, Permission
from tenants.organizations import OpenOrganizationWork, open_work

MINE = "me"
Words500 = Annotated[str, Meta(min_length=1, max_length=500)]
WRITE = {"permission": Permission.WORK_WRITE}


class Filters(Struct, frozen=True, kw_only=True):
    """The filters as the address carries them, so that a list can be shared and loaded again."""

    practice: UUID | None
    kind: str | None
    owner: str | None

    def query(self, **changes: object) -> str:
        """The address's query with some filters changed; without any, nothing."""
        asked = {name: getattr(self, name) for name in self.__struct_fields__} | changes
        told = urlencode({name: value for name, value in asked.items() if value})
        return f"?{told}" if told else ""


class Taking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to go back to after taking an item."""

    back: str = "/today"


class PuttingOff(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What comes next, and by when."""

    next_action: Words500
    due_on: date
    back: str = "/today"


class Closing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of an item."""

    outcome: Words500
    back: str = "/today"


@get("/today", opt={"permission": Permission.WORK_READ, "across": True})
async def today(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice: FromQuery[UUID | None] = None,
    kind: FromQuery[str | None] = None,
    owner: FromQuery[str | None] = None,
    after_on: FromQuery[date | None] = None,
    after: FromQuery[UUID | None] = None,
) -> Template:
    """What needs a person, the nearest deadline first."""
    filters = Filters(practice=practice, kind=kind or None, owner=owner or None)
    shell = await read_shell(request, here="today")
    wanted = Wanted(practice_id=practice, kind=filters.kind, owner=_owner(owner, actor))
    place = (after_on, after) if after_on is not None and after is not None else None
    reach = within(actor, Permission.WORK_READ)
    async with services.database.practices_snapshot(reach) as snapshot:
        known = await zones(snapshot)
        open_queues = await queues(snapshot, wanted)
        rows = await desk_rows(snapshot, wanted, known, services.now(), after=place, limit=PAGE_ROWS + 1)
    told = _told(shell, filters, open_queues, rows[:PAGE_ROWS], has_more=len(rows) > PAGE_ROWS)
    company = await _company_work(services, actor) if place is None else []
    unsigned = await _unsigned(services, actor) if place is None else None
    zone = next(iter(known.values()), BEFORE_SETTINGS)
    more: dict[str, Any] = {"company": company, "unsigned": unsigned, "actor": actor, "may": may}
    return page("today/today.html", shell, zone=zone, told=told, **more)


def _owner(owner: str | None, actor: Actor) -> UUID | str | None:
    if owner == MINE:
        return actor.id
    if owner == NOBODY or not owner:
        return owner or None
    try:
        return UUID(owner)
    except ValueError:
        return None


def _told(
    shell: Shell, filters: Filters, counted: list[Queue], rows: list[DeskRow], *, has_more: bool
) -> Mapping[str, object]:
    last = rows[-1] if has_more else None
    following = filters.query(after_on=last.due_on, after=last.id) if last else ""
    return {
        "filters": filters,
        "queues": counted,
        "open_items": sum(queue.items for queue in counted),
        "value_cents": sum(queue.value_cents for queue in counted),
        "rows": rows,
        "following": following,
        "here": f"/today{filters.query()}",
        "practices": sorted(shell.practices.values(), key=lambda tag: tag.name),
    }


async def _unsigned(services: Services, actor: Actor) -> UnsignedCount | None:
    """What waits for signatures in all of the actor's practices."""
    notes, _ = await unsigned_everywhere(services, actor)
    return counted(notes, actor)


async def _company_work(services: Services, actor: Actor) -> list[OpenOrganizationWork]:
    """What needs a person before its practice is known; for those who see the company's own."""
    if Permission.ORGANIZATION_READ not in actor.permissions(None):
        return []
    async with services.database.organization_transaction(actor) as session:
        return await open_work(session, actor.organization_id)


@post("/practices/{practice_id:uuid}/work/{item_id:uuid}/take", opt=WRITE, status_code=200)
async def take(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    item_id: FromPath[UUID],
    data: URLEncodedBody[Taking],
) -> Redirect:
    """Make an item the reader's own."""
    async with services.database.practice_transaction(actor, practice_id) as session:
        await assign_item(session, practice_id, item_id, owner_id=actor.id, now=services.now())
    return go(local_path(data.back, "/today"))


@post("/practices/{practice_id:uuid}/work/{item_id:uuid}/put-off", opt=WRITE, status_code=200)
async def put_off(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    item_id: FromPath[UUID],
    data: URLEncodedBody[PuttingOff],
) -> Redirect:
    """Say what comes next, and by when."""
    async with services.database.practice_transaction(actor, practice_id) as session:
        await put_off_item(
            session,
            practice_id,
            item_id,
            due_on=data.due_on,
            next_action=data.next_action,
            now=services.now(),
        )
    return go(local_path(data.back, "/today"))


@post("/practices/{practice_id:uuid}/work/{item_id:uuid}/close", opt=WRITE, status_code=200)
async def close(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    item_id: FromPath[UUID],
    data: URLEncodedBody[Closing],
) -> Redirect:
    """Close an item with what came of it."""
    async with services.database.practice_transaction(actor, practice_id) as session:
        await close_item_by_id(session, practice_id, item_id, outcome=data.outcome, now=services.now())
    return go(local_path(data.back, "/today"))


HANDLERS: list[HTTPRouteHandler] = [today, take, put_off, close]
