"""A practice's own data: settings, providers, places, payers, identifiers, rules and charges."""

from datetime import date
from uuid import UUID

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.organization import Created
from api.v1.routers import practice_routes
from domain.practices import queries
from domain.practices.charges import NewChargeRate, set_charge_rate
from domain.practices.identifiers import (
    IdentifierRole,
    NewIdentifier,
    ResolvedIdentifier,
    add_identifier,
    resolve_identifier,
)
from domain.practices.queries import (
    ChargeRateView,
    IdentifierView,
    LocationView,
    PayerView,
    ProviderView,
)
from domain.practices.roster import (
    NewLocation,
    NewPayer,
    NewProvider,
    add_location,
    add_payer,
    add_provider,
)
from domain.practices.settings import PracticeSettings, ProfileView, practice_profile, set_profile
from tenants.access import Permission

READ = {"permission": Permission.PRACTICE_READ}
MANAGE = {"permission": Permission.PRACTICE_MANAGE}


@get("/profile", opt=READ)
async def read_profile(session: NamedDependency[AsyncSession], practice_id: FromPath[UUID]) -> ProfileView:
    """The practice's settings."""
    return await practice_profile(session, practice_id)


@put("/profile", opt=MANAGE)
async def write_profile(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], data: JSONBody[PracticeSettings]
) -> ProfileView:
    """Set under which names and numbers the practice bills, and how its schedule is kept."""
    await set_profile(session, practice_id, data)
    return await practice_profile(session, practice_id)


@get("/locations", opt=READ)
async def list_locations(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID]
) -> list[LocationView]:
    """The places where the practice treats."""
    return await queries.locations(session, practice_id)


@post("/locations", opt=MANAGE)
async def create_location(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], data: JSONBody[NewLocation]
) -> Created:
    """Add a place of treatment."""
    return Created(id=await add_location(session, practice_id, data))


@get("/providers", opt=READ)
async def list_providers(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID]
) -> list[ProviderView]:
    """Who treats."""
    return await queries.providers(session, practice_id)


@post("/providers", opt=MANAGE)
async def create_provider(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], data: JSONBody[NewProvider]
) -> Created:
    """Add a clinician or technician."""
    return Created(id=await add_provider(session, practice_id, data))


@get("/payers", opt=READ)
async def list_payers(session: NamedDependency[AsyncSession], practice_id: FromPath[UUID]) -> list[PayerView]:
    """Who pays."""
    return await queries.payers(session, practice_id)


@post("/payers", opt=MANAGE)
async def create_payer(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], data: JSONBody[NewPayer]
) -> Created:
    """Add a payer."""
    return Created(id=await add_payer(session, practice_id, data))


@get("/identifiers", opt=READ)
async def list_identifiers(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID]
) -> list[IdentifierView]:
    """Which numbers stand for whom, by role."""
    return await queries.identifiers(session, practice_id)


@get("/identifiers/resolved", opt=READ)
async def resolve(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    role: FromQuery[IdentifierRole],
    on: FromQuery[date],
    provider_id: FromQuery[UUID | None] = None,
    location_id: FromQuery[UUID | None] = None,
    payer_id: FromQuery[UUID | None] = None,
) -> ResolvedIdentifier:
    """Which numbers stand for a role towards a payer, at a place, on a date of service."""
    return await resolve_identifier(
        session,
        practice_id,
        role,
        provider_id=provider_id,
        location_id=location_id,
        payer_id=payer_id,
        on=on,
    )


@post("/identifiers", opt=MANAGE)
async def create_identifier(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], data: JSONBody[NewIdentifier]
) -> Created:
    """Say which numbers a payer, place or clinician wants from a date on."""
    return Created(id=await add_identifier(session, practice_id, data))


@get("/charge-rates", opt=READ)
async def list_charge_rates(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID]
) -> list[ChargeRateView]:
    """The chargemaster."""
    return await queries.charge_rates(session, practice_id)


@post("/charge-rates", opt=MANAGE)
async def create_charge_rate(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], data: JSONBody[NewChargeRate]
) -> Created:
    """Set what one unit of a code costs from a date on."""
    return Created(id=await set_charge_rate(session, practice_id, data))


ROUTER = practice_routes(
    "",
    read_profile,
    write_profile,
    list_locations,
    create_location,
    list_providers,
    create_provider,
    list_payers,
    create_payer,
    list_identifiers,
    create_identifier,
    resolve,
    list_charge_rates,
    create_charge_rate,
)
