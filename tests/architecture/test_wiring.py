"""What must be joined is joined: a handler for every task, a kept answer on every unsafe route."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

import domain
from api.app import create_app
from api.idempotency import UNSAFE, KeptResponse
from api.services import compose
from api.tasks import HANDLERS
from tenants.outbox import KINDS, Task
from tests.api.conftest import make_settings

NATURALLY_ONCE = {"/v1/sign-out"}
MUST_CARRY_A_KEY = ("/submit", "/post", "/unpost", "/payments", "/refunds", "/payment-plans")


def handlers() -> Iterator[tuple[str, HTTPRouteHandler]]:
    """Every route's handlers with their paths."""
    app = create_app(compose(make_settings("postgresql://nobody/nowhere")))
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if handler.http_methods != {"OPTIONS"}:
                    yield route.path, handler


def test_every_task_has_a_handler() -> None:
    """Whatever a capability can owe is worked on by somebody, and no handler waits for nothing."""
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        importlib.import_module(module.name)
    owed: set[type[Task]] = {kind for kind in KINDS.values() if kind.__module__.startswith("domain.")}
    assert owed == set(HANDLERS)
    assert all(name == kind.__name__ for name, kind in KINDS.items())


@pytest.mark.req("API-01")
def test_every_unsafe_json_route_keeps_its_answer() -> None:
    """Each takes part in a door's transaction and renders so that the answer can be kept under a key."""
    unsafe = [
        (path, handler)
        for path, handler in handlers()
        if path.startswith("/v1/") and handler.http_methods & UNSAFE and path not in NATURALLY_ONCE
    ]
    assert unsafe
    for path, handler in unsafe:
        if handler.opt.get("idempotency") == "by content":
            continue  # an upload is known by its bytes, and a repeat answers as the first did (API-21)
        assert "session" in handler.parsed_fn_signature.parameters, path
        assert handler.resolve_response_class() is KeptResponse, path


@pytest.mark.req("API-01")
def test_money_and_filing_routes_require_a_key() -> None:
    """Payments, claim submission, posting and plan creation refuse a request without a key."""
    moving = [
        (path, handler)
        for path, handler in handlers()
        if path.startswith("/v1/") and "POST" in handler.http_methods and path.endswith(MUST_CARRY_A_KEY)
    ]
    assert moving
    for path, handler in moving:
        assert handler.opt.get("idempotency") == "required", path


def test_no_route_opens_two_doors() -> None:
    """`session` and `snapshot` together would hold two connections and end side by side."""
    for path, handler in handlers():
        wanted = set(handler.parsed_fn_signature.parameters)
        assert not {"session", "snapshot"} <= wanted, path


def test_practice_routes_name_their_practice() -> None:
    """The guard finds the practice by this one name."""
    for path, _ in handlers():
        if "/practices/{" in path and not path.startswith("/v1/organization"):
            assert "/practices/{practice_id:uuid}" in path, path
