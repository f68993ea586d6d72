"""The oldest PostgreSQL releases that may hold patient data (SEC-12: CVE-2025-8713 and the sets of 2026)."""

from typing import Final

OLDEST_PATCHED: Final = {15: 18, 16: 14, 17: 10, 18: 4}


class UnpatchedServer(RuntimeError):
    """The database server lacks fixes for published holes in row-level security."""


def refuse_unpatched(server_version_num: int) -> None:
    """Raise UnpatchedServer unless the server's `server_version_num` is at or above its major's patch floor.

    Majors newer than those listed were first released with the fixes and are let through.
    """
    major, minor = divmod(server_version_num, 10_000)
    floors = ", ".join(f"{known}.{patch}" for known, patch in OLDEST_PATCHED.items())
    if major < min(OLDEST_PATCHED):
        raise UnpatchedServer(f"PostgreSQL {major}.{minor} is too old: use one of {floors} or newer.")
    if minor < OLDEST_PATCHED.get(major, 0):
        raise UnpatchedServer(
            f"PostgreSQL {major}.{minor} has known holes: update to {major}.{OLDEST_PATCHED[major]} or newer "
            f"(floors: {floors})."
        )
