"""What the process is told by its environment: one frozen value, read once, passed down."""

import base64
import binascii
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

PLACEHOLDERS = ("change", "secret", "example", "placeholder", "password", "default")
FEWEST_DIFFERENT_BYTES = 12


class SettingsRefused(Exception):
    """The environment lacks something, or holds a secret that is none; the process must not start."""


class Settings(Struct, frozen=True, kw_only=True):
    """Addresses, secrets and switches of one process; secrets have no defaults.

    `database_url` is the unprivileged login's; `migration_database_url` a role that may become the owner;
    `rule_packs` the folder of rule packs that were loaded beside the shipped ones.
    """

    database_url: str
    migration_database_url: str | None
    pepper: bytes
    file_key: bytes
    stripe_secret_key: str
    stripe_webhook_secrets: tuple[str, ...]
    stripe_api_base: str | None
    broker_url: str | None
    host: str
    port: int
    public_url: str
    data_folder: Path
    rule_packs: Path
    trusted_proxies: tuple[str, ...]
    pool_size: int

    def __repr__(self) -> str:
        return f"Settings(public_url={self.public_url!r})"

    @property
    def over_https(self) -> bool:
        """Whether browsers reach us by https, so that cookies can be bound to it."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """The Host values that are answered: the public name, and this machine where it is served plainly."""
        public = urlsplit(self.public_url)
        named = {public.netloc, public.hostname or ""}
        if not self.over_https:
            named |= {f"{host}:{self.port}" for host in ("127.0.0.1", "localhost")}
        return frozenset(named - {""})


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read and judge the environment; raises SettingsRefused naming every variable that is at fault."""
    faults: list[str] = []
    value = _Reader(environment, faults)
    settings = Settings(
        database_url=value.required("DATABASE_URL"),
        migration_database_url=environment.get("MIGRATION_DATABASE_URL") or None,
        pepper=value.secret_bytes("VISITLEDGER_PEPPER", at_least=32),
        file_key=value.secret_bytes("VISITLEDGER_FILE_KEY", at_least=32, at_most=32),
        stripe_secret_key=value.secret_text("STRIPE_SECRET_KEY"),
        stripe_webhook_secrets=value.secret_texts("STRIPE_WEBHOOK_SECRETS"),
        stripe_api_base=environment.get("STRIPE_API_BASE") or None,
        broker_url=environment.get("BROKER_URL") or None,
        host=environment.get("HOST", "127.0.0.1"),
        port=value.number("PORT", 8000),
        public_url=value.public_url("PUBLIC_URL"),
        data_folder=data_folder(environment),
        rule_packs=pack_folder(environment),
        trusted_proxies=tuple(filter(None, environment.get("TRUSTED_PROXIES", "").split(","))),
        pool_size=value.number("DATABASE_POOL_SIZE", 10),
    )
    if faults:
        raise SettingsRefused("; ".join(faults))
    return settings


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where this machine keeps what is no row: VISITLEDGER_DATA, or `.data`."""
    return Path(environment.get("VISITLEDGER_DATA", ".data"))


def pack_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where loaded rule packs are kept: RULE_PACKS, or `rules` beside the other data."""
    return Path(environment.get("RULE_PACKS") or data_folder(environment) / "rules")


class _Reader:
    """Reads variables and gathers what is wrong with them, never their values."""

    def __init__(self, environment: Mapping[str, str], faults: list[str]) -> None:
        self._environment = environment
        self._faults = faults

    def required(self, name: str) -> str:
        value = self._environment.get(name, "")
        if not value.strip():
            self._faults.append(f"{name} is missing")
        return value

    def number(self, name: str, default: int) -> int:
        value = self._environment.get(name, str(default))
        if not value.isdecimal():
            self._faults.append(f"{name} is not a whole number")
            return default
        return int(value)

    def public_url(self, name: str) -> str:
        value = self.required(name).rstrip("/")
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.netloc or parts.path):
            self._faults.append(f"{name} must be http(s)://host[:port] without a path")
        elif parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost"):
            self._faults.append(f"{name} must be https unless it names this machine")
        return value

    def secret_text(self, name: str, *, at_least: int = 16) -> str:
        value = self.required(name)
        if value and (len(value) < at_least or _is_placeholder(value)):
            self._faults.append(f"{name} is too short or a placeholder")
        return value

    def secret_texts(self, name: str) -> tuple[str, ...]:
        values = tuple(part.strip() for part in self.required(name).split(",") if part.strip())
        if any(len(value) < 16 or _is_placeholder(value) for value in values):
            self._faults.append(f"{name} holds a secret that is too short or a placeholder")
        return values

    def secret_bytes(self, name: str, *, at_least: int, at_most: int = 1024) -> bytes:
        value = self.required(name)
        try:
            secret = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            self._faults.append(f"{name} is not base64")
            return b""
        if value and not at_least <= len(secret) <= at_most:
            self._faults.append(
                f"{name} must hold {at_least} bytes{'' if at_most == at_least else ' or more'}"
            )
        elif value and (len(set(secret)) < FEWEST_DIFFERENT_BYTES or _is_words(secret)):
            self._faults.append(f"{name} is a placeholder")
        return secret


def _is_words(secret: bytes) -> bool:
    """Whether somebody typed it: 32 random bytes are never all ASCII."""
    return secret.isascii()


def _is_placeholder(value: str) -> bool:
    lowered = value.lower()
    # Stripe's own secrets are called sk_ and whsec_, so the word is judged without these prefixes.
    bare = lowered.removeprefix("whsec_").removeprefix("sk_").removeprefix("rk_")
    return len(set(bare)) < 5 or any(word in bare for word in PLACEHOLDERS)
