"""Anything in any order on a real server, with the one checker after every step."""

import asyncio
import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tenants.clock import MovedClock
from tenants.database import Database
from tests.conftest import PEPPER, START, Cluster
from tests.domain.ledger.machine import LimitMachine, World
from tests.domain.ledger.money_machine import LedgerMachine

FULL = os.environ.get("PROOF") == "full"
PACE = settings(
    max_examples=120 if FULL else 12,
    stateful_step_count=60 if FULL else 30,
    deadline=None,
    database=None,
    derandomize=not FULL,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.req("MON-03")
@pytest.mark.parametrize("machine", [LimitMachine, LedgerMachine])
def test_any_sequence_keeps_the_invariants(
    cluster: Cluster, shared_database: str, machine: type[LimitMachine]
) -> None:
    """Sessions, payers, patients and billers in any order: nothing breaks, and snapshot = replay."""
    with asyncio.Runner() as runner:
        url = cluster.login_url(shared_database)
        database = Database(url, clock=MovedClock(START), pepper=PEPPER, pool_size=1)
        machine.world = World(runner, database)
        try:
            run_state_machine_as_test(machine, settings=PACE)
        finally:
            runner.run(database.close())
