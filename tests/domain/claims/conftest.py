"""Services of a whole small world: a database of its own, a moved clock, a payer at the far end."""

import os
from collections.abc import AsyncIterator

import pytest_asyncio

from api.services import Services, compose
from integrations.clearinghouse.mailboxes import SimulatedMailboxes
from integrations.payer_simulator import PayerSimulator
from tenants.clock import MovedClock
from tests.api.conftest import make_settings
from tests.conftest import START, Cluster, Tenant, make_tenant
from tests.domain.claims.world import World, build, payer_book


@pytest_asyncio.fixture
async def services(cluster: Cluster) -> AsyncIterator[Services]:
    """Services on a fresh database, so that every task that is due is this test's."""
    name = f"journey_{os.getpid()}"
    await cluster.clone(name)
    url = cluster.login_url(name).replace("postgresql+asyncpg://", "postgresql://")
    clock = MovedClock(START)
    mailboxes = SimulatedMailboxes(PayerSimulator(payer_book(), None, clock.now), clock.now)
    made = compose(make_settings(url), clock=clock, mailboxes=mailboxes)
    yield made
    await made.close()


@pytest_asyncio.fixture
async def company(services: Services) -> Tenant:
    """A billing company with one practice."""
    return await make_tenant(services.database)


@pytest_asyncio.fixture
async def world(services: Services, company: Tenant) -> World:
    """The practice at work."""
    return await build(services.database, company)
