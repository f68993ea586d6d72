"""Proving packs: every vector is asked, and the checksum is taken again from what is stored."""

from typing import Any

import msgspec
from msgspec import Struct

from billing_rules.packs.manifest import Manifest, PackRefused, PackVector
from billing_rules.packs.pack import Pack
from billing_rules.packs.shelf import Shelf


class VectorFailure(Struct, frozen=True, kw_only=True):
    """A vector that does not hold; null means not in force."""

    id: str
    expected: Any
    got: Any


class PackProof(Struct, frozen=True, kw_only=True):
    """What the proof of one pack came to; a checksum or row that cannot be read is a failure like another."""

    manifest: Manifest
    passed: int
    failures: tuple[VectorFailure, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing failed."""
        return not self.failures


def prove(pack: Pack) -> PackProof:
    """Take the checksum and ask every vector of one pack."""
    failures: list[VectorFailure] = []
    try:
        found = pack.checksum()
        if found != pack.manifest.sha256:
            failures.append(VectorFailure(id="sha256", expected=pack.manifest.sha256, got=found))
        asked = [failure for vector in pack.manifest.vectors if (failure := _ask(pack, vector))]
    except (PackRefused, msgspec.ValidationError) as wrong:
        failures.append(VectorFailure(id="rows", expected="readable rows", got=str(wrong)))
        return PackProof(manifest=pack.manifest, passed=0, failures=tuple(failures))
    passed = len(pack.manifest.vectors) - len(asked)
    return PackProof(manifest=pack.manifest, passed=passed, failures=(*failures, *asked))


def prove_packs(shelf: Shelf) -> tuple[PackProof, ...]:
    """The proof of every pack on the shelf, in its order."""
    return tuple(prove(pack) for pack in shelf.packs)


def _ask(pack: Pack, vector: PackVector) -> VectorFailure | None:
    if not pack.manifest.is_in_force(vector.on):
        held, got = vector.expected is None, None
    else:
        found = [msgspec.to_builtins(row) for row in pack.find(vector.key, vector.on)]
        held, got = _matches(vector.expected, found), found
    return None if held else VectorFailure(id=vector.id, expected=vector.expected, got=got)


def _matches(expected: tuple[dict[str, Any], ...] | None, found: list[dict[str, Any]]) -> bool:
    if expected is None or len(expected) != len(found):
        return False
    return all(
        all(row.get(name) == value for name, value in wanted.items())
        for wanted, row in zip(expected, found, strict=True)
    )
