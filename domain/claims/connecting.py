"""Putting a practice on a clearinghouse connection, so that files go out and payments find their way back."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.practices.models import PracticeProfile
from tenants.access import Actor
from tenants.database import Database
from tenants.errors import Conflict, NotFound
from tenants.models import Connection, DirectoryEntry


class PayeeTaken(Conflict):
    """Payments for this NPI go to another practice on the connection."""

    code = "payee_taken"


async def require_connection(database: Database, actor: Actor, connection_id: UUID) -> None:
    """Raise NotFound unless the connection is the organization's own."""
    async with database.organization_transaction(actor) as session:
        mine = (Connection.organization_id == actor.organization_id, Connection.id == connection_id)
        if (await session.execute(select(Connection.id).where(*mine))).scalar_one_or_none() is None:
            raise NotFound(f"no connection {connection_id}")


async def connect_practice(
    session: AsyncSession, database: Database, actor: Actor, practice_id: UUID, connection_id: UUID
) -> None:
    """Use a connection for the practice's claims, and be found by NPI and tax id as its payee.

    Practices may share a tax id; remittances that name nothing else go to the one that was there first.
    Raises NotFound, PayeeTaken.
    """
    wanted = select(PracticeProfile).where(PracticeProfile.practice_id == practice_id)
    profile = (await session.execute(wanted.with_for_update())).scalar_one_or_none()
    if profile is None:
        raise NotFound("the practice has no profile yet")
    profile.connection_id = connection_id
    await add_payee(session, database, actor, practice_id, connection_id, profile.tax_id)
    if not await add_payee(session, database, actor, practice_id, connection_id, profile.npi):
        raise PayeeTaken("another practice on this connection is paid under the same NPI")


async def add_payee(
    session: AsyncSession,
    database: Database,
    actor: Actor,
    practice_id: UUID,
    connection_id: UUID,
    identifier: str,
) -> bool:
    """Lead remittances for an NPI or tax id to the practice; False when they go to another one."""
    key = database.key("payee", payee_key(connection_id, identifier))
    entry = {
        "kind": "payee",
        "key_sha256": key,
        "organization_id": actor.organization_id,
        "practice_id": practice_id,
        "subject_id": practice_id,
    }
    await session.execute(insert(DirectoryEntry).values(entry).on_conflict_do_nothing())
    mine = select(DirectoryEntry.subject_id).where(
        DirectoryEntry.kind == "payee",
        DirectoryEntry.key_sha256 == key,
        DirectoryEntry.practice_id == practice_id,
    )
    return (await session.execute(mine)).scalar_one_or_none() is not None


def payee_key(connection_id: UUID, identifier: str) -> str:
    """The directory key by which a remittance finds the practice that it pays."""
    return f"{connection_id}:{''.join(c for c in identifier if c.isalnum())}"
