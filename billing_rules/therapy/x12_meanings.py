"""What codes of payers' answers mean, and where numbers and amounts stand in a claim, in our own words."""

from functools import cache

from msgspec import Struct

from billing_rules.tables import read_table


class ElementMeaning(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One code of one element of a transaction, such as CLP02 of the 835."""

    element: str
    code: str
    meaning: str


class Place(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a claim says something: loop, segment, and its qualifier or element."""

    what: str
    level: str
    loop: str
    segment: str
    qualifier: str | None
    element: str | None


class PlaceUnknown(LookupError):
    """Raised for something that the claim has no place for at this level."""


def meaning_of(element: str, code: str) -> str | None:
    """What a code of an element means, or none for a code that the table does not hold."""
    return _meanings().get((element, code))


def place_in_claim(what: str, level: str) -> Place:
    """Where an 837P carries something at claim or line level; raises PlaceUnknown."""
    found = _places().get((what, level))
    if found is None:
        raise PlaceUnknown(f"An 837P has no place for {what} at the level of the {level}.")
    return found


@cache
def _meanings() -> dict[tuple[str, str], str]:
    rows = read_table("x12_meanings.json", ElementMeaning).rows
    return {(row.element, row.code): row.meaning for row in rows}


@cache
def _places() -> dict[tuple[str, str], Place]:
    return {(row.what, row.level): row for row in read_table("x12_places.json", Place).rows}
