"""What share of the driver's own rate *visits left* reaches over HTTP: eight clients, one server process.

Both sides run the same transaction: door, SQL, audit row, commit. The HTTP side also finds out who asks.
"""

import asyncio
import json
import os
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import uvicorn
from msgspec import Struct

from api.app import create_app
from api.services import compose
from api.settings import read_settings
from benchmarks.place import FOLDER, measured_database
from domain.allowances.authorizations import NewAuthorization, NewBlock
from domain.allowances.remaining import LIMITS
from domain.patients.cases import NewCase, open_case
from domain.patients.coverages import NewCoverage, add_coverage
from domain.patients.registration import NewPatient, register_patient
from domain.practices.roster import NewPayer, add_payer
from domain.practices.settings import PracticeSettings, set_profile
from domain.visits.authorizing import authorize
from migrations import runner
from tenants import provisioning
from tenants.access import Actor, Role, system_actor
from tenants.audit import event_values
from tenants.clock import SystemClock
from tenants.database import BARE_AUDIT, Database
from tenants.ids import new_id

CLIENTS = 8
ROUNDS = 3
ADDRESS = {"street": "1 Main Street", "city": "Boston", "state": "MA", "zip_code": "021081234"}
YEAR = date(2026, 1, 1)


class Asked(Struct, frozen=True, kw_only=True):
    """The case that is asked about, and who may ask."""

    actor: Actor
    practice_id: UUID
    case_id: UUID
    key: str


def endpoint_share(seconds: float) -> float:
    """Requests per second over HTTP over transactions per second of the driver alone; a median."""
    with measured_database(durable=True) as address:
        environment = _environment(address)
        asked = asyncio.run(_prepare(environment))
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.visits_left"], env=os.environ | environment
        )
        try:
            return asyncio.run(_median_share(environment, asked, seconds))
        finally:
            process.terminate()
            process.wait()


def _environment(address: str) -> dict[str, str]:
    port = 20_000 + secrets.randbelow(20_000)
    random_key = "".join(secrets.choice("ABCDEFGHabcdefgh0123456789") for _ in range(42)) + "k="
    return {
        "DATABASE_URL": address,
        "VISITLEDGER_PEPPER": random_key,
        "VISITLEDGER_FILE_KEY": random_key,
        "STRIPE_SECRET_KEY": f"sk_test_{secrets.token_hex(12)}",
        "STRIPE_WEBHOOK_SECRETS": f"whsec_{secrets.token_hex(12)}",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "VISITLEDGER_DATA": str(FOLDER),
    }


async def _prepare(environment: dict[str, str]) -> Asked:
    """A practice with one case under one authorization of two blocks."""
    settings = read_settings(environment)
    database = Database(
        runner.sqlalchemy_url(settings.database_url), clock=SystemClock(), pepper=settings.pepper
    )
    try:
        return await _prepare_with(database)
    finally:
        await database.close()


async def _prepare_with(database: Database) -> Asked:
    now = datetime.now(UTC)
    organization_id = await provisioning.create_organization(
        database, slug=f"bench-{secrets.token_hex(4)}", name="Bench"
    )
    actor = system_actor(organization_id, "bench")
    async with database.organization_transaction(actor) as session:
        practice_id = await provisioning.create_practice(session, organization_id, name="Bench", now=now)
        made = await provisioning.create_api_key(
            session, database, actor, name="bench", expires_at=now + timedelta(days=9), now=now
        )
        await provisioning.grant(
            session, actor, holder_id=made.id, role=Role.BILLER, practice_id=None, now=now
        )
    actor = system_actor(organization_id, "bench", practice_ids=frozenset({practice_id}))
    async with database.practice_transaction(actor, practice_id) as session:
        await set_profile(session, practice_id, _profile())
        payer = NewPayer(name="Plan", kind="commercial", electronic_id="60054", filing_indicator="CI")
        payer_id = await add_payer(session, practice_id, payer)
        case_id, coverage_id = await _case(session, practice_id, payer_id, now)
    async with database.practice_transaction(actor, practice_id) as session:
        await authorize(session, practice_id, _authorization(coverage_id), by=actor.id, now=now)
    return Asked(actor=actor, practice_id=practice_id, case_id=case_id, key=made.key)


async def _case(session: Any, practice_id: UUID, payer_id: UUID, now: datetime) -> tuple[UUID, UUID]:
    person = NewPatient(
        given_name="Ann",
        family_name="Bench",
        birth_on=date(1980, 1, 1),
        sex="F",
        source_system="bench",
        source_id=str(new_id()),
        **ADDRESS,
    )
    patient_id = await register_patient(session, practice_id, person, now=now, today=now.date())
    case = NewCase(
        patient_id=patient_id, kind="health_plan", title="Knee", opened_on=YEAR, diagnoses=["M25561"]
    )
    case_id = await open_case(session, practice_id, case)
    coverage = NewCoverage(
        case_id=case_id,
        payer_id=payer_id,
        ordinal=1,
        member_number="W1",
        relationship="self",
        subscriber_given_name="Ann",
        subscriber_family_name="Bench",
        starts_on=YEAR,
    )
    return case_id, await add_coverage(session, practice_id, coverage, by=practice_id, now=now)


def _authorization(coverage_id: UUID) -> NewAuthorization:
    until = date(2027, 12, 31)
    blocks = [
        NewBlock(kind="visits", quantity=Decimal(24), starts_on=YEAR, ends_on=until),
        NewBlock(kind="units", quantity=Decimal(96), starts_on=YEAR, ends_on=until, codes=["97110"]),
    ]
    return NewAuthorization(
        coverage_id=coverage_id,
        number="BENCH1",
        starts_on=YEAR,
        ends_on=until,
        blocks=blocks,
    )


def _profile() -> PracticeSettings:
    return PracticeSettings(
        legal_name="Bench",
        billing_name="Bench",
        specialty="rehabilitation",
        npi="1234567893",
        tax_id="123456789",
        taxonomy="261QP2000X",
        phone="6175550100",
        time_zone="America/New_York",
        schedule_mode="kept",
        **ADDRESS,
    )


async def _median_share(environment: dict[str, str], asked: Asked, seconds: float) -> float:
    port = int(environment["PORT"])
    await _until_served(port)
    shares = []
    for _ in range(ROUNDS):
        over_http = await _rate(lambda until: _http_client(port, asked, until), seconds)
        by_driver = await _rate(lambda until: _driver_client(environment, asked, until), seconds)
        shares.append(over_http / by_driver)
    return statistics.median(shares)


async def _until_served(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise RuntimeError("the server does not start")


async def _rate(client: Callable[[float], Awaitable[int]], seconds: float) -> float:
    started = time.perf_counter()
    counts = await asyncio.gather(*(client(started + seconds) for _ in range(CLIENTS)))
    return sum(counts) / (time.perf_counter() - started)


async def _http_client(port: int, asked: Asked, until: float) -> int:
    """One connection kept alive, one request at a time; every answer must be a 200 with limits in it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    path = f"/v1/practices/{asked.practice_id}/cases/{asked.case_id}/allowances"
    head = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {asked.key}\r\n\r\n".encode()
    )
    done = 0
    while time.perf_counter() < until:
        writer.write(head)
        status = await reader.readuntil(b"\r\n\r\n")
        length = int(status.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        if b" 200 " not in status[:20] or not json.loads(body)["limits"]:
            raise RuntimeError(status.decode())
        done += 1
    writer.close()
    return done


async def _driver_client(environment: dict[str, str], asked: Asked, until: float) -> int:
    """One driver connection: the door, the same SQL, the audit row, the commit."""
    connection = await asyncpg.connect(environment["DATABASE_URL"])
    door = f"BEGIN; SET LOCAL ROLE app_practice; SET LOCAL app.practice_id = '{asked.practice_id}'"
    done = 0
    while time.perf_counter() < until:
        now = datetime.now(UTC)
        await connection.execute(door)
        rows = await connection.fetch(LIMITS, asked.practice_id, [asked.case_id], now)
        values = event_values(
            asked.actor, asked.practice_id, now, {"patients": {rows[0]["patient_id"]}, "changes": []}
        )
        del values["changes"]
        await connection.execute(BARE_AUDIT, *values.values())
        await connection.execute("COMMIT")
        done += 1
    await connection.close()
    return done


def serve() -> None:
    """Serve as `visitledger serve` does, in a process of its own."""
    settings = read_settings()
    uvicorn.run(
        create_app(compose(settings)),
        host="127.0.0.1",
        port=settings.port,
        log_level="warning",
        access_log=False,
    )


if __name__ == "__main__":
    serve()
