"""Where a cluster lives and who serves it: beside the checkout, or where root's account can reach it."""

import os
from dataclasses import dataclass
from pathlib import Path

from integrations.embedded_postgres.errors import FolderNotOurs, ServerOutOfReach
from integrations.embedded_postgres.folders import fingerprint, make_folder, make_shared_state
from integrations.embedded_postgres.runner import (
    Runner,
    as_ourselves,
    as_owner,
    in_namespace,
    unprivileged_accounts,
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """One cluster's folder (`home`) and the account that serves it."""

    home: Path
    runner: Runner

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder, mode 0700, the account's."""
        return self.home / "data"

    @property
    def password(self) -> Path:
        """The superuser's random password, mode 0600, ours."""
        return self.home / "superuser.password"

    @property
    def log(self) -> Path:
        """What the server printed, in a folder of the account's own."""
        return self.home / "log" / "server.log"

    def cluster_major(self) -> int | None:
        """The major version that made the cluster, or None while there is no cluster."""
        try:
            return int((self.data / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None


def settle(data_root: Path, shared_state: Path) -> Place:
    """Choose the place for `data_root`, the same for every process of one account; makes the home folder."""
    place = _settle_root(data_root, shared_state) if os.geteuid() == 0 else _settle_ourselves(data_root)
    make_folder(place.home, 0o700 if place.runner.uid == os.geteuid() else 0o711)
    return place


def _settle_ourselves(data_root: Path) -> Place:
    place = Place(home=data_root / "postgres", runner=as_ourselves())
    if place.home.exists() and not os.access(place.home, os.R_OK | os.W_OK | os.X_OK):
        raise FolderNotOurs(
            f"{place.home} belongs to another account (was the server first started as root?): "
            "run as that account, or remove the folder to begin anew."
        )
    return place


def _settle_root(data_root: Path, shared_state: Path) -> Place:
    make_folder(data_root, 0o711)
    beside = data_root / "postgres"
    apart = shared_state / fingerprint(data_root)
    for home in (beside, apart):
        if (home / "data" / "PG_VERSION").exists():
            return _existing(home)
    for account in unprivileged_accounts():
        if account.can_enter(data_root):
            return Place(home=beside, runner=account)
        if _made(shared_state) and account.can_enter(shared_state):
            return Place(home=apart, runner=account)
    namespace = in_namespace()
    if namespace.works():
        return Place(home=beside, runner=namespace)
    raise ServerOutOfReach(
        "PostgreSQL does not run as root, no account 'postgres' or 'nobody' can be used, and user namespaces "
        "are not allowed here: run as an ordinary account, or give DATABASE_URL."
    )


def _existing(home: Path) -> Place:
    owner = (home / "data").stat()
    place = Place(home=home, runner=as_owner(owner.st_uid, owner.st_gid))
    if not place.runner.can_enter(place.data):
        raise ServerOutOfReach(
            f"The cluster in {place.data} belongs to {place.runner.name}, who cannot reach it any more: "
            "move it back to where that account can enter, or give DATABASE_URL."
        )
    return place


def _made(shared_state: Path) -> bool:
    try:
        make_shared_state(shared_state)
    except OSError:  # a read-only system
        return False
    return True
