"""Putting a practice on a clearinghouse connection, so that files go out and payments find their way back."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.practices.models import PracticeProfile
from tenants.access import Actor
from tenants.database import Database
from tenants.errors import NotFound
from tenants.models import Connection, DirectoryEntry


async def require_connection(database: Database, actor: Actor, connection_id: UUID) -> None:
    """Raise NotFound unless the connection is the organization's own."""
    async with database.organization_transaction(actor) as session:
        mine = (Connection.organization_id == actor.organization_id, Connection.id == connection_id)
        if (await session.execute(select(Connection.id).where(*mine))).scalar_one_or_none() is None:
            raise NotFound(f"no connection {connection_id}")


async def connect_practice(
    session: AsyncSession, database: Database, actor: Actor, practice_id: UUID, connection_id: UUID
) -> None:
    """Use a connection for the practice's claims, and be found by NPI and tax id as its payee."""
    wanted = select(PracticeProfile).where(PracticeProfile.practice_id == practice_id)
    profile = (await session.execute(wanted.with_for_update())).scalar_one_or_none()
    if profile is None:
        raise NotFound("the practice has no profile yet")
    profile.connection_id = connection_id
    for payee in (profile.npi, "".join(c for c in profile.tax_id if c.isdigit())):
        entry = {
            "kind": "payee",
            "key_sha256": database.key("payee", f"{connection_id}:{payee}"),
            "organization_id": actor.organization_id,
            "practice_id": practice_id,
            "subject_id": practice_id,
        }
        await session.execute(insert(DirectoryEntry).values(entry).on_conflict_do_nothing())
