"""The rule packs that a practice is judged by: what is on the shelf, what is overdue, what one changes."""

import asyncio
from datetime import date
from typing import Any, Literal

import msgspec
from msgspec import Struct

from billing_rules.packs import Shelf
from billing_rules.packs.differences import Differences, differences
from billing_rules.packs.manifest import Manifest
from billing_rules.packs.pack import Pack
from tenants.errors import NotFound

PackStanding = Literal["in_force", "future", "past"]


class PackView(Struct, frozen=True, kw_only=True):
    """A pack on the shelf; `overdue` is red: in force, and its day of review has passed (PROB-06)."""

    table: str
    scope: str
    version: str
    standing: PackStanding
    starts_on: date
    ends_on: date | None
    source: str
    terms: str
    checked_on: date
    review_on: date | None
    overdue: bool
    checksum: str
    row_count: int
    vectors: int


class KeyDifference(Struct, frozen=True, kw_only=True):
    """One key of a table: the rows it had and the rows it has."""

    key: str
    change: str
    was: list[dict[str, Any]]
    becomes: list[dict[str, Any]]


class PackDifference(Struct, frozen=True, kw_only=True):
    """A pack against the one before it of its table and scope; null where it is the first."""

    pack: PackView
    before: PackView | None
    added: int
    removed: int
    changed: int
    same: int
    examples: list[KeyDifference]


def packs_on(shelf: Shelf, on: date) -> list[PackView]:
    """Every pack, by table, scope and first day, with its standing on a day."""
    return [_view(shelf, manifest, on) for manifest in shelf.manifests]


async def pack_difference(shelf: Shelf, checksum: str, on: date) -> tuple[PackDifference, frozenset[str]]:
    """What a pack changes, with the codes it touches; raises NotFound for one that is not on the shelf."""
    before, new = _with_the_one_before(shelf, checksum)
    # Millions of rows may be read: other requests go on meanwhile.
    found = await asyncio.to_thread(differences, before, new)
    told = PackDifference(
        pack=_view(shelf, new.manifest, on),
        before=_view(shelf, before.manifest, on) if before else None,
        added=found.added,
        removed=found.removed,
        changed=found.changed,
        same=found.same,
        examples=_examples(found),
    )
    return told, found.codes


def _with_the_one_before(shelf: Shelf, checksum: str) -> tuple[Pack | None, Pack]:
    before: Pack | None = None
    for pack in shelf.packs:
        told = pack.manifest
        beside = before is not None and _place(before.manifest) == _place(told)
        if told.sha256 == checksum:
            return before if beside else None, pack
        before = pack
    raise NotFound(f"no rule pack {checksum[:64]}")


def _place(manifest: Manifest) -> tuple[str, str]:
    return manifest.table, manifest.scope


def _view(shelf: Shelf, manifest: Manifest, on: date) -> PackView:
    names = [name for name in PackView.__struct_fields__ if hasattr(manifest, name) and name != "vectors"]
    answers = shelf.in_force(manifest.table, on=on, scope=manifest.scope) == manifest
    standing: PackStanding = "future" if manifest.starts_on > on else "in_force" if answers else "past"
    return PackView(
        **{name: getattr(manifest, name) for name in names},
        standing=standing,
        overdue=answers and manifest.is_due(on),
        checksum=manifest.sha256,
        vectors=len(manifest.vectors),
    )


def _examples(found: Differences) -> list[KeyDifference]:
    return [
        KeyDifference(
            key=example.key,
            change=example.change,
            was=msgspec.to_builtins(example.was),
            becomes=msgspec.to_builtins(example.becomes),
        )
        for example in found.examples
    ]
