"""What a new rate sheet changes: rows added, removed and changed, with the change in percent."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from msgspec import Struct

from billing_rules.money import BASIS_POINTS, Cents
from billing_rules.therapy.contracts import AMOUNT_METHODS, Contract, RateRow, escalated


class RateChange(Struct, frozen=True, kw_only=True):
    """One difference; the amounts and percentages of rows that pay differently cannot be compared.

    `change_basis_points` is the rise of the first amount or of the percentage, relative to the old one.
    """

    kind: Literal["added", "removed", "changed"]
    code: str
    modifiers: list[str]
    credential: str | None
    row: int | None
    on: date
    before: str | None
    after: str | None
    change_basis_points: int | None


def rate_changes(
    old: Contract | None, rows: Sequence[RateRow], starts_on: date
) -> tuple[list[RateChange], int]:
    """The differences between what is in force on the new sheet's first day and the sheet; how many stay.

    A row that begins later than the sheet is compared with what was in force on its own first day.
    """
    changes, same, kept = [], 0, set()
    for row in rows:
        on = max(starts_on, row.starts_on or starts_on)
        standing = _standing(old, row, on)
        kept.add(row.key)
        if standing is not None and _pays(standing, old, on) == row.pays:
            same += 1
        else:
            changes.append(_change(old, standing, row, on))
    gone = [row for row in _in_force(old, starts_on) if row.key not in kept]
    changes += [_change(old, row, None, starts_on) for row in gone]
    return sorted(changes, key=lambda c: (c.code, c.modifiers, c.credential or "", c.on)), same


def _in_force(old: Contract | None, on: date) -> Iterable[RateRow]:
    if old is None:
        return []
    return [r for r in old.rows if (r.starts_on or on) <= on <= (r.ends_on or on)]


def _standing(old: Contract | None, row: RateRow, on: date) -> RateRow | None:
    return next((one for one in _in_force(old, on) if one.key == row.key), None)


def _raised(row: RateRow, old: Contract | None, on: date) -> RateRow:
    """The old row with the anniversaries that have passed."""
    if old is None or row.method not in AMOUNT_METHODS:
        return row
    own = {name: getattr(row, name) for name in RateRow.__struct_fields__}
    for name in ("rate_cents", "further_cents"):
        if own[name] is not None:
            own[name] = escalated(own[name], old, on)
    return RateRow(**own)


def _pays(row: RateRow, old: Contract | None, on: date) -> str:
    return _raised(row, old, on).pays


def _change(old: Contract | None, before: RateRow | None, after: RateRow | None, on: date) -> RateChange:
    named = after or before
    assert named is not None
    was = _raised(before, old, on) if before else None
    return RateChange(
        kind="changed" if before and after else "added" if after else "removed",
        code=named.code,
        modifiers=list(named.modifiers),
        credential=named.credential,
        row=after.number if after else None,
        on=on,
        before=was.pays if was else None,
        after=after.pays if after else None,
        change_basis_points=_rise(was, after),
    )


def _rise(before: RateRow | None, after: RateRow | None) -> int | None:
    if before is None or after is None or before.method != after.method:
        return None
    was, becomes = _figure(before), _figure(after)
    if not was or becomes is None or before.medicare_on != after.medicare_on:
        return None
    rise = abs(becomes - was) * BASIS_POINTS
    rounded = (2 * rise + was) // (2 * was)
    return rounded if becomes >= was else -rounded


def _figure(row: RateRow) -> Cents | int | None:
    return row.rate_cents if row.method in AMOUNT_METHODS else row.basis_points
