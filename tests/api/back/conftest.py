"""A billing company at work through the API, with the payer simulator at the far end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import httpx
import pytest_asyncio
from msgspec import Struct

from api.app import create_app
from api.services import Services
from api.task_runner import drain, run_task
from tenants import provisioning
from tenants.access import Role
from tests.api.conftest import connect
from tests.conftest import make_tenant
from tests.domain.claims.conftest import services
from tests.domain.claims.world import World, add_visit, build

__all__ = ["services"]


class Office(Struct, frozen=True, kw_only=True):
    """A practice, a program that may do everything in its company, and the way to let time pass."""

    services: Services
    world: World
    caller: httpx.AsyncClient

    def path(self, rest: str) -> str:
        """An address of the practice."""
        return f"/v1/practices/{self.world.practice_id}{rest}"

    async def post(self, rest: str, body: object = None, key: str | None = None) -> httpx.Response:
        """Post to the practice, with an idempotency key of its own unless one is given."""
        headers = {"Idempotency-Key": key or str(provisioning.new_id())}
        return await self.caller.post(self.path(rest), json=body, headers=headers)

    async def get(self, rest: str) -> httpx.Response:
        """Read of the practice."""
        return await self.caller.get(self.path(rest))

    async def bring(self, content: bytes, name: str = "brought.835") -> httpx.Response:
        """Bring a file by hand."""
        path = f"/v1/organization/connections/{self.world.connection_id}/files"
        headers = {"Content-Type": "application/octet-stream"}
        return await self.caller.post(path, params={"name": name}, content=content, headers=headers)

    async def pass_time(self, **span: float) -> None:
        """Let time pass and every owed task be done."""
        await drain(self.services, self.services.now() + timedelta(**span))

    async def work_at_once(self) -> None:
        """Let as many workers as there are due tasks begin at the same moment."""
        due = await self.services.database.due_tasks()
        await asyncio.gather(*(run_task(self.services, one.practice_id, one.id) for one in due))

    async def assemble(self, *visits: UUID) -> list[str]:
        """Make the claims of visits; returns their ids."""
        answer = await self.post("/claims/assemble", {"visit_ids": [str(v) for v in visits]})
        assert answer.status_code == 201, answer.text
        ids: list[str] = answer.json()["claim_ids"]
        return ids

    async def send(self, *visits: UUID) -> list[str]:
        """Assemble and submit; returns the claims."""
        claims = await self.assemble(*visits)
        answer = await self.post("/claims/submit", {"claim_ids": claims})
        assert answer.status_code == 200, answer.text
        return claims

    async def visit(self, lines: list[tuple[str, int, int]], **options: object) -> UUID:
        """A charged visit."""
        return await add_visit(self.services.database, self.world, lines, **options)  # type: ignore[arg-type]


Opener = Callable[..., Awaitable[Office]]


@pytest_asyncio.fixture
async def open_office(services: Services) -> AsyncIterator[Opener]:
    """Opens offices in this test's own database."""
    opened: list[httpx.AsyncClient] = []

    async def make(**options: object) -> Office:
        tenant = await make_tenant(services.database)
        world = await build(services.database, tenant, **options)  # type: ignore[arg-type]
        now = services.now()
        async with services.database.organization_transaction(tenant.actor) as session:
            made = await provisioning.create_api_key(
                session,
                services.database,
                tenant.actor,
                name="office",
                expires_at=now + timedelta(days=300),
                now=now,
            )
            await provisioning.grant(
                session, tenant.actor, holder_id=made.id, role=Role.OWNER, practice_id=None, now=now
            )
        caller = connect(create_app(services), {"Authorization": f"Bearer {made.key}"})
        opened.append(caller)
        return Office(services=services, world=world, caller=caller)

    yield make
    for caller in opened:
        await caller.aclose()
