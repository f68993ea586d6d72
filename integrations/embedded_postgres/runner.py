"""Who runs the server's programs: ourselves, or for root, whom PostgreSQL refuses, a lesser account."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from integrations.embedded_postgres.errors import ServerDidNotStart

# Nothing of the caller's environment reaches the server: PG* settings and locales would change it.
ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"}
ACCOUNTS: Final = ("postgres", "nobody")
NAMESPACE: Final = ("--user", "--map-user=1000", "--map-group=1000")


@dataclass(frozen=True, kw_only=True)
class Runner:
    """One way to run programs; files they make belong to `uid` and `gid`."""

    name: str
    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def run(self, *command: str, seconds: int = 120) -> str:
        """Run to the end and return what was printed; ServerDidNotStart with that text if it failed."""
        same = bool(self.prefix) or self.uid == os.geteuid()
        # A file, not a pipe: a server started by the command would hold the pipe open for ever.
        with tempfile.TemporaryFile("w+") as printed:
            code = subprocess.run(  # noqa: S603 - our own programs with our own arguments
                [*self.prefix, *command],
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=ENVIRONMENT,
                check=False,
                timeout=seconds,
                umask=0o077,
                user=None if same else self.uid,
                group=None if same else self.gid,
                extra_groups=None if same else [],
            ).returncode
            printed.seek(0)
            text = printed.read()
        if code != 0:
            program = Path(command[0]).name
            raise ServerDidNotStart(f"{program} ended with {code} as {self.name}: {text.strip()}")
        return text

    def can_enter(self, folder: Path) -> bool:
        """Whether the account can really walk to the folder, asked by doing it."""
        return self._succeeds("sh", "-c", 'cd -- "$1"', "sh", str(folder))

    def can_execute(self, file: Path) -> bool:
        """Whether the account can really walk to the file and execute it."""
        return self._succeeds("sh", "-c", '"$1" --version', "sh", str(file))

    def works(self) -> bool:
        """Whether this way of running exists here at all (containers may forbid it)."""
        return self._succeeds("sh", "-c", ":")

    def _succeeds(self, *command: str) -> bool:
        try:
            self.run(*command, seconds=30)
        except (ServerDidNotStart, OSError, subprocess.SubprocessError):
            return False
        return True


def as_ourselves() -> Runner:
    """Programs run as whoever runs us; not for root."""
    return Runner(name=f"user {os.geteuid()}", uid=os.geteuid(), gid=os.getegid())


def as_owner(uid: int, gid: int) -> Runner:
    """Programs run as the account that owns an existing cluster; root's own were made in a user namespace."""
    if uid == os.geteuid():
        return in_namespace() if uid == 0 else as_ourselves()
    return Runner(name=f"user {uid}", uid=uid, gid=gid)


def unprivileged_accounts() -> Iterator[Runner]:
    """The existing accounts that root can hand the server to, the most fitting first."""
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        account = Runner(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
        if account.works():
            yield account


def in_namespace() -> Runner:
    """Programs run in a user namespace where root is seen as an ordinary account; its files stay root's."""
    unshare = shutil.which("unshare", path=ENVIRONMENT["PATH"]) or "unshare"
    return Runner(name="root in a user namespace", uid=0, gid=0, prefix=(unshare, *NAMESPACE))
