"""Starting, sharing and stopping the private PostgreSQL of one data folder."""

import fcntl
import os
import secrets
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

from integrations.embedded_postgres.errors import EmbeddedServerError, ServerDidNotStart
from integrations.embedded_postgres.folders import (
    SHARED_STATE,
    exclusively,
    open_lock,
    socket_folder,
    write_private,
)
from integrations.embedded_postgres.places import Place, settle
from integrations.embedded_postgres.postmaster import Postmaster, await_settled, clear_crash, read_postmaster
from integrations.embedded_postgres.programs import Programs, find_programs, within_reach

SUPERUSER: Final = "postgres"
PORT: Final = 5432
SECONDS_TO_SETTLE: Final = 60
LOG_BYTES_KEPT: Final = 5_000_000
SETTINGS: Final = (
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=200",
    "cluster_name=visitledger",
    # Error details and statements quote rows, and rows are patients.
    "log_error_verbosity=terse",
    "log_min_error_statement=panic",
)
# Commits still reach the system before they are answered, so that even here a kill loses nothing.
FORGETFUL_SETTINGS: Final = ("fsync=off", "full_page_writes=off")


class RunningServer:
    """A server in use by this process; the last process that lets go of it stops it."""

    def __init__(self, place: Place, programs: Programs, sockets: Path, use: int) -> None:
        self.socket_folder = sockets
        self.log_path = place.log
        self.programs_folder = programs.folder
        self._place = place
        self._programs = programs
        self._use: int | None = use
        self._password = place.password.read_text()

    def superuser_dsn(self, database: str = "postgres") -> str:
        """The address for asyncpg as the superuser, who migrates and makes databases; not for the product."""
        return self.dsn(SUPERUSER, self._password, database)

    def dsn(self, user: str, password: str, database: str) -> str:
        """The address for asyncpg as any role, over the private socket."""
        credentials = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return f"postgresql://{credentials}@/{quote(database, safe='')}?host={self.socket_folder}&port={PORT}"

    def stop(self) -> None:
        """Let go; stops the server when nobody else uses it. Safe to call twice."""
        use, self._use = self._use, None
        if use is None:
            return
        with exclusively(_start_lock(self._place)):
            try:
                fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            else:
                _stop_server(self._place, self._programs)
            finally:
                os.close(use)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


@dataclass(frozen=True, kw_only=True)
class EmbeddedServer:
    """The door to the private server; used only where no DATABASE_URL is given.

    `major` picks the system's programs of that version for a new cluster; `shared_state` is where root keeps
    what its lesser account could not reach in the checkout.
    """

    major: int | None = None
    shared_state: Path = SHARED_STATE

    def start(self, data_root: Path, *, durable: bool = True) -> RunningServer:
        """Start the server of `data_root`, or join the one that runs; blocks up to about a minute.

        `durable=False` is for throw-away clusters: a power cut may break them, a killed process does not.
        Raises EmbeddedServerError with the server's own words when it cannot be had.
        """
        place = settle(data_root.resolve(), self.shared_state)
        use = open_lock(place.home / "use.lock")
        try:
            with exclusively(_start_lock(place)):
                fcntl.flock(use, fcntl.LOCK_SH)
                programs = find_programs(place.cluster_major() or self.major)
                programs = within_reach(programs, place.runner, self.shared_state)
                running = _join(place, programs) or _start_server(place, programs, durable=durable)
            return RunningServer(place, programs, running.sockets, use)
        except BaseException:
            os.close(use)
            raise


def _start_lock(place: Place) -> Path:
    return place.home / "start.lock"


def _join(place: Place, programs: Programs) -> Postmaster | None:
    found = await_settled(place.data, SECONDS_TO_SETTLE) if read_postmaster(place.data) else None
    if found is not None and not found.ready:
        _stop_server(place, programs)  # it hangs, or a cleaner of old files took its socket away
        return None
    return found


def _start_server(place: Place, programs: Programs, *, durable: bool) -> Postmaster:
    runner = place.runner
    sockets = socket_folder(place.home, runner.uid, runner.gid)
    if place.cluster_major() is None:
        _make_cluster(place, programs, durable=durable)
    clear_crash(place.data, sockets)
    _make_room_for_log(place)
    settings = SETTINGS if durable else (*SETTINGS, *FORGETFUL_SETTINGS)
    options = " ".join(["-k", str(sockets), "-p", str(PORT), *(f"-c {setting}" for setting in settings)])
    waiting = ("-w", "-t", str(SECONDS_TO_SETTLE), "-D", str(place.data), "-l", str(place.log))
    try:
        runner.run(programs.path("pg_ctl"), "start", *waiting, "-o", options)
    except ServerDidNotStart as failure:
        # A process killed in the middle of its own start leaves a server that comes up beside ours.
        other = await_settled(place.data, SECONDS_TO_SETTLE)
        if other is not None and other.ready:
            return other
        raise ServerDidNotStart(f"{failure}\n{_end_of_log(place)}") from failure
    running = read_postmaster(place.data)
    if running is None:
        raise ServerDidNotStart(f"The server started and ended at once.\n{_end_of_log(place)}")
    return running


def _make_cluster(place: Place, programs: Programs, *, durable: bool) -> None:
    """Make the cluster aside and rename it, so that a half-made one is never used."""
    runner, password_file = place.runner, place.home / "initdb.password"
    for abandoned in place.home.glob("data.new-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    # A name of its own: the initdb of a killed process may still be writing to an abandoned one.
    unfinished = place.home / f"data.new-{secrets.token_hex(4)}"
    _make_owned(unfinished, place)
    password = secrets.token_urlsafe(24)
    write_private(place.password, password, os.geteuid(), os.getegid())
    write_private(password_file, password, runner.uid, runner.gid)
    try:
        runner.run(
            *(programs.path("initdb"), "-D", str(unfinished), "-U", SUPERUSER, "-E", "UTF8"),
            *("--auth=scram-sha-256", f"--pwfile={password_file}"),
            *_locale(programs.major),
            *(() if durable else ("--no-sync",)),
        )
    finally:
        password_file.unlink(missing_ok=True)
    unfinished.rename(place.data)


def _locale(major: int) -> tuple[str, ...]:
    if major < 17:
        return ("--locale=C.UTF-8",)
    # The letters of all scripts count as letters in trigrams too, where the system knows them.
    letters = ("--lc-ctype=C.UTF-8",) if sys.platform == "linux" else ()
    return ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", *letters)


def _make_room_for_log(place: Place) -> None:
    if not place.log.parent.exists():
        _make_owned(place.log.parent, place)
    if place.log.exists() and place.log.stat().st_size > LOG_BYTES_KEPT:
        place.log.replace(place.log.with_suffix(".old.log"))


def _make_owned(folder: Path, place: Place) -> None:
    folder.mkdir(mode=0o700)
    os.chown(folder, place.runner.uid, place.runner.gid)


def _end_of_log(place: Place) -> str:
    try:
        return "\n".join(place.log.read_text(errors="replace").splitlines()[-15:])
    except FileNotFoundError:
        return ""


def _stop_server(place: Place, programs: Programs) -> None:
    for mode in ("fast", "immediate"):
        if read_postmaster(place.data) is None:
            break
        with suppress(EmbeddedServerError, subprocess.TimeoutExpired):
            place.runner.run(
                programs.path("pg_ctl"), "stop", "-w", "-t", "30", "-m", mode, "-D", str(place.data)
            )
    with suppress(OSError):
        (socket_folder(place.home, place.runner.uid, place.runner.gid)).rmdir()
