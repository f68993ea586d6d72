"""The application as it is served, on a real database, in the test's own event loop."""

import base64
import os
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar
from msgspec import Struct

from api.app import create_app
from api.services import Services, compose
from api.settings import Settings, read_settings
from migrations import runner
from tenants import provisioning
from tenants.access import Role, system_actor
from tenants.clock import MovedClock
from tenants.ids import new_id
from tests.conftest import START, Cluster
from tests.pooled import left_behind

BASE_URL = "http://127.0.0.1:8000"
PASSWORD = "correct horse battery staple"


def make_settings(database_url: str, **changes: str) -> Settings:
    """Settings as the environment would give them, with fresh secrets."""
    environment = {
        "DATABASE_URL": database_url,
        "VISITLEDGER_PEPPER": base64.b64encode(os.urandom(32)).decode(),
        "VISITLEDGER_FILE_KEY": base64.b64encode(os.urandom(32)).decode(),
        "STRIPE_SECRET_KEY": f"sk_test_{os.urandom(12).hex()}",
        "STRIPE_WEBHOOK_SECRETS": f"whsec_{os.urandom(12).hex()}",
        "STRIPE_API_BASE": "http://127.0.0.1:9",
        "PUBLIC_URL": BASE_URL,
        "VISITLEDGER_DATA": str(Path(".data") / "tests"),
    }
    return read_settings(environment | changes)


class MutableClock(MovedClock):
    """A clock for the application that every test shares: each test gets it back at its start."""

    def put(self, instant: datetime) -> None:
        """Set any instant, earlier ones too; for the fixture only."""
        self._now = instant


@pytest_asyncio.fixture(scope="session")
async def app_services(cluster: Cluster, shared_database: str) -> AsyncIterator[Services]:
    """The services of the one application of this run, on the shared database as the unprivileged login."""
    url = cluster.login_url(shared_database).replace("postgresql+asyncpg://", "postgresql://")
    services = compose(make_settings(url), clock=MutableClock(START))
    assert runner.sqlalchemy_url(url) == cluster.login_url(shared_database)
    yield services
    await services.close()


@pytest.fixture
def app_clock(app_services: Services) -> MutableClock:
    """The application's clock, back at its start."""
    clock = app_services.clock
    assert isinstance(clock, MutableClock)
    clock.put(START)
    return clock


@pytest.fixture(scope="session")
def app(app_services: Services) -> Litestar:
    """The application that is served."""
    return create_app(app_services)


@pytest_asyncio.fixture
async def client(app: Litestar, app_clock: MutableClock) -> AsyncIterator[httpx.AsyncClient]:
    """A caller without credentials; its address differs from test to test, as throttles count by it."""
    async with connect(app) as caller:
        yield caller


def connect(app: Litestar, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    """A caller of the application, in this event loop."""
    address = (f"test-{new_id().hex}", 4711)
    transport = httpx.ASGITransport(app, client=address)
    return httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers)


class Company(Struct, frozen=True, kw_only=True):
    """A billing company with practices, and one member who owns it."""

    slug: str
    organization_id: UUID
    practice_ids: tuple[UUID, ...]
    member_id: UUID
    email: str

    @property
    def practice_id(self) -> UUID:
        """The first practice."""
        return self.practice_ids[0]


async def make_company(services: Services, *, practices: int = 1, role: Role = Role.OWNER) -> Company:
    """Make a billing company whose one member holds `role` everywhere."""
    slug, email, now = f"co-{new_id().hex[-12:]}", f"{new_id().hex[-12:]}@example.test", services.now()
    password_hash = await services.passwords.hash(PASSWORD)
    organization_id = await provisioning.create_organization(services.database, slug=slug, name="Company")
    actor = system_actor(organization_id, "test")
    async with services.database.organization_transaction(actor) as session:
        practice_ids = [
            await provisioning.create_practice(session, organization_id, name=f"Practice {n}", now=now)
            for n in range(practices)
        ]
        member_id = await provisioning.create_member(
            session, organization_id, email=email, name="Olive Owner", password_hash=password_hash, now=now
        )
        await provisioning.grant(session, actor, holder_id=member_id, role=role, practice_id=None, now=now)
    return Company(
        slug=slug,
        organization_id=organization_id,
        practice_ids=tuple(practice_ids),
        member_id=member_id,
        email=email,
    )


async def make_key(services: Services, company: Company, role: Role, practice_id: UUID | None = None) -> str:
    """An API key of the company with one role, in one practice or in all."""
    actor, now = system_actor(company.organization_id, "test"), services.now()
    async with services.database.organization_transaction(actor) as session:
        made = await provisioning.create_api_key(
            session, services.database, actor, name="test", expires_at=now + timedelta(days=30), now=now
        )
        await provisioning.grant(
            session, actor, holder_id=made.id, role=role, practice_id=practice_id, now=now
        )
    return made.key


@pytest_asyncio.fixture
async def company(app_services: Services, app_clock: MutableClock) -> Company:
    """A billing company with one practice and an owner who can sign in with PASSWORD."""
    return await make_company(app_services)


@pytest_asyncio.fixture
async def owner(app: Litestar, app_services: Services, company: Company) -> AsyncIterator[httpx.AsyncClient]:
    """A program of `company` that may do whatever an owner may."""
    key = await make_key(app_services, company, Role.OWNER)
    async with connect(app, {"Authorization": f"Bearer {key}"}) as caller:
        yield caller


async def sign_in(caller: httpx.AsyncClient, company: Company, password: str = PASSWORD) -> httpx.Response:
    """Sign the company's member in; the caller keeps the cookie and the token of unsafe requests."""
    answer = await caller.post(
        f"/o/{company.slug}/sign-in/token", json={"email": company.email, "password": password}
    )
    if answer.status_code == 200:
        caller.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    return answer


@pytest_asyncio.fixture(autouse=True)
async def nothing_left_behind(app_services: Services) -> AsyncIterator[None]:
    """After every test, no pooled connection of the application carries a scope, a role or a transaction."""
    yield
    assert await left_behind(app_services.database) == []
