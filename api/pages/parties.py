"""The page of a party's account: what is due and why, its statements, links and payments."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template
from msgspec import Struct

from api.pages.frame import go, may, page, read_shell
from api.services import Services
from api.transactions import Incoming
from domain.patient_billing.links import create_link, revoke_link
from domain.patient_billing.statements import issue_statement
from domain.patient_billing.statements import statement as read_statement
from domain.reporting.clocks import zone_of
from domain.reporting.party_account import PartyFile, party_file
from tenants.access import Actor, Permission
from tenants.clock import local_date

READ = {"permission": Permission.BILLING_READ}
WRITE = {"permission": Permission.BILLING_WRITE}


class LinkWanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The statement that the link is to open."""

    statement_id: UUID


@get("/practices/{practice_id:uuid}/parties/{party_id:uuid}", opt=READ)
async def party(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    party_id: FromPath[UUID],
) -> Template:
    """One party's account."""
    async with services.database.practice_transaction(actor, practice_id) as session:
        file = await party_file(session, practice_id, party_id, services.now())
    return await _shown(request, practice_id, file, new_link=None)


async def _shown(request: Incoming, practice_id: UUID, file: PartyFile, new_link: str | None) -> Template:
    shell = await read_shell(request, practice_id, here="patients")
    writes = may(request.scope["user"], Permission.BILLING_WRITE, practice_id)
    return page("patients/party.html", shell, zone=file.zone, file=file, new_link=new_link, writes=writes)


@get("/practices/{practice_id:uuid}/statements/{statement_id:uuid}", opt=READ)
async def statement(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    statement_id: FromPath[UUID],
) -> Template:
    """One statement as it was issued, to read or to print."""
    shell = await read_shell(request, practice_id, here="patients")
    async with services.database.practice_transaction(actor, practice_id) as session:
        zone = await zone_of(session, practice_id)
        paper = await read_statement(session, practice_id, statement_id)
        file = await party_file(session, practice_id, paper.party_id, services.now())
    return page("patients/statement.html", shell, zone=zone, paper=paper, party=file.party)


@post("/practices/{practice_id:uuid}/parties/{party_id:uuid}/statements", opt=WRITE, status_code=200)
async def issue(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    party_id: FromPath[UUID],
) -> Redirect:
    """Freeze what the party owes today into a statement; refused when it owes nothing."""
    now = services.now()
    async with services.database.practice_transaction(actor, practice_id) as session:
        today = local_date(now, await zone_of(session, practice_id))
        await issue_statement(session, actor, practice_id, party_id, today=today, now=now)
    return go(f"/practices/{practice_id}/parties/{party_id}")


@post("/practices/{practice_id:uuid}/parties/{party_id:uuid}/links", opt=WRITE, status_code=200)
async def make_link(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    party_id: FromPath[UUID],
    data: URLEncodedBody[LinkWanted],
) -> Template:
    """Make a payment link and show its address, this once: it is kept nowhere and stands in no address."""
    now = services.now()
    async with services.database.practice_transaction(actor, practice_id) as session:
        made = await create_link(session, services.database, actor, practice_id, data.statement_id, now=now)
        file = await party_file(session, practice_id, party_id, now)
    url = f"{services.settings.public_url}/pay/{made.token}"
    return await _shown(request, practice_id, file, new_link=url)


@post(
    "/practices/{practice_id:uuid}/parties/{party_id:uuid}/links/{link_id:uuid}", opt=WRITE, status_code=200
)
async def revoke(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    party_id: FromPath[UUID],
    link_id: FromPath[UUID],
) -> Redirect:
    """Close a payment link for good."""
    async with services.database.practice_transaction(actor, practice_id) as session:
        await revoke_link(session, practice_id, link_id, services.now())
    return go(f"/practices/{practice_id}/parties/{party_id}")


HANDLERS: list[HTTPRouteHandler] = [party, statement, issue, make_link, revoke]
