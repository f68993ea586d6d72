"""What an installation keeps of its demonstration: how far it was played, passwords, one payment link."""

import os
import secrets
from datetime import date
from pathlib import Path

import msgspec
from msgspec import Struct

NAME = "demonstration.json"
FOLDER = "demonstration"
PASSWORD_BYTES = 12


class KeptLink(Struct, frozen=True, kw_only=True):
    """A payment link with what its second factor asks for."""

    token: str
    name: str
    birth_on: date
    zip_code: str


class Kept(Struct, frozen=True, kw_only=True):
    """The state of the demonstration; `played_days` are over and worked off, `is_ready` ends the play."""

    seed: int
    size: str
    starts_on: date
    played_days: int
    is_ready: bool
    passwords: dict[str, str]
    link: KeptLink | None


def recall_kept(data_folder: Path) -> Kept | None:
    """What is kept here, or None before the first play."""
    path = data_folder / NAME
    return msgspec.json.decode(path.read_bytes(), type=Kept) if path.exists() else None


def keep(data_folder: Path, kept: Kept) -> Kept:
    """Write it aside and rename, readable by nobody else; returns it."""
    data_folder.mkdir(parents=True, exist_ok=True)
    aside = data_folder / f"{NAME}.{os.getpid()}"
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(kept)))
    aside.rename(data_folder / NAME)
    return kept


def fresh_passwords(addresses: tuple[str, ...]) -> dict[str, str]:
    """A password of this installation's own for each address."""
    return {address: secrets.token_urlsafe(PASSWORD_BYTES) for address in addresses}


def book_path(data_folder: Path) -> Path:
    """Where the payers' book lies."""
    return data_folder / FOLDER / "payer-book.json"


def payer_path(data_folder: Path) -> Path:
    """Where the simulated payers remember what they were sent."""
    return data_folder / FOLDER / "payers.sqlite"


def cards_path(data_folder: Path) -> Path:
    """Where the simulated card processor remembers its pages."""
    return data_folder / FOLDER / "cards.json"
