"""The folders the server lives in: made private, checked for their owner, locked, never widened."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

from integrations.embedded_postgres.errors import FolderNotOurs

# Root's clusters go here when the checkout lies below a folder that no other account may enter.
SHARED_STATE: Final = Path("/var/lib/visitledger")
# A fixed place, not TMPDIR: every process of the account must find the same socket, and its path stay short.
SOCKETS: Final = Path("/tmp")  # noqa: S108 - the folder made in it is checked for its owner


def fingerprint(path: Path) -> str:
    """Twelve hexadecimal digits that name one folder on this machine."""
    return sha256(os.fsencode(path)).hexdigest()[:12]


def make_folder(path: Path, mode: int) -> None:
    """Make a folder (and missing parents) with exactly this mode; a folder that exists keeps its own."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        try:
            folder.mkdir(mode=mode)
        except FileExistsError:  # another process was faster, with the same mode
            continue
        folder.chmod(mode)


def make_shared_state(folder: Path) -> Path:
    """Make the folder of root's clusters and program copies; FolderNotOurs if others can write to it."""
    make_folder(folder, 0o755)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise FolderNotOurs(f"{folder} must be a folder that only root can write to.")
    return folder


def socket_folder(home: Path, owner: int, group: int) -> Path:
    """The short private folder of the cluster's socket, owned by the server's account, mode 0700."""
    folder = SOCKETS / f"visitledger-{os.geteuid()}-{fingerprint(home)}"
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, owner, group)
    except FileExistsError:
        pass
    found = folder.lstat()
    if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() != owner:
        os.chown(folder, owner, group)  # whoever made it was killed between the two calls above
        found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
        raise FolderNotOurs(
            f"{folder} was made by another account or is open to others: remove it, it should be ours alone."
        )
    return folder


def write_private(path: Path, text: str, owner: int, group: int) -> None:
    """Write a file of mode 0600 for one account, whole or not at all."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchown(descriptor, owner, group)
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    unfinished.rename(path)


def open_lock(path: Path) -> int:
    """A descriptor for `flock`; it is closed by the kernel when its process dies, however it dies."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


@contextmanager
def exclusively(path: Path) -> Iterator[None]:
    """Hold the lock file alone while the body runs; waits for others."""
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
