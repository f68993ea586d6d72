"""The application: routes, doors, refusals and headers put together; it does not start when one is open."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jinja2
from litestar import Litestar, Request, Response, Router
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.logging import LoggingConfig
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.static_files import create_static_files_router
from litestar.template import TemplateConfig

from api import health, pages, sign_in, v1, webhooks
from api.authentication import Authentication
from api.headers import SecurityHeaders
from api.idempotency import Replayed, replay
from api.pages import errors
from api.permissions import guard, refuse_undeclared
from api.problems import answer
from api.requests import StrictRequest
from api.services import Services
from api.transactions import EVERYWHERE

PAGES = Path(pages.__file__).parent
FOR_PROGRAMS = ("/v1/", "/webhooks/", "/schema", "/health/", "/static/")
LARGEST_BODY = 2 * 1024 * 1024
Routes = Sequence[Router | HTTPRouteHandler]
ROUTES: Routes = (*health.ROUTES, *sign_in.ROUTES, *v1.ROUTES, *webhooks.ROUTES, *pages.ROUTES)


def create_app(services: Services, routes: Routes = ROUTES) -> Litestar:
    """Build the application around one set of services, which it closes when it stops.

    Raises RouteUndeclared for a route that does not say who may use it.
    """
    app = Litestar(
        route_handlers=[*routes, _static()],
        dependencies=EVERYWHERE,
        middleware=[Authentication(services)],
        guards=[guard],
        exception_handlers={Exception: _refuse, Replayed: replay},
        request_class=StrictRequest,
        request_max_body_size=LARGEST_BODY,
        before_send=[SecurityHeaders(services.settings)],
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(templates())),
        openapi_config=_openapi(),
        logging_config=LoggingConfig(log_exceptions="never", configure_root_logger=False),
        state=State({"services": services}),
        lifespan=[_lifespan],
        debug=False,
    )
    refuse_undeclared(app)
    return app


def _refuse(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A page for a browser that asked for one, a problem document for everybody else."""
    browses = "text/html" in request.headers.get("accept", "")
    if browses and not request.url.path.startswith(FOR_PROGRAMS):
        return errors.refuse(request, error)
    return answer(request, error)


def templates() -> jinja2.Environment:
    """The templates of the pages: everything escaped, and a missing value is an error, not an empty place."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(PAGES / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await app.state.services.close()


def _static() -> Router:
    return create_static_files_router(
        path="/static",
        directories=[PAGES / "static"],
        opt={"public": "the style sheet and pictures of the pages"},
    )


def _openapi() -> OpenAPIConfig:
    """The description at `/schema/openapi.json`, without a rendered page that would load foreign scripts."""
    router = Router(
        path="/schema",
        route_handlers=[],
        opt={"public": "the description holds no data of anybody"},
    )
    return OpenAPIConfig(
        title="Visitledger",
        version="1",
        description="The back office of companies that bill insurance for many therapy practices at once.",
        openapi_router=router,
        render_plugins=[JsonRenderPlugin(path=["/openapi.json", "/"])],
        use_handler_docstrings=True,
    )
