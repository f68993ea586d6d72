"""The dependencies of a route: a door's session that commits before the answer starts, and who acts.

Raise to roll back: a *returned* refusal commits. A route asks for at most one of `session` and `snapshot`,
and no other dependency may need them, because the framework leaves a transaction open when one fails.
"""

from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.di import Provide
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from api.idempotency import Replayed, kept, read_key
from api.permissions import within
from api.services import Services
from tenants.access import Actor
from tenants.clock import Clock
from tenants.snapshot import Snapshot

Incoming = Request[Any, Any, Any]


def services_of(request: Incoming) -> Services:
    """The composition root of this application."""
    services: Services = request.app.state.services
    return services


def actor_of(request: Incoming) -> Actor:
    """Who acts; only for routes that are not public."""
    actor: Actor = request.scope["user"]
    return actor


def clock_of(request: Incoming) -> Clock:
    """The product's clock."""
    return services_of(request).clock


async def practice_session(request: Incoming, practice_id: FromPath[UUID]) -> AsyncGenerator[AsyncSession]:
    """The practice door of the path's practice, with the answer kept under its idempotency key."""
    services, actor = services_of(request), actor_of(request)
    keyed = await read_key(request, actor, practice_id)
    answered: Replayed | None
    async with (
        services.database.practice_transaction(actor, practice_id) as session,
        kept(session, keyed, services, request) as answered,
    ):
        if answered is None:
            yield session
    if answered is not None:
        raise answered


async def organization_session(request: Incoming) -> AsyncGenerator[AsyncSession]:
    """The organization door of the actor's billing company, with the answer kept likewise."""
    services, actor = services_of(request), actor_of(request)
    keyed = await read_key(request, actor, None)
    answered: Replayed | None
    async with (
        services.database.organization_transaction(actor) as session,
        kept(session, keyed, services, request) as answered,
    ):
        if answered is None:
            yield session
    if answered is not None:
        raise answered


async def desk_snapshot(request: Incoming) -> AsyncGenerator[Snapshot]:
    """One instant over the actor's practices where the route's permission is granted."""
    actor = within(actor_of(request), request.route_handler.opt["permission"])
    async with services_of(request).database.practices_snapshot(actor) as snapshot:
        yield snapshot


EVERYWHERE = {
    "services": Provide(services_of, sync_to_thread=False),
    "actor": Provide(actor_of, sync_to_thread=False),
    "clock": Provide(clock_of, sync_to_thread=False),
}
PRACTICE = {"session": Provide(practice_session)}
ORGANIZATION = {"session": Provide(organization_session)}
DESK = {"snapshot": Provide(desk_snapshot)}
