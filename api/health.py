"""Whether this process lives, and whether it can serve; anonymous callers learn up or down, nothing else."""

import logging

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from api.services import Services

log = logging.getLogger("visitledger.health")


class Health(Struct, frozen=True, kw_only=True):
    """Up or down."""

    status: str


@get("/health/live", opt={"public": "a supervisor asks without credentials; nothing is touched"})
async def live() -> Health:
    """The process answers; nothing outside of it is asked."""
    return Health(status="up")


@get("/health/ready", opt={"public": "a load balancer asks without credentials; up or down only"})
async def ready(services: NamedDependency[Services]) -> Response[Health]:
    """The database answers through a door."""
    try:
        await services.database.directory_lookup("health", "ready")
    except Exception as fault:  # noqa: BLE001 - whatever it is, the answer is down
        log.warning("not ready: %s", type(fault).__name__)
        return Response(Health(status="down"), status_code=503)
    return Response(Health(status="up"))


ROUTES: list[HTTPRouteHandler] = [live, ready]
