"""What every serving command proves first: settings, the login, the server's patches."""

import asyncio

import asyncpg

from api.commands import CommandRefused
from api.settings import Settings, SettingsRefused, read_settings
from integrations.embedded_postgres import UnpatchedServer, refuse_unpatched
from tenants.boot import UnsafeLogin, prove_login


def settings_or_refuse() -> Settings:
    """The environment's settings; raises CommandRefused naming what is wrong with them."""
    try:
        return read_settings()
    except SettingsRefused as refusal:
        raise CommandRefused(f"Refusing to start: {refusal}.") from refusal


def prove_database(settings: Settings) -> None:
    """Prove that the login is harmless and the server patched; raises CommandRefused with the reasons."""
    try:
        booted = asyncio.run(prove_login(settings.database_url))
        refuse_unpatched(booted.server_version_num)
    except (UnsafeLogin, UnpatchedServer) as refusal:
        raise CommandRefused(f"Refusing to start: {refusal}.") from refusal
    except asyncpg.UndefinedTableError as missing:
        raise CommandRefused(
            "Refusing to start: the schema is not there; run `visitledger migrate`."
        ) from missing
    except (OSError, TimeoutError, asyncpg.PostgresError) as failure:
        said = (
            f"{type(failure).__name__}: {failure}" if isinstance(failure, OSError) else type(failure).__name__
        )
        raise CommandRefused(f"Refusing to start: the database cannot be reached ({said}).") from failure
