"""A practice that is set up, for the tests of its capabilities."""

import httpx
import pytest_asyncio

from tests.api.conftest import Company
from tests.api.v1.clinic import Clinic


@pytest_asyncio.fixture
async def clinic(owner: httpx.AsyncClient, company: Company) -> Clinic:
    """A practice that keeps its schedule here, with a commercial payer."""
    return await Clinic(owner, company.practice_id).set_up()
