"""Company routes whose change is carried into the practices, once it is committed and before the answer."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from litestar.di import Provide
from sqlalchemy.ext.asyncio import AsyncSession

from api.transactions import Incoming, actor_of, organization_session, services_of
from domain.practices.publishing import publish_rules

log = logging.getLogger("visitledger.rules")


async def publishing_session(request: Incoming) -> AsyncGenerator[AsyncSession]:
    """The company's door; afterwards, holding no other door, its rules are published.

    What cannot be published now is logged and follows later: the change itself is committed.
    """
    async with asynccontextmanager(organization_session)(request) as session:
        yield session
    services, organization_id = services_of(request), actor_of(request).organization_id
    try:
        await publish_rules(services.database, organization_id)
    except Exception as fault:  # noqa: BLE001 - the caller's change stands, whatever became of its copies
        log.warning("rules were not published: %s", type(fault).__name__)


PUBLISHING = {"session": Provide(publishing_session)}
