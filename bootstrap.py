"""Make `.venv` hold exactly what the lock names, test tools included; needs the standard library only.

Called by every target of the Makefile. Does nothing in a moment when the environment is current, starts anew
when an earlier run was interrupted, and lets concurrent runs wait for each other.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements-test.lock"
STAMP = VENV / "visitledger.stamp"
UNFINISHED = VENV / "visitledger.unfinished"
# Settings of the caller's that would install elsewhere or import from elsewhere.
MISLEADING = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PYTHONHOME", "PYTHONPATH", "PYTHONUSERBASE")


def wanted_key() -> str:
    """What the environment must answer to: the lock, our own packaging, and the place (scripts name it)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packaging = {name: project.get(name) for name in ("build-system", "project")}
    packaging["setuptools"] = project.get("tool", {}).get("setuptools")
    parts = [LOCK.read_text(), json.dumps(packaging, sort_keys=True), str(ROOT)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def is_current(key: str) -> bool:
    """Whether the last run finished with this key and its interpreter still exists."""
    try:
        return STAMP.read_text() == key and os.access(VENV / "bin" / "python", os.X_OK)
    except FileNotFoundError:
        return False


def run(lock: int, *command: str | Path) -> bool:
    """Run one command of the set-up; False when it failed."""
    environment = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    # The command holds the lock too: if we are killed it goes on writing, and the next run must wait for it.
    finished = subprocess.run([*command], env=environment, cwd=ROOT, check=False, pass_fds=(lock,))  # noqa: S603
    return finished.returncode == 0


def is_usable(lock: int) -> bool:
    """Whether an existing `.venv` can be built upon: not left half-made, in its place, and running."""
    if UNFINISHED.exists() or not (VENV / "bin" / "pip").exists():
        return False
    first_line = (VENV / "bin" / "pip").read_text(errors="replace").splitlines()[0]
    return str(VENV) in first_line and run(lock, VENV / "bin" / "python", "-c", "import pip, sys")


def build(key: str, lock: int) -> None:
    """Install the lock and this checkout; the stamp comes last, so that an interruption is noticed."""
    if not is_usable(lock):
        shutil.rmtree(VENV, ignore_errors=True)
        say("making .venv")
        if not run(lock, sys.executable, "-m", "venv", VENV):
            stop("Python cannot make a virtual environment; on Debian: apt-get install python3-venv")
    STAMP.unlink(missing_ok=True)
    UNFINISHED.touch()
    python = VENV / "bin" / "python"
    install = (python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-compile")
    say("installing the locked requirements")
    if not run(lock, *install, "--no-deps", "--require-hashes", "-r", LOCK):
        stop("The locked requirements could not be installed; the lines above say why.")
    editable = ("--no-deps", "--no-build-isolation", "--config-settings", "editable_mode=compat", "-e", ".")
    if not run(lock, *install, *editable):
        stop("This checkout could not be installed into .venv; the lines above say why.")
    UNFINISHED.unlink()
    STAMP.with_suffix(".new").write_text(key)
    STAMP.with_suffix(".new").rename(STAMP)


def say(what: str) -> None:
    """One line of progress, at once."""
    print(f"visitledger: {what} ...", file=sys.stderr, flush=True)  # noqa: T201


def stop(why: str) -> None:
    """End with a sentence for the person who ran the command."""
    sys.exit(f"visitledger: {why}")


def main() -> None:
    """Bring `.venv` up to date, alone."""
    key = wanted_key()
    if is_current(key):
        return
    descriptor = os.open(ROOT, os.O_RDONLY)  # the folder itself is the lock: it outlives a .venv made anew
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    if not is_current(key):
        build(key, descriptor)


if __name__ == "__main__":
    main()
