"""Processes refuse to start: with a login that could see too much, with bad secrets, without a schema."""

import asyncio
import base64
import os
import secrets
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from api.settings import SettingsRefused, read_settings
from tests.api.conftest import make_settings
from tests.conftest import LOGIN_PASSWORD, Cluster

COMMAND = Path(sys.executable).parent / "visitledger"
SCOPES = "app_practice, app_practices, app_organization, app_lookup, app_relay"
UNSAFE = [
    ("superuser", "alter role {role} superuser", "is a superuser"),
    ("bypass", "alter role {role} bypassrls", "bypasses row-level security"),
    ("owner", "grant visitledger_owner to {role}", "owns the tables"),
    ("inheriting", "grant app_practice to {role} with inherit true", "inherits the scope role app_practice"),
    ("privileged", "grant select on patients to {role}", "privilege of its own on public.patients"),
    ("lacking", "revoke app_relay from {role}", "lacks the scope role app_relay"),
]


def environment(database_url: str, **changes: str) -> dict[str, str]:
    """What a process is started with."""
    settings = make_settings(database_url)
    return {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database_url,
        "VISITLEDGER_PEPPER": base64.b64encode(settings.pepper).decode(),
        "VISITLEDGER_FILE_KEY": base64.b64encode(settings.file_key).decode(),
        "STRIPE_SECRET_KEY": settings.stripe_secret_key,
        "STRIPE_WEBHOOK_SECRETS": settings.stripe_webhook_secrets[0],
        "PUBLIC_URL": settings.public_url,
    } | changes


async def start(command: str, environ: dict[str, str]) -> tuple[int | None, str]:
    """Run the real command to its end; its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        COMMAND, command, "--check", env=environ, stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, said.decode()


def address(
    cluster: Cluster, database: str, role: str = "visitledger", password: str = LOGIN_PASSWORD
) -> str:
    """The driver's address of a role."""
    url = cluster.login_url(database).replace("postgresql+asyncpg://", "postgresql://")
    return url.replace("visitledger:" + LOGIN_PASSWORD, f"{role}:{password}", 1)


@pytest_asyncio.fixture
async def superuser(cluster: Cluster, shared_database: str) -> AsyncIterator[asyncpg.Connection]:
    """Makes roles of the cluster."""
    connection = await asyncpg.connect(cluster.superuser_dsn(shared_database))
    yield connection
    await connection.close()


@pytest.mark.req("ISO-02")
@pytest.mark.parametrize(("name", "change", "said"), UNSAFE, ids=[case[0] for case in UNSAFE])
async def test_no_process_starts_with_a_login_that_sees_too_much(
    superuser: asyncpg.Connection, cluster: Cluster, shared_database: str, name: str, change: str, said: str
) -> None:
    """`serve` and `worker` exit with an error that says why."""
    role, password = f"unsafe_{name}_{os.getpid()}", secrets.token_hex(12)
    await superuser.execute(f"create role {role} login noinherit password '{password}'")
    try:
        await superuser.execute(f"grant {SCOPES} to {role}; {change.format(role=role)}")
        environ = environment(address(cluster, shared_database, role, password))
        for command in ("serve", "worker"):
            code, words = await start(command, environ)
            assert code == 1, words
            assert "Refusing to start" in words
            assert said in words
            assert "Traceback" not in words
    finally:
        await superuser.execute(f"drop owned by {role}; drop role {role}")


@pytest.mark.req("ISO-02")
async def test_the_plain_login_starts_and_the_canary_leaves_no_trace(
    superuser: asyncpg.Connection, cluster: Cluster, shared_database: str
) -> None:
    """The proof passes with the login as it is made, and writes nothing."""
    for command in ("serve", "worker"):
        code, words = await start(command, environment(address(cluster, shared_database)))
        assert code == 0, words
    assert await superuser.fetchval("select count(*) from organizations where slug like 'canary-%'") == 0


@pytest.mark.req("ISO-02")
async def test_an_open_policy_is_noticed_at_start(cluster: Cluster) -> None:
    """Where the schema shows another practice's row, the process does not start, whatever its login."""
    name = f"open_{os.getpid()}"
    await cluster.clone(name)
    connection = await asyncpg.connect(cluster.superuser_dsn(name))
    await connection.execute("alter policy audit_events_app_practice on audit_events using (true)")
    await connection.close()
    code, words = await start("serve", environment(address(cluster, name)))
    assert (code, "canary" in words) == (1, True), words


async def test_a_missing_schema_or_server_is_said_plainly(cluster: Cluster) -> None:
    """The sentence says what to do, without a traceback."""
    code, words = await start("serve", environment(address(cluster, "postgres")))
    assert code == 1
    assert "visitledger migrate" in words
    code, words = await start("serve", environment("postgresql://x:y@127.0.0.1:9/none"))
    assert code == 1
    assert "cannot be reached" in words


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("VISITLEDGER_PEPPER", "", "VISITLEDGER_PEPPER is missing"),
        ("VISITLEDGER_PEPPER", "c2hvcnQ=", "32 bytes or more"),
        ("VISITLEDGER_PEPPER", base64.b64encode(b"p" * 32).decode(), "placeholder"),
        ("VISITLEDGER_PEPPER", base64.b64encode(b"change me change me change me 32").decode(), "placeholder"),
        ("VISITLEDGER_PEPPER", "not base64!", "not base64"),
        ("VISITLEDGER_FILE_KEY", base64.b64encode(os.urandom(33)).decode(), "must hold 32 bytes"),
        ("STRIPE_SECRET_KEY", "", "STRIPE_SECRET_KEY is missing"),
        ("STRIPE_SECRET_KEY", "sk_test_changeme_changeme", "placeholder"),
        ("STRIPE_WEBHOOK_SECRETS", "whsec_secret", "too short or a placeholder"),
        ("DATABASE_URL", "", "DATABASE_URL is missing"),
        ("PUBLIC_URL", "http://billing.example.org", "must be https"),
        ("PORT", "http", "not a whole number"),
    ],
)
def test_bad_settings_are_refused_by_name(name: str, value: str, said: str) -> None:
    """The refusal names the variable and what is wrong with it, and not its value."""
    with pytest.raises(SettingsRefused, match=said) as refused:
        read_settings(environment("postgresql://a:b@c/d") | {name: value})
    assert not value or value not in str(refused.value)


async def test_bad_secrets_end_the_process(cluster: Cluster, shared_database: str) -> None:
    """The real command exits with an error."""
    environ = environment(address(cluster, shared_database), VISITLEDGER_PEPPER="c2hvcnQ=")
    code, words = await start("serve", environ)
    assert (code, "VISITLEDGER_PEPPER" in words) == (1, True)
