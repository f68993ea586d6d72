"""Proving packs: every vector is asked, and the checksum is taken again from what is stored.

The shipped rules count as one pack more, of the table `rules`.
"""

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
from msgspec import Struct

from billing_rules.packs.manifest import Manifest, PackRefused, PackVector
from billing_rules.packs.pack import Pack
from billing_rules.packs.shelf import Shelf
from billing_rules.rule_book import NoRuleInForce, RuleBook, RuleRow, RuleValueRefused, load_shipped
from billing_rules.tables import Table, read_table
from billing_rules.therapy.payer_rules import accept_row

RULES = "rules"


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


class RuleVector(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question to the shipped rules and its answer; null when no rule is in force on the day."""

    id: str
    rule: str
    payer: str | None
    state: str | None
    on: date
    expected: Any


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


def prove_all(shelf: Shelf, *, rules: RuleBook | None = None) -> tuple[PackProof, ...]:
    """The proof of the shipped rules, or of those given, and then of every pack on the shelf."""
    return (prove_rules(rules or load_shipped()), *map(prove, shelf.packs))


def prove_rules(book: RuleBook) -> PackProof:
    """Ask the vectors of the rules; each shipped row's value must be one its rule can read."""
    table = read_table("rules_vectors.json", RuleVector)
    asked = [failure for vector in table.rows if (failure := _ask_rules(book, vector))]
    return PackProof(
        manifest=_manifest(book, table),
        passed=len(table.rows) - len(asked),
        failures=(*_unreadable(book), *asked),
    )


def _ask_rules(book: RuleBook, vector: RuleVector) -> VectorFailure | None:
    try:
        got: Any = book.resolve(vector.rule, payer=vector.payer, state=vector.state, on=vector.on).value
    except NoRuleInForce:
        got = None
    held = bool(got == vector.expected)
    return None if held else VectorFailure(id=vector.id, expected=vector.expected, got=got)


def _unreadable(book: RuleBook) -> Iterator[VectorFailure]:
    for row in book.rows:
        try:
            accept_row(row)
        except RuleValueRefused as wrong:
            yield VectorFailure(id=str(row), expected="a value its rule can read", got=str(wrong))


def _manifest(book: RuleBook, table: Table[RuleVector]) -> Manifest:
    shipped = [row for row in book.rows if row.level == "shipped"]
    return Manifest(
        table=RULES,
        scope="",
        version=shipped[0].version if shipped else table.version,
        starts_on=min((row.starts_on for row in shipped), default=table.checked_on),
        ends_on=None,
        source="each row names its own",
        terms=table.terms,
        checked_on=min((row.checked_on for row in shipped), default=table.checked_on),
        review_on=None,
        supersedes=None,
        sha256=_checksum(shipped),
        row_count=len(shipped),
        vectors=tuple(_shown(vector) for vector in table.rows),
    )


def _checksum(rows: list[RuleRow]) -> str:
    encoded = sorted(msgspec.json.encode(row, order="deterministic") for row in rows)
    return hashlib.sha256(b"\n".join(encoded)).hexdigest()


def _shown(vector: RuleVector) -> PackVector:
    key = "|".join((vector.rule, vector.payer or "any", vector.state or "any"))
    expected = None if vector.expected is None else ({"value": vector.expected},)
    return PackVector(id=vector.id, key=key, on=vector.on, expected=expected)


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
