"""Refusals: problem documents that name the field and never the value, headers on each, default deny."""

import logging
from uuid import UUID

import httpx
import pytest
from litestar import Litestar, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Struct
from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.app import ROUTES, create_app
from api.permissions import RouteUndeclared
from api.services import Services
from api.v1.routers import practice_routes
from tenants.access import Actor, Permission, Role, system_actor
from tenants.ids import new_id
from tenants.models import AuditEvent
from tests.api.conftest import Company, connect, make_company, make_key

SECRET = "John Doe 123-45-6789"
PUBLIC = {"public": "for this test"}


class Amount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A body with an amount and a role."""

    amount_cents: int
    role: Role = Role.OWNER
    parts: tuple[int, ...] = ()


@post("/amounts", opt=PUBLIC)
async def take_amount(data: JSONBody[Amount], page: FromQuery[int] = 1) -> Amount:
    """Give the body back."""
    return data


@get("/broken", opt=PUBLIC)
async def broken() -> None:
    """Fail as nobody foresaw."""
    raise RuntimeError(SECRET)


@get("/deferred", opt={"permission": Permission.PATIENT_READ})
async def fails_at_commit(session: NamedDependency[AsyncSession], practice_id: FromPath[UUID]) -> Amount:
    """Return well, with a connection that cannot commit any more."""
    with pytest.raises(Exception, match="division"):
        await session.execute(text("select 1 / 0"))
    return Amount(amount_cents=1)


@pytest.fixture
def edge(app_services: Services) -> httpx.AsyncClient:
    """A caller of an application with routes of this module."""
    routes = [*ROUTES, take_amount, broken, practice_routes("", fails_at_commit)]
    return connect(create_app(app_services, routes=routes))


@pytest.mark.req("API-08")
@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        (b'{"amount_cents": "12"}', 422, "/amount_cents"),
        (b'{"amount_cents": 12.0}', 422, "/amount_cents"),
        (b'{"amount_cents": 12.5}', 422, "/amount_cents"),
        (b'{"amount_cents": true}', 422, "/amount_cents"),
        (b"{}", 422, "/amount_cents"),
        (b'{"amount_cents": 1, "parts": [1, 2, "x"]}', 422, "/parts/2"),
        (b'{"amount_cents": 1, "role": "John Doe 123-45-6789"}', 422, "/role"),
        (b'{"amount_cents": 1, "John Doe 123-45-6789": 1}', 422, ""),
        (b'{"amount_cents": 1, "memo": 1}', 422, "/memo"),
        (b'{"amount_cents": 1', 400, None),
        (b"\xff\xfe", 400, None),
        (b"", 400, None),
    ],
)
async def test_a_bad_body_names_its_field(
    edge: httpx.AsyncClient, body: bytes, status: int, pointer: str | None
) -> None:
    """Numbers are numbers; the pointer names the place; what was sent stands nowhere in the answer."""
    answer = await edge.post("/amounts", content=body, headers={"Content-Type": "application/json"})
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["x-request-id"]
    if pointer is not None:
        assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    assert "John" not in answer.text


async def test_good_bodies_and_bad_parameters(edge: httpx.AsyncClient) -> None:
    """A good body passes as it is; a bad parameter is named without its value."""
    good = await edge.post("/amounts", json={"amount_cents": 5, "role": "biller"})
    assert (good.status_code, good.json()["amount_cents"]) == (201, 5)
    bad = await edge.post("/amounts", params={"page": "John Doe"}, json={"amount_cents": 5})
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (400, "query:page")
    assert "John" not in bad.text


async def test_the_unforeseen_is_logged_without_a_word_of_it(
    edge: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A 500 is always logged, with place and request id; neither answer nor log carries the message."""
    with caplog.at_level(logging.ERROR, logger="visitledger.problems"):
        answer = await edge.get("/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.json()["request_id"] in caplog.text
    assert "RuntimeError" in caplog.text
    assert "in broken" in caplog.text
    assert SECRET not in caplog.text + answer.text


async def test_a_failed_commit_is_no_success(
    edge: httpx.AsyncClient, app_services: Services, company: Company
) -> None:
    """What the handler returned is not sent when its transaction cannot be committed."""
    key = await make_key(app_services, company, Role.BILLER)
    edge.headers["Authorization"] = f"Bearer {key}"
    answer = await edge.get(f"/v1/practices/{company.practice_id}/deferred")
    assert answer.status_code == 500


@pytest.mark.req("SEC-13")
async def test_every_answer_carries_the_headers(edge: httpx.AsyncClient, company: Company) -> None:
    """Good answers, 400, 401, 403, 404, 405, 413, 422 and 500 alike; a foreign host is not served."""
    big = b'{"amount_cents": 1, "memo": "' + b"x" * 3_000_000 + b'"}'
    json = {"Content-Type": "application/json"}
    answers = [
        await edge.get("/health/live"),
        await edge.get("/static/none.css"),
        await edge.get("/v1/me"),
        await edge.get("/nowhere"),
        await edge.delete("/v1/me"),
        await edge.get("/broken"),
        await edge.post("/amounts", content=big, headers=json),
        await edge.post("/amounts", content=b"{}", headers=json),
        await edge.post("/amounts", content=b"{", headers=json),
        await edge.post("/amounts", json={"amount_cents": 1}, headers={"Origin": "https://evil.test"}),
        await edge.get("/v1/me", headers={"Host": "evil.test"}),
        await edge.get("/schema"),
    ]
    told = [answer.status_code for answer in answers]
    assert told == [200, 404, 401, 404, 405, 500, 413, 422, 400, 403, 400, 200]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "no-" in answer.headers["cache-control"]


async def test_the_description_is_published_without_foreign_scripts(edge: httpx.AsyncClient) -> None:
    """`/schema` is JSON, names every JSON route, and there is no rendered page."""
    described = (await edge.get("/schema/openapi.json")).json()
    assert "/v1/organization/practices" in described["paths"]
    for page in ("swagger", "redoc", "elements", "rapidoc", "scalar"):
        assert (await edge.get(f"/schema/{page}")).status_code == 404


@pytest.mark.req("AZ-01")
def test_the_application_does_not_start_with_an_undeclared_route(app_services: Services) -> None:
    """No permission, two declarations, an empty reason, or a permission that is none: it refuses, by name."""
    for opt in ({}, {"public": ""}, {"permission": "organization.read"}, {"public": "x", "signed_in": "y"}):

        @get("/forgotten", opt=opt)
        async def forgotten() -> None:
            """Say not who may come."""

        with pytest.raises(RouteUndeclared, match="/forgotten"):
            create_app(app_services, routes=[*ROUTES, forgotten])


@pytest.mark.req("AZ-01")
def test_public_routes_are_a_reviewed_list(app: Litestar) -> None:
    """A route that anybody may use stands in this list, or this test fails."""
    public = {
        route.path
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        if "public" in handler.opt
    }
    reviewed = ("/health/", "/o/{slug:str}/sign-in", "/pay/", "/schema", "/static/", "/webhooks/")
    assert {path for path in public if not path.startswith(reviewed)} <= {"/"}


async def test_a_character_that_cannot_be_kept_is_refused(
    app_services: Services, client: httpx.AsyncClient, company: Company
) -> None:
    """A NUL inside a text is the sender's fault, wherever in a record it stands, and breaks nothing."""
    key = await make_key(app_services, company, Role.OWNER, company.practice_id)
    body = {"name": "Ma\x00in", "place_of_service": "11", "street": "1 Way", "city": "Boston", "state": "MA"}
    answer = await client.post(
        f"/v1/practices/{company.practice_id}/locations",
        json=body | {"zip_code": "021390000"},
        headers={"Authorization": f"Bearer {key}", "Idempotency-Key": str(new_id())},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "unkeepable_character")


@pytest.mark.req("API-09")
async def test_another_companys_practice_is_unknown(
    edge: httpx.AsyncClient, app_services: Services, company: Company
) -> None:
    """A practice of another company answers as one that never was, after as many connections."""
    other = await make_company(app_services)
    key = await make_key(app_services, company, Role.THERAPIST, company.practice_id)
    edge.headers["Authorization"] = f"Bearer {key}"
    taken: list[object] = []
    pool = app_services.database.engine.sync_engine.pool
    event.listen(pool, "checkout", lambda *connection: taken.append(connection))
    foreign = await edge.get(f"/v1/practices/{other.practice_id}/deferred")
    for_foreign = len(taken)
    unknown = await edge.get(f"/v1/practices/{new_id()}/deferred")
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert len(taken) == 2 * for_foreign == 2
    assert foreign.json()["code"] == unknown.json()["code"]
    assert sorted(foreign.headers) == sorted(unknown.headers)
    own = await edge.get(f"/v1/practices/{company.practice_id}/deferred")
    assert (own.status_code, own.json()["code"]) == (403, "forbidden")


async def test_readiness_says_up_or_down_and_nothing_else(client: httpx.AsyncClient) -> None:
    """Whoever asks learns whether we serve."""
    assert (await client.get("/health/ready")).json() == {"status": "up"}
    assert (await client.get("/health/live")).json() == {"status": "up"}


@get("/read", opt={"permission": Permission.PATIENT_READ})
async def read_patient(
    services: NamedDependency[Services], actor: NamedDependency[Actor], practice_id: FromPath[UUID]
) -> Amount:
    """Read on the driver's connection and name a patient."""
    door = services.database.bare_practice_transaction(actor, practice_id, {practice_id})
    async with door as driver:
        return Amount(amount_cents=await driver.fetchval("select count(*) from patients"))


async def test_the_hottest_reads_are_audited_too(app_services: Services, company: Company) -> None:
    """The door on the driver's connection leaves its event with the patients that were read."""
    app = create_app(app_services, routes=[practice_routes("", read_patient)])
    key = await make_key(app_services, company, Role.BILLER)
    async with connect(app, {"Authorization": f"Bearer {key}"}) as caller:
        answer = await caller.get(f"/v1/practices/{company.practice_id}/read")
    assert (answer.status_code, answer.json()["amount_cents"]) == (200, 0)
    actor = system_actor(company.organization_id, "test", practice_ids=frozenset(company.practice_ids))
    async with app_services.database.practice_transaction(actor, company.practice_id) as session:
        left = (await session.execute(select(AuditEvent))).scalars().one()
    assert (left.patient_ids, left.request_id) == ([company.practice_id], answer.headers["x-request-id"])
