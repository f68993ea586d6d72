"""The packs that come with the product: public tables under billing_rules/therapy/data/packs."""

from collections.abc import Callable
from functools import cache

from billing_rules.packs.shelf import Shelf
from billing_rules.packs.written import read_pack
from billing_rules.tables import DATA


@cache
def shipped_shelf() -> Shelf:
    """The shelf of shipped packs; manifests are read now, rows at the first question to each pack."""
    folder = DATA / "packs"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".json"))
    return Shelf(read_pack(folder, name.removesuffix(".json")) for name in names)


_STANDING: list[Callable[[], Shelf]] = [shipped_shelf]


def standing_shelf() -> Shelf:
    """The shelf of this process: the shipped one, unless the composition root named another.

    For whether a code exists at all, which intake asks before any book is at hand; whatever is judged is
    judged by the shelf of its book.
    """
    return _STANDING[0]()


def stand_on(shelf: Callable[[], Shelf]) -> None:
    """Name where the shelf of this process comes from; asked anew at every question."""
    _STANDING[0] = shelf
