"""Place of service codes (CMS): which are assigned on a date, and which count as a facility."""

from datetime import date

from billing_rules.packs.pack import row_covers
from billing_rules.packs.rows import Place
from billing_rules.packs.shelf import Shelf
from billing_rules.packs.shipped import standing_shelf

TABLE = "places_of_service"


class PlaceUnknown(ValueError):
    """Raised for the name of a place that no code stands for."""


def find_place(code: str, on: date | None = None, shelf: Shelf | None = None) -> Place | None:
    """The place of a two-digit code on a date of service, or none when it is not assigned then.

    Without a date the newest list is asked, whatever the place's own days.
    """
    pack = (shelf or standing_shelf()).nearest(TABLE, on=on or date.max)
    rows: tuple[Place, ...] = pack.history(code) if pack else ()
    for row in rows:
        if on is None or row_covers(row, on):
            return row
    return None


def place_for(name: str, shelf: Shelf | None = None) -> Place:
    """The place of a name as CMS has it, however it is written; raises PlaceUnknown."""
    wanted = _plain(name)
    pack = (shelf or standing_shelf()).nearest(TABLE, on=date.max)
    rows: list[Place] = list(pack) if pack else []
    found = next((row for row in rows if _plain(row.name) == wanted), None)
    if found is None:
        raise PlaceUnknown(f"No place of service is called {name}.")
    return found


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
