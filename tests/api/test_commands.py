"""The commands as they are called: migrate from nothing, check a ledger, check files, refuse plainly."""

import asyncio
import json
import os
from pathlib import Path

import asyncpg
import pytest

from api.services import Services
from tenants.access import system_actor
from tests.api.conftest import Company
from tests.api.test_boot import COMMAND, address, environment
from tests.conftest import LOGIN_PASSWORD, Cluster


async def call(*words: str, environ: dict[str, str] | None = None) -> tuple[int | None, str, str]:
    """Run the real command to its end: exit code, answer, complaint."""
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        *words,
        env=environ or {"PATH": os.environ["PATH"]},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await asyncio.wait_for(process.communicate(), 120)
    return process.returncode, said.decode(), complained.decode()


async def test_migrate_builds_everything_from_nothing_and_again(cluster: Cluster) -> None:
    """Roles, database and schema; a second run changes nothing; then a process starts on it."""
    name = f"migrated_{os.getpid()}"
    login = address(cluster, name)
    environ = environment(login, MIGRATION_DATABASE_URL=cluster.superuser_dsn(name))
    for _ in range(2):
        code, said, complained = await call("migrate", environ=environ)
        assert (code, said) == (0, "The schema is up to date.\n"), complained
    assert (await call("serve", "--check", environ=environ))[0] == 0
    assert LOGIN_PASSWORD not in said + complained


async def test_ledger_verify_names_what_is_broken(
    app_services: Services, company: Company, cluster: Cluster, shared_database: str
) -> None:
    """A ledger that holds exits with 0; one that somebody changed behind it exits with 1 and is named."""
    settings = app_services.settings
    environ = environment(address(cluster, shared_database), VISITLEDGER_PEPPER=_base64(settings.pepper))
    verify = ("ledger", "verify", "--organization", company.slug)
    code, said, complained = await call(*verify, environ=environ)
    assert (code, said) == (0, "Practice 0: holds\n"), complained
    actor = system_actor(company.organization_id, "test", practice_ids=frozenset(company.practice_ids))
    async with app_services.database.practice_transaction(actor, company.practice_id):
        pass
    connection = await asyncpg.connect(cluster.superuser_dsn(shared_database))
    await connection.execute(
        "insert into accounts (practice_id, id, unit, owner_kind, owner_id, kind, kept, credits) "
        "values ($1, $1, 'usd', 'payment', $1, 'unapplied', true, 100)",
        company.practice_id,
    )
    await connection.close()
    code, said, _ = await call(*verify, environ=environ)
    assert code == 1
    assert "broken" in said
    assert (await call("ledger", "verify", "--organization", "nobody-here", environ=environ))[0] == 1


async def test_x12_check_says_one_line_for_each_file(tmp_path: Path) -> None:
    """A file that is none is reported in JSON and makes the exit code 1."""
    bad = tmp_path / "bad.x12"
    bad.write_text("this is no interchange")
    code, said, _ = await call("x12", "check", str(bad))
    report = json.loads(said)
    assert (code, report["ok"], report["file"].endswith("bad.x12")) == (1, False, True)
    assert set(report) == {"file", "transaction", "ok", "claims", "problems"}
    assert set(report["problems"][0]) == {"code", "segment", "position", "detail"}


@pytest.mark.parametrize(
    "words", [("serve",), ("worker",), ("migrate",), ("ledger", "verify", "--organization", "x")]
)
async def test_commands_say_what_they_miss(words: tuple[str, ...]) -> None:
    """Without settings each refuses in one sentence."""
    code, _, complained = await call(*words)
    assert code == 1
    assert "missing" in complained
    assert "Traceback" not in complained


def _base64(secret: bytes) -> str:
    from base64 import b64encode

    return b64encode(secret).decode()
