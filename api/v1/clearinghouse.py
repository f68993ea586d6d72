"""The organization's connections, the practices on them, and files that somebody brings by hand."""

from typing import Annotated
from uuid import UUID

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.requests import StrictRequest
from api.services import Services
from api.tasks.claims import intake_of
from api.v1.organization import Created
from api.v1.routers import organization_routes, practice_routes
from domain.claims.connecting import connect_practice, require_connection
from domain.remittances.intake import Taken, take_in
from tenants import connections
from tenants.access import Actor, Permission
from tenants.connections import ConnectionView, NewConnection
from tenants.errors import Invalid

MANAGE = {"permission": Permission.ORGANIZATION_MANAGE}
FileName = Annotated[str, Meta(min_length=1, max_length=120)]


class ConnectionId(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The connection to use."""

    connection_id: UUID


class FileTaken(Struct, frozen=True, kw_only=True):
    """A file that is kept; `repeat` says that these bytes were here before."""

    file_id: UUID
    status: str
    repeat: bool


class FileQuarantined(Invalid):
    """The file is kept, in quarantine; nothing of a broken one, or of what names nobody here, was applied."""

    code = "file_quarantined"


@get("/", opt={"permission": Permission.ORGANIZATION_READ})
async def list_connections(
    session: NamedDependency[AsyncSession], actor: NamedDependency[Actor]
) -> list[ConnectionView]:
    """The connections of this billing company."""
    return await connections.connections(session, actor.organization_id)


@post("/", opt=MANAGE)
async def add_connection(
    session: NamedDependency[AsyncSession], actor: NamedDependency[Actor], data: JSONBody[NewConnection]
) -> Created:
    """Add a login at a clearinghouse."""
    return Created(id=await connections.add_connection(session, actor.organization_id, data))


@post(
    "/{connection_id:uuid}/files",
    opt={"permission": Permission.REMITTANCE_POST, "idempotency": "by content"},
    status_code=200,
    request_max_body_size=64 * 1024 * 1024,
)
async def bring_file(
    request: StrictRequest,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    connection_id: FromPath[UUID],
    name: FromQuery[FileName],
) -> FileTaken:
    """Take in the bytes of the body as a file of this connection; the same bytes are kept once.

    A file that cannot be used is kept in quarantine, and the problem names its segment and position.
    """
    await require_connection(services.database, actor, connection_id)
    taken = await take_in(intake_of(services), actor, connection_id, name, await request.body())
    if taken.problem is not None:
        where = f"{taken.problem.segment} at {taken.problem.position}"
        raise FileQuarantined(
            f"{where}: {taken.problem.detail}; the file is kept as {taken.file_id}{_told(taken)}",
            pointer=f"/segments/{taken.problem.position}",
        )
    return FileTaken(file_id=taken.file_id, status=taken.status, repeat=taken.repeat)


def _told(taken: Taken) -> str:
    """A file for several practices leads each of its transactions to the one that it knows."""
    return f", {taken.led} of its transactions went to their practices" if taken.led else ""


@put("/", opt={"permission": Permission.PRACTICE_MANAGE, "idempotency": "by content"}, status_code=204)
async def connect(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    data: JSONBody[ConnectionId],
) -> None:
    """Use a connection for this practice's claims and be found as its payee."""
    await require_connection(services.database, actor, data.connection_id)
    async with services.database.practice_transaction(actor, practice_id) as session:
        await connect_practice(session, services.database, actor, practice_id, data.connection_id)


ROUTER = organization_routes("/connections", list_connections, add_connection, bring_file)
PRACTICE_ROUTER = practice_routes("/connection", connect)
