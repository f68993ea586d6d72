"""The organization's connections: logins at a clearinghouse that its practices share."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.errors import Conflict
from tenants.ids import new_id
from tenants.models import Connection

PartnerId = Annotated[str, Meta(pattern="^[A-Z0-9 ]{2,15}$")]


class ConnectionTaken(Conflict):
    """The organization has a connection with this sender and receiver already."""

    code = "connection_taken"


class NewConnection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A login at a clearinghouse; `usage` is T for test files, P for production."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    kind: Literal["simulator", "sftp"]
    sender_id: PartnerId
    receiver_id: PartnerId
    usage: Literal["T", "P"]


class ConnectionView(Struct, frozen=True, kw_only=True):
    """A connection and the control number that its next file takes."""

    id: UUID
    name: str
    kind: str
    sender_id: str
    receiver_id: str
    usage: str
    next_control_number: int


async def add_connection(session: AsyncSession, organization_id: UUID, given: NewConnection) -> UUID:
    """Add a connection; raises ConnectionTaken for a sender and receiver that are known."""
    same = select(Connection.id).where(
        Connection.organization_id == organization_id,
        Connection.sender_id == given.sender_id,
        Connection.receiver_id == given.receiver_id,
    )
    if (await session.execute(same)).scalar_one_or_none() is not None:
        raise ConnectionTaken("sender and receiver are connected already")
    connection_id = new_id()
    session.add(
        Connection(
            organization_id=organization_id,
            id=connection_id,
            name=given.name,
            kind=given.kind,
            sender_id=given.sender_id,
            receiver_id=given.receiver_id,
            usage=given.usage,
            next_control_number=1,
        )
    )
    await session.flush()
    return connection_id


async def connections(session: AsyncSession, organization_id: UUID) -> list[ConnectionView]:
    """The organization's connections by name."""
    columns = [getattr(Connection, name) for name in ConnectionView.__struct_fields__]
    mine = select(*columns).where(Connection.organization_id == organization_id).order_by(Connection.name)
    return [ConnectionView(**row._mapping) for row in await session.execute(mine)]
