"""The pages of remittances: the list, and one remittance line by line with every code of the payer."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template
from msgspec import Meta, Struct

from api.pages.frame import go, may, page, read_shell
from api.pages.vocabulary import REMITTANCE_STATES
from api.services import Services
from api.transactions import Incoming
from billing_rules.therapy.denials import meaning
from domain.remittances.posting import POSTABLE, post_remittance
from domain.remittances.queries import list_remittances, read_remittance
from domain.remittances.unposting import unpost_remittance
from domain.reporting.clocks import zone_of
from tenants.access import Actor, Permission

READ = {"permission": Permission.REMITTANCE_READ}
POST = {"permission": Permission.REMITTANCE_POST}
PAGE_ROWS = 100


class Unposting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a posted remittance is taken back."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]


@get("/practices/{practice_id:uuid}/remittances", opt=READ)
async def remittances(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    status: FromQuery[str | None] = None,
) -> Template:
    """The practice's remittances, the newest payment first."""
    shell = await read_shell(request, practice_id, here="remittances")
    wanted = status if status in REMITTANCE_STATES else None
    async with services.database.practice_transaction(actor, practice_id) as session:
        zone = await zone_of(session, practice_id)
        rows = await list_remittances(session, practice_id, status=wanted, limit=PAGE_ROWS)
    told = {"rows": rows, "status": wanted, "states": REMITTANCE_STATES, "most": PAGE_ROWS}
    return page("remittances/remittances.html", shell, zone=zone, told=told)


@get("/practices/{practice_id:uuid}/remittances/{remittance_id:uuid}", opt=READ)
async def remittance(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    remittance_id: FromPath[UUID],
) -> Template:
    """One remittance with its claims, lines and adjustments in words."""
    shell = await read_shell(request, practice_id, here="remittances")
    async with services.database.practice_transaction(actor, practice_id) as session:
        zone = await zone_of(session, practice_id)
        paper = await read_remittance(session, practice_id, remittance_id)
    mine = may(actor, Permission.REMITTANCE_POST, practice_id)
    moves = {
        "post": mine and paper.summary.status in POSTABLE,
        "unpost": mine and paper.summary.status == "posted",
    }
    return page("remittances/remittance.html", shell, zone=zone, paper=paper, moves=moves, means=means)


def means(group_code: str, reason_code: str) -> str:
    """What an adjustment means, in a few words."""
    said = meaning(group_code, reason_code)
    if said.effect == "denied":
        return f"denied: {said.category.replace('_', ' ')}"
    if said.effect == "contractual":
        return "contractual adjustment"
    return said.bucket.replace("_", " ") or "for information"


@post("/practices/{practice_id:uuid}/remittances/{remittance_id:uuid}/post", opt=POST, status_code=200)
async def post_one(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    remittance_id: FromPath[UUID],
) -> Redirect:
    """Post a remittance; one that is posted stays as it is."""
    async with services.database.practice_transaction(actor, practice_id) as session:
        await post_remittance(session, actor, practice_id, remittance_id, services.now())
    return go(f"/practices/{practice_id}/remittances/{remittance_id}")


@post("/practices/{practice_id:uuid}/remittances/{remittance_id:uuid}/unpost", opt=POST, status_code=200)
async def unpost_one(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    remittance_id: FromPath[UUID],
    data: URLEncodedBody[Unposting],
) -> Redirect:
    """Take a posted remittance back, exactly."""
    async with services.database.practice_transaction(actor, practice_id) as session:
        await unpost_remittance(session, actor, practice_id, remittance_id, data.reason, services.now())
    return go(f"/practices/{practice_id}/remittances/{remittance_id}")


HANDLERS: list[HTTPRouteHandler] = [remittances, remittance, post_one, unpost_one]
