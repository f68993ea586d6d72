"""The packs that come with the product: public tables under billing_rules/therapy/data/packs."""

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
