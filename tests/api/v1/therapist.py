"""A signed-in therapist: a member whose one grant names the row as a provider."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
from litestar import Litestar

from api.services import Services
from tenants import provisioning
from tenants.access import Role, system_actor
from tenants.ids import new_id
from tests.api.conftest import PASSWORD, Company, connect


@asynccontextmanager
async def therapist_caller(
    app: Litestar, services: Services, company: Company, provider_id: str
) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of a therapist of the company's first practice."""
    email = await _employ(services, company, UUID(provider_id))
    async with connect(app) as caller:
        body = {"email": email, "password": PASSWORD}
        answer = await caller.post(f"/o/{company.slug}/sign-in/token", json=body)
        assert answer.status_code == 200, answer.text
        caller.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        yield caller


async def _employ(services: Services, company: Company, provider_id: UUID) -> str:
    """Make the member and the grant; returns the e-mail."""
    actor, now = system_actor(company.organization_id, "test"), services.now()
    email = f"{new_id().hex[-12:]}@example.test"
    async with services.database.organization_transaction(actor) as session:
        member_id = await provisioning.create_member(
            session,
            company.organization_id,
            email=email,
            name="Pat Therapist",
            password_hash=await services.passwords.hash(PASSWORD),
            now=now,
        )
        await provisioning.grant(
            session,
            actor,
            holder_id=member_id,
            role=Role.THERAPIST,
            practice_id=company.practice_id,
            provider_id=provider_id,
            now=now,
        )
    return email
