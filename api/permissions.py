"""What every route must declare, and the guard that asks for it before the route is reached.

A route says exactly one of: `opt={"permission": Permission.X}`, `opt={"public": "<why>"}` for whoever
comes, or `opt={"signed_in": "<why>"}` for every known actor. `opt={"across": True}` beside a permission is
for the desk: somewhere among the actor's practices is enough, and the snapshot holds only those.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.routes import ASGIRoute, WebSocketRoute

from tenants.access import Actor, Permission, require
from tenants.errors import Forbidden, NotFound, Unauthenticated

DECLARATIONS = ("permission", "public", "signed_in")


class RouteUndeclared(Exception):
    """A route says not, or not clearly, who may use it; the application does not start."""


def refuse_undeclared(app: Litestar) -> None:
    """Raise RouteUndeclared unless every handler of every route declares who may use it (AZ-01)."""
    faults = [
        f"{handler.handler_name} at {route.path}"
        for route in app.routes
        for handler in _handlers(route)
        if not _is_made_by_framework(handler) and not _is_declared(handler)
    ]
    if faults:
        raise RouteUndeclared("no permission declared: " + ", ".join(sorted(faults)))


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let the actor through whose grants hold the declared permission in the practice of the path.

    A coroutine without need, because the framework runs a plain guard in another thread.

    Raises NotFound for a practice outside the grants, as for one that does not exist (API-09).
    """
    opt = handler.opt
    if "public" in opt:
        return
    actor = connection.scope.get("user")
    if not isinstance(actor, Actor):
        raise Unauthenticated("nobody is known behind this request")
    practice_id = connection.path_params.get("practice_id")
    if isinstance(practice_id, UUID) and practice_id not in actor.practice_ids:
        raise NotFound(f"no practice {practice_id}")
    if "signed_in" in opt:
        return
    permission: Permission = opt["permission"]
    if opt.get("across"):
        if not within(actor, permission).practice_ids:
            raise Forbidden(f"this needs the permission {permission.value}")
        return
    require(actor, permission, practice_id)


def within(actor: Actor, permission: Permission) -> Actor:
    """The same actor, reaching only the practices where the grants hold the permission."""
    reach = frozenset(p for p in actor.practice_ids if permission in actor.permissions(p))
    return msgspec.structs.replace(actor, practice_ids=reach)


def _handlers(route: Any) -> list[BaseRouteHandler]:
    if isinstance(route, ASGIRoute | WebSocketRoute):
        return [route.route_handler]
    return list(route.route_handlers)


def _is_made_by_framework(handler: BaseRouteHandler) -> bool:
    """The answers to OPTIONS, which say the methods of a path and nothing else."""
    return getattr(handler, "http_methods", None) == {"OPTIONS"}


def _is_declared(handler: BaseRouteHandler) -> bool:
    said = [name for name in DECLARATIONS if handler.opt.get(name)]
    if said == ["permission"]:
        return isinstance(handler.opt["permission"], Permission)
    return len(said) == 1 and isinstance(handler.opt[said[0]], str)
