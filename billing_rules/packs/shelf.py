"""The shelf: every pack there is, and which of them answers for a table, a scope and a date of service."""

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property, lru_cache
from itertools import groupby
from typing import Any

from billing_rules.packs.manifest import Manifest, PackRefused
from billing_rules.packs.pack import Pack, row_covers
from billing_rules.packs.tables import TABLES, plain_scope

DAYS_KEPT = 4096
"""Questions of table, day and scope whose pack stays known."""


class TableUnknown(LookupError):
    """Raised for a table that no pack can hold: a slip in the program, never in data."""


class Shelf:
    """Packs side by side; of those of one table and scope the one that began last answers for a day.

    A pack that has ended hands nothing back to the one before it: then none is in force, and whoever asks
    must say that it cannot tell.
    """

    def __init__(self, packs: Iterable[Pack]) -> None:
        """Raises PackRefused when two packs of one table and scope contradict one another."""
        self._places: dict[tuple[str, str], list[Pack]] = defaultdict(list)
        for pack in packs:
            self._places[pack.manifest.table, pack.manifest.scope].append(pack)
        for place, beside in self._places.items():
            self._places[place] = in_succession(beside)
        self._answering = lru_cache(DAYS_KEPT)(self._choose)
        self.packs = tuple(pack for place in sorted(self._places) for pack in self._places[place])

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        """What every pack says of itself, by table, scope and first day."""
        return tuple(pack.manifest for pack in self.packs)

    @cached_property
    def version(self) -> str:
        """A fingerprint of every pack, to be kept with whatever was judged by them."""
        told = "\n".join(sorted(manifest.sha256 for manifest in self.manifests))
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    def in_force(self, table: str, *, on: date, scope: str = "") -> Manifest | None:
        """The pack that answers on the date of service, or none: then nothing can be told."""
        pack = self.pack(table, on=on, scope=scope)
        return pack.manifest if pack else None

    def find(self, table: str, key: str, *, on: date, scope: str = "") -> tuple[Any, ...]:
        """The rows of a key in force on the date of service, of the table's Struct in `rows`.

        Nothing found means *no such row* only where `in_force` names a pack.
        """
        pack = self.pack(table, on=on, scope=scope)
        return pack.find(key, on) if pack else ()

    def rows(self, table: str, *, on: date, scope: str = "") -> Iterator[Any]:
        """Every row in force on the date of service, in order of key."""
        pack = self.pack(table, on=on, scope=scope)
        return (row for row in pack if row_covers(row, on)) if pack else iter(())

    def starting(self, table: str, prefix: str, *, on: date, scope: str = "") -> Iterator[Any]:
        """Every row in force whose key begins with a prefix, in order of key."""
        pack = self.pack(table, on=on, scope=scope)
        return (row for row in pack.starting(prefix) if row_covers(row, on)) if pack else iter(())

    def children(self, table: str, code: str, *, on: date, scope: str = "") -> tuple[Any, ...]:
        """The rows whose parent is the code, as in ICD-10-CM, where a longer code begins with its heading."""
        return tuple(row for row in self.starting(table, code, on=on, scope=scope) if row.parent == code)

    def pack(self, table: str, *, on: date, scope: str = "") -> Pack | None:
        """The pack that answers on the date of service; raises TableUnknown."""
        return self._answering(table, on, scope)

    def _choose(self, table: str, on: date, scope: str) -> Pack | None:
        if table not in TABLES:
            raise TableUnknown(f"There is no table {table}.")
        beside = self._places.get((table, plain_scope(table, scope)), ())
        at = bisect_right(beside, on, key=_begins) - 1
        return beside[at] if at >= 0 and beside[at].manifest.is_in_force(on) else None

    def packs_of(self, table: str, scope: str = "") -> tuple[Pack, ...]:
        """Every pack of a table and scope, by first day."""
        return tuple(self._places.get((table, plain_scope(table, scope)), ()))

    def nearest(self, table: str, *, on: date, scope: str = "") -> Pack | None:
        """The pack in force, else the last that began before the day, else the first there is.

        For what is worth saying although no pack is in force, and then said so.
        """
        in_force = self.pack(table, on=on, scope=scope)
        if in_force is not None:
            return in_force
        beside = self._places.get((table, plain_scope(table, scope)), ())
        at = bisect_right(beside, on, key=_begins) - 1
        return beside[max(at, 0)] if beside else None

    def with_packs(self, packs: Iterable[Pack]) -> "Shelf":
        """A new shelf with packs beside these; raises PackRefused when one contradicts another."""
        return Shelf((*self.packs, *packs))

    def only(self, checksums: Iterable[str]) -> "Shelf":
        """A shelf of exactly these packs, by `sha256`: judging again by what was known then.

        Raises LookupError when one of them is no longer held.
        """
        wanted = set(checksums)
        kept = [pack for pack in self.packs if pack.manifest.sha256 in wanted]
        missing = wanted - {pack.manifest.sha256 for pack in kept}
        if missing:
            raise LookupError(f"Packs that were used are not held: {', '.join(sorted(missing))}.")
        return Shelf(kept)


def in_succession(packs: Iterable[Pack]) -> list[Pack]:
    """Packs of one table and scope by first day, a correction of the same day after what it supersedes.

    Raises PackRefused when two begin on one day and neither says that it corrects the other.
    """
    ordered: list[Pack] = []
    for _, same_day in groupby(sorted(packs, key=_begins), key=_begins):
        waiting = list(same_day)
        versions = {pack.manifest.version for pack in waiting}
        last = next((pack for pack in waiting if pack.manifest.supersedes not in versions), waiting[0])
        while True:
            ordered.append(last)
            waiting.remove(last)
            if not waiting:
                break
            last = _successor(last.manifest, waiting)
    return ordered


def _successor(older: Manifest, waiting: list[Pack]) -> Pack:
    for pack in waiting:
        if pack.manifest.supersedes == older.version:
            return pack
    raise PackRefused(f"{waiting[0].manifest} begins on the same day as {older} and does not supersede it")


def _begins(pack: Pack) -> date:
    return pack.manifest.starts_on
