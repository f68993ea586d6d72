"""Parties that owe; what one party is shown never names another."""

from datetime import date
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.organization import Created
from api.v1.routers import practice_routes
from domain.patients import queries
from domain.patients.parties import NewParty, ShareView, add_party, shares_of_party
from domain.patients.queries import PartyView
from tenants.access import Permission

READ = {"permission": Permission.PATIENT_READ}
WRITE = {"permission": Permission.PATIENT_WRITE}


@post("/", opt=WRITE)
async def create_party(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], data: JSONBody[NewParty]
) -> Created:
    """Add somebody who can owe."""
    return Created(id=await add_party(session, practice_id, data))


@get("/{party_id:uuid}", opt=READ)
async def read_party(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], party_id: FromPath[UUID]
) -> PartyView:
    """One party."""
    return await queries.party(session, practice_id, party_id)


@get("/{party_id:uuid}/shares", opt=READ)
async def read_party_shares(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    party_id: FromPath[UUID],
    on: FromQuery[date],
) -> list[ShareView]:
    """What this party answers for on a date; no other guarantor is in the answer."""
    await queries.party(session, practice_id, party_id)
    return await shares_of_party(session, practice_id, party_id, on)


ROUTER = practice_routes("/parties", create_party, read_party, read_party_shares)
