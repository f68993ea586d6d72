"""The rules of this process: what ships with the product, over the shipped packs and those of one folder.

The composition root names the folder once, with `use_packs`. A pack that another process loads into it is
seen at the next question, because the shelf of a folder is looked up by its index.
"""

from functools import lru_cache
from pathlib import Path

import msgspec

from billing_rules.packs import Shelf, shipped_shelf
from billing_rules.packs.shipped import stand_on
from billing_rules.packs.store import shelf_of
from billing_rules.rule_book import RuleBook, RuleRow, load_shipped

BOOKS_KEPT = 16


class ProcessRules:
    """The shipped rules over the shelf of a folder, made anew only when its index changed."""

    def __init__(self, folder: Path | None = None) -> None:
        """Nothing is read yet; without a folder only the shipped packs are on the shelf."""
        self.folder = folder
        self._book: RuleBook | None = None

    def book(self) -> RuleBook:
        """The shipped rules; raises PackRefused for a folder that cannot be read."""
        shelf = self._shelf()
        if self._book is None or self._book.shelf is not shelf:
            self._book = RuleBook(load_shipped().rows, shelf)
        return self._book

    def _shelf(self) -> Shelf:
        return shipped_shelf() if self.folder is None else shelf_of(self.folder)


_HELD = [ProcessRules()]


def use_packs(folder: Path | None) -> None:
    """Name the folder of loaded packs; naming it again changes nothing."""
    if _HELD[0].folder != folder:
        _HELD[0] = ProcessRules(folder)
    stand_on(lambda: shipped_rules().shelf)


def shipped_rules() -> RuleBook:
    """The rules that come with the product, over the shelf of this process."""
    return _HELD[0].book()


def rules_with(rows: bytes) -> RuleBook:
    """The shipped rules under a practice's rows, given as JSON; the books asked for last are kept."""
    return _joined(shipped_rules(), rows)


@lru_cache(maxsize=BOOKS_KEPT)
def _joined(shipped: RuleBook, rows: bytes) -> RuleBook:
    return shipped.with_rows(msgspec.json.decode(rows, type=tuple[RuleRow, ...]))
