"""What the server's own `postmaster.pid` says about a running, starting, stopping or crashed server."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROCESSES: Final = Path("/proc")


@dataclass(frozen=True, kw_only=True)
class Postmaster:
    """One line of truth about a server that was started on a cluster."""

    pid: int
    sockets: Path
    status: str

    @property
    def ready(self) -> bool:
        """Whether it takes connections and its socket is still where it was put."""
        return self.status == "ready" and any(self.sockets.glob(".s.PGSQL.*"))


def read_postmaster(data: Path) -> Postmaster | None:
    """The server that lives on this data folder now; None if none does, whatever a stale file says."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    lines += [""] * (8 - len(lines))
    if not lines[0].strip().isdigit() or not _lives_in(int(lines[0]), data):
        return None
    return Postmaster(pid=int(lines[0]), sockets=Path(lines[4]), status=lines[7].strip())


def await_settled(data: Path, seconds: float) -> Postmaster | None:
    """Wait while the server is starting or stopping; the last thing seen when time is up."""
    ends = time.monotonic() + seconds
    found = read_postmaster(data)
    while found is not None and not found.ready and found.status != "standby" and time.monotonic() < ends:
        time.sleep(0.05)
        found = read_postmaster(data)
    return found


def clear_crash(data: Path, sockets: Path) -> None:
    """After a killed server: end the backends it left on this data folder, then drop its stale lock files.

    Only for a folder on which `read_postmaster` finds nobody, under the lock that keeps others from starting.
    PostgreSQL itself would refuse while the dead server's number belongs to another process or to a zombie.
    """
    if not PROCESSES.is_dir():
        return
    ends = time.monotonic() + 10
    while (orphans := _living_in(data)) and time.monotonic() < ends:
        for pid in orphans:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    if not orphans:
        for stale in (data / "postmaster.pid", *sockets.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)


def _lives_in(pid: int, data: Path) -> bool:
    if PROCESSES.is_dir():
        # Every process of a server works in its data folder; its number may be somebody else's by now.
        try:
            return (PROCESSES / str(pid) / "cwd").samefile(data)
        except OSError:
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _living_in(data: Path) -> list[int]:
    numbers = (int(entry.name) for entry in PROCESSES.iterdir() if entry.name.isdigit())
    return [pid for pid in numbers if pid != os.getpid() and _is_server(pid) and _lives_in(pid, data)]


def _is_server(pid: int) -> bool:
    # A shell somebody opened in the data folder is not ours to end.
    try:
        return b"postgres" in (PROCESSES / str(pid) / "cmdline").read_bytes()
    except OSError:
        return False
