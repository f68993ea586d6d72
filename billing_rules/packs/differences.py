"""What parts two packs of one table, row by row, without holding either in memory."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Literal, TypeAlias

from msgspec import Struct

from billing_rules.packs.lines import decoder
from billing_rules.packs.pack import Pack
from billing_rules.packs.rows import Row

Change: TypeAlias = Literal["added", "removed", "changed"]

MOST_EXAMPLES = 20


class KeyChange(Struct, frozen=True, kw_only=True):
    """What happened to one key: the rows it had and the rows it has, either of which may be none."""

    key: str
    change: Change
    was: tuple[Row, ...]
    becomes: tuple[Row, ...]


class Differences(Struct, frozen=True, kw_only=True):
    """How many keys were added, removed and changed, the first of each as examples, and the codes touched.

    `codes` are procedure, diagnosis or place codes: whatever open claim names one of them may be judged
    differently.
    """

    table: str
    added: int
    removed: int
    changed: int
    same: int
    examples: tuple[KeyChange, ...]
    codes: frozenset[str]


def differences(old: Pack | None, new: Pack | None, *, most: int = MOST_EXAMPLES) -> Differences:
    """Compare two packs of one table by key; no old pack means that everything is new, and the reverse.

    Raises ValueError for packs of two tables, or for none at all.
    """
    table = _table_of(old, new)
    counts: Counter[Change | None] = Counter()
    examples: list[KeyChange] = []
    codes: set[str] = set()
    for key, was, becomes in _abreast(_by_key(old), _by_key(new)):
        change = _change(was, becomes)
        counts[change] += 1
        if change is not None:
            codes.update(codes_of(key.decode()))
            if counts[change] <= most:
                examples.append(_shown(table, key, was, becomes))
    return Differences(
        table=table,
        added=counts["added"],
        removed=counts["removed"],
        changed=counts["changed"],
        same=counts[None],
        examples=tuple(examples),
        codes=frozenset(codes),
    )


def changes(old: Pack | None, new: Pack | None) -> Iterator[KeyChange]:
    """Every key that changed, in order of key, one at a time; raises ValueError as `differences`."""
    table = _table_of(old, new)
    for key, was, becomes in _abreast(_by_key(old), _by_key(new)):
        if was != becomes:
            yield _shown(table, key, was, becomes)


def _change(was: list[bytes], becomes: list[bytes]) -> Change | None:
    if was == becomes:
        return None
    return "added" if not was else "removed" if not becomes else "changed"


def _shown(table: str, key: bytes, was: list[bytes], becomes: list[bytes]) -> KeyChange:
    decode = decoder(table)
    return KeyChange(
        key=key.decode(),
        change=_change(was, becomes) or "changed",
        was=tuple(map(decode, was)),
        becomes=tuple(map(decode, becomes)),
    )


def _table_of(old: Pack | None, new: Pack | None) -> str:
    tables = {pack.manifest.table for pack in (old, new) if pack is not None}
    if len(tables) != 1:
        raise ValueError("Differences are taken between packs of one table.")
    return tables.pop()


def codes_of(key: str) -> Iterator[str]:
    """The codes a key names: both of a pair, the code before a modifier, none of a locality or threshold."""
    for part in key.replace(":", "|").split("|"):
        if len(part) >= 2 and part.isalnum() and any(sign.isdigit() for sign in part):
            yield part


_Grouped: TypeAlias = Iterator[tuple[bytes, list[bytes]]]


def _by_key(pack: Pack | None) -> _Grouped:
    lines = iter(pack.lines) if pack else iter(())
    return ((key, list(same)) for key, same in groupby(lines, key=lambda line: line.partition(b"\t")[0]))


def _abreast(old: _Grouped, new: _Grouped) -> Iterator[tuple[bytes, list[bytes], list[bytes]]]:
    left, right = next(old, None), next(new, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left[0] < right[0]):
            assert left is not None
            yield left[0], left[1], []
            left = next(old, None)
        elif left is None or right[0] < left[0]:
            yield right[0], [], right[1]
            right = next(new, None)
        else:
            yield left[0], left[1], right[1]
            left, right = next(old, None), next(new, None)
