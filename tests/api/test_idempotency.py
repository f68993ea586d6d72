"""One effect per key: repeated, in parallel, with another body, and across a crash."""

import asyncio
from collections import Counter
from uuid import UUID

import asyncpg
import httpx
import pytest
import pytest_asyncio
from litestar import Litestar, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.app import create_app
from api.services import Services
from api.v1.routers import practice_routes
from tenants.access import Permission, Role, system_actor
from tenants.errors import Conflict
from tenants.ids import new_id
from tenants.models import IdempotencyRecord, InboxEvent
from tests.api.conftest import Company, connect, make_key
from tests.conftest import Cluster


class Note(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the test route keeps."""

    text: str
    fail: bool = False
    die: bool = False


class Noted(Struct, frozen=True, kw_only=True):
    """The id of the kept note."""

    id: UUID


@post("/notes", opt={"permission": Permission.VISIT_WRITE, "idempotency": "required"})
async def keep_note(
    session: NamedDependency[AsyncSession],
    services: NamedDependency[Services],
    practice_id: FromPath[UUID],
    data: JSONBody[Note],
) -> Noted:
    """Keep a note as an event; on request refuse afterwards, or lose the connection before the commit."""
    note = new_id()
    session.add(
        InboxEvent(
            practice_id=practice_id,
            id=note,
            source="note",
            external_id=str(note),
            kind=data.text,
            object_id="",
            received_at=services.now(),
        )
    )
    await session.flush()
    await asyncio.sleep(0.02)
    if data.fail:
        raise Conflict("asked to fail")
    if data.die:
        driver = (await (await session.connection()).get_raw_connection()).driver_connection
        assert driver is not None
        driver.terminate()
    return Noted(id=note)


@pytest_asyncio.fixture
async def notes(app_services: Services, company: Company, app_clock: object) -> httpx.AsyncClient:
    """A program that may write notes."""
    app = create_app(app_services, routes=[practice_routes("", keep_note)])
    key = await make_key(app_services, company, Role.INTEGRATION)
    return connect(app, {"Authorization": f"Bearer {key}"})


async def count(services: Services, company: Company) -> tuple[int, int]:
    """How many notes and how many kept answers there are."""
    actor = system_actor(company.organization_id, "test", practice_ids=frozenset(company.practice_ids))
    async with services.database.practice_transaction(actor, company.practice_id) as session:
        kept = [
            (await session.execute(select(func.count()).select_from(table))).scalar_one()
            for table in (InboxEvent, IdempotencyRecord)
        ]
    return kept[0], kept[1]


def path(company: Company) -> str:
    """The test route of the company's practice."""
    return f"/v1/practices/{company.practice_id}/notes"


@pytest.mark.req("API-01", "API-02", "MON-04")
async def test_a_repeat_gets_the_first_answer(
    notes: httpx.AsyncClient, company: Company, app_services: Services
) -> None:
    """Same key and body: the same answer, marked; another body: 422; no key where one is required: 400."""
    headers = {"Idempotency-Key": "note-1"}
    first = await notes.post(path(company), json={"text": "a"}, headers=headers)
    again = await notes.post(path(company), json={"text": "a"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    other = await notes.post(path(company), json={"text": "b"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    missing = await notes.post(path(company), json={"text": "a"})
    assert (missing.status_code, missing.json()["code"]) == (400, "idempotency_key_required")
    bad = await notes.post(path(company), json={"text": "a"}, headers={"Idempotency-Key": " "})
    assert bad.status_code == 400
    assert await count(app_services, company) == (1, 1)


@pytest.mark.req("API-02", "MON-04")
async def test_fifty_at_once_have_one_effect(
    notes: httpx.AsyncClient, company: Company, app_services: Services
) -> None:
    """Each gets the first answer, or 409 with the moment to ask again."""
    headers = {"Idempotency-Key": "note-many"}

    async def send(number: int) -> httpx.Response:
        return await notes.post(path(company), json={"text": "a"}, headers=headers)

    answers = await asyncio.gather(*(send(number) for number in range(50)))
    told = Counter(answer.status_code for answer in answers)
    assert set(told) <= {201, 409}
    assert told[201] >= 1
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert all(answer.headers["retry-after"] == "1" for answer in answers if answer.status_code == 409)
    assert await count(app_services, company) == (1, 1)


@pytest.mark.req("API-02", "MON-04")
async def test_refusals_and_crashes_are_not_kept(
    notes: httpx.AsyncClient, company: Company, app_services: Services
) -> None:
    """A refused body, a late refusal, a connection lost before the commit: no effect, and a free key."""
    headers = {"Idempotency-Key": "note-crash"}
    refused = await notes.post(path(company), json={"text": 7}, headers=headers)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/text")
    conflict = await notes.post(path(company), json={"text": "a", "fail": True}, headers=headers)
    assert conflict.status_code == 409
    lost = await notes.post(path(company), json={"text": "a", "die": True}, headers=headers)
    assert lost.status_code in (500, 503)
    assert await count(app_services, company) == (0, 0)
    assert (await notes.post(path(company), json={"text": "a"}, headers=headers)).status_code == 201
    assert await count(app_services, company) == (1, 1)


@pytest.mark.req("API-02")
async def test_a_key_belongs_to_its_practice_and_client(
    app_services: Services, notes: httpx.AsyncClient, company: Company
) -> None:
    """The same key of another program is another request."""
    headers = {"Idempotency-Key": "note-shared"}
    key = await make_key(app_services, company, Role.INTEGRATION)
    other = {"Authorization": f"Bearer {key}"} | headers
    first = await notes.post(path(company), json={"text": "a"}, headers=headers)
    second = await notes.post(path(company), json={"text": "b"}, headers=other)
    assert (first.status_code, second.status_code) == (201, 201)
    assert await count(app_services, company) == (2, 2)


@pytest.mark.req("API-01", "MON-04")
async def test_organization_routes_keep_answers_too_and_keep_them_sealed(
    owner: httpx.AsyncClient, company: Company, cluster: Cluster, shared_database: str
) -> None:
    """Making a practice twice with one key makes one; the kept answer cannot be read in the database."""
    headers = {"Idempotency-Key": "practice-1"}
    sent = [
        await owner.post("/v1/organization/practices", json={"name": "Elm Street"}, headers=headers)
        for _ in range(2)
    ]
    assert sent[0].json() == sent[1].json()
    listed = (await owner.get("/v1/organization/practices")).json()
    assert [p["name"] for p in listed].count("Elm Street") == 1
    connection = await asyncpg.connect(cluster.superuser_dsn(shared_database))
    kept = await connection.fetchval(
        "select answer from organization_idempotency_records where organization_id = $1",
        company.organization_id,
    )
    await connection.close()
    assert sent[0].json()["id"].encode() not in kept


async def test_an_app_without_a_key_still_works(owner: httpx.AsyncClient, app: Litestar) -> None:
    """Where a key is not required, none is needed."""
    assert (await owner.post("/v1/organization/practices", json={"name": "Oak"})).status_code == 201
