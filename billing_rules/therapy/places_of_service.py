"""Place of service codes (CMS): which are assigned, and which count as a facility."""

from functools import cache

from msgspec import Struct

from billing_rules.tables import read_table


class PlaceOfService(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One assigned place of service code with CMS's name for it."""

    code: str
    name: str
    facility: bool


def find_place(code: str) -> PlaceOfService | None:
    """The place of a two-digit code, or none when it is not assigned."""
    return _by_code().get(code)


class PlaceUnknown(ValueError):
    """Raised for the name of a place that no code stands for."""


def place_for(name: str) -> PlaceOfService:
    """The place of a name as CMS has it, however it is written; raises PlaceUnknown."""
    wanted = _plain(name)
    found = next((row for row in _by_code().values() if _plain(row.name) == wanted), None)
    if found is None:
        raise PlaceUnknown(f"No place of service is called {name}.")
    return found


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


@cache
def _by_code() -> dict[str, PlaceOfService]:
    return {row.code: row for row in read_table("places_of_service.json", PlaceOfService).rows}
