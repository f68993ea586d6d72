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


@cache
def _by_code() -> dict[str, PlaceOfService]:
    return {row.code: row for row in read_table("places_of_service.json", PlaceOfService).rows}
