"""The three kinds of JSON routes: of one practice, across practices, and of the billing company."""

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from api.idempotency import KeptResponse
from api.transactions import DESK, ORGANIZATION, PRACTICE


def practice_routes(path: str, *handlers: HTTPRouteHandler) -> Router:
    """Routes under `/v1/practices/{practice_id}` with the practice door's `session`."""
    return Router(
        path=f"/v1/practices/{{practice_id:uuid}}{path}",
        route_handlers=handlers,
        dependencies=PRACTICE,
        response_class=KeptResponse,
    )


def desk_routes(path: str, *handlers: HTTPRouteHandler) -> Router:
    """Routes under `/v1/desk` with a `snapshot` of the practices where the route's permission is granted."""
    return Router(path=f"/v1/desk{path}", route_handlers=handlers, dependencies=DESK, opt={"across": True})


def organization_routes(path: str, *handlers: HTTPRouteHandler) -> Router:
    """Routes under `/v1/organization` with the organization door's `session`."""
    return Router(
        path=f"/v1/organization{path}",
        route_handlers=handlers,
        dependencies=ORGANIZATION,
        response_class=KeptResponse,
    )
