"""The page that says what a claim should be paid, with every step of the arithmetic and what is not known."""

from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Template

from api.pages.frame import page, read_shell
from api.services import Services
from api.transactions import Incoming
from domain.claims.expected import expected_of_claim
from domain.claims.queries import read_claim
from domain.reporting.clocks import zone_of
from tenants.access import Actor, Permission

READ = {"permission": Permission.CLAIM_READ}


@get("/practices/{practice_id:uuid}/claims/{claim_id:uuid}/expected", opt=READ)
async def expected(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
) -> Template:
    """What the claim should be paid: by line, who pays it, and every step of the arithmetic."""
    shell = await read_shell(request, practice_id, here="claims")
    async with services.database.practice_transaction(actor, practice_id) as session:
        zone = await zone_of(session, practice_id)
        seen = await read_claim(session, practice_id, claim_id)
        told = await expected_of_claim(session, practice_id, claim_id)
    return page("claims/expected.html", shell, zone=zone, claim=seen, expected=told)


HANDLERS: list[HTTPRouteHandler] = [expected]
