"""Turns one split segment of an 835 into values; every function takes the row and the component separator."""

from collections.abc import Callable
from typing import Any

from integrations.x12.numbers import cents, cents_or_zero, day, quantity
from integrations.x12.remittance_values import (
    Adjustment,
    Amount,
    DateReference,
    Name,
    Procedure,
    Quantity,
    Reference,
    Remark,
)

Row = list[str]
Parse = Callable[[Row, str], tuple[Any, ...]]

_ONE = quantity("1")


def adjustments(row: Row, _component: str) -> tuple[Adjustment, ...]:
    """Up to six triplets of a CAS; an empty triplet is passed over."""
    row = [*row, "", "", ""]
    return tuple(
        [
            Adjustment(
                row[1], row[at], cents_or_zero(row[at + 1]), quantity(row[at + 2]) if row[at + 2] else None
            )
            for at in range(2, len(row) - 3, 3)
            if row[at] or row[at + 1]
        ]
    )


def dates(row: Row, _component: str) -> tuple[DateReference, ...]:
    """A DTM, if it carries a value."""
    return (DateReference(row[1], day(row[2]), row[2]),) if len(row) > 2 else ()


def references(row: Row, _component: str) -> tuple[Reference, ...]:
    """A REF, if it carries a value."""
    return (Reference(row[1], row[2]),) if len(row) > 2 else ()


def amounts(row: Row, _component: str) -> tuple[Amount, ...]:
    """An AMT, if it carries a value."""
    return (Amount(row[1], cents(row[2])),) if len(row) > 2 else ()


def quantities(row: Row, _component: str) -> tuple[Quantity, ...]:
    """A QTY, if it carries a value."""
    return (Quantity(row[1], quantity(row[2])),) if len(row) > 2 else ()


def remarks(row: Row, _component: str) -> tuple[Remark, ...]:
    """An LQ, if it carries a code."""
    return (Remark(row[1], row[2]),) if len(row) > 2 else ()


def names(row: Row, _component: str) -> tuple[Name, ...]:
    """An NM1; what was not sent is empty."""
    if len(row) < 10:
        row = [*row, *([""] * (10 - len(row)))]
    return (Name(row[1], row[2] == "1", row[3], row[4], row[5], row[7], row[8], row[9]),)


def information(row: Row, _component: str) -> tuple[str, ...]:
    """The elements of a MIA or MOA as sent."""
    return tuple(row[1:])


def procedure(text: str, component: str) -> Procedure:
    """SVC01 or SVC06; a bare code without a qualifier is kept as the code."""
    parts = text.split(component)
    if len(parts) == 1:
        return Procedure("", text, (), "")
    modifiers = tuple([one for one in parts[2:6] if one])
    return Procedure(parts[0], parts[1], modifiers, parts[6] if len(parts) > 6 else "")


def service(row: Row, component: str) -> tuple[Any, ...]:
    """What SVC says, in the order of `ServiceLine`."""
    row = [*row, *([""] * (8 - len(row)))]
    return (
        procedure(row[1], component),
        cents(row[2]),
        cents_or_zero(row[3]),
        row[4],
        quantity(row[5]) if row[5] else _ONE,
        procedure(row[6], component) if row[6] else None,
        quantity(row[7]) if row[7] else None,
    )


def claim(row: Row, _component: str) -> tuple[Any, ...]:
    """What CLP says, in the order of `ClaimPayment`."""
    if len(row) < 10:
        row = [*row, *([""] * (10 - len(row)))]
    paid = cents(row[4])
    owed = cents(row[5]) if row[5] else 0
    return row[1], row[2], cents(row[3]), paid, owed, row[6], row[7], row[8], row[9]
