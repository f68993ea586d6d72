"""What everybody says of a rule who sets one, and the refusals that leave the running book as it was."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta, Struct

from billing_rules.rule_book import OverlappingRules, RuleBook, RuleRow, RuleValueRefused
from billing_rules.rule_vectors import RuleVector, VectorFailed, derived_vector, refuse_unproven
from billing_rules.therapy.payer_rules import SHAPES, accept_row
from tenants.errors import Conflict, Invalid

MOST_VECTORS = 50
Words: TypeAlias = Annotated[str, Meta(max_length=500, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
Key: TypeAlias = Annotated[str, Meta(max_length=100, pattern=r"^[^\s\x00]([^\n\x00]*[^\s\x00])?$")]
State: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
Link: TypeAlias = Annotated[str, Meta(max_length=500, pattern=r"^https?://[^\s<>\"]+$")]
Vectors: TypeAlias = Annotated[tuple[RuleVector, ...], Meta(max_length=MOST_VECTORS)]


class RuleAlreadyWithdrawn(Conflict):
    """A rule is withdrawn once; what holds instead is a row of its own."""

    code = "rule_already_withdrawn"


class NewRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dated rule: whatever is left out means any; dates of service are inclusive.

    Every rule has a vector. Where none is given it is *asked for this payer, plan and state on the first day,
    the answer is the value*, so that programs from before vectors were asked for still say what they mean.
    """

    rule: str
    plan: Key | None = None
    state: State | None = None
    value: str | int | bool | dict[str, Any]
    starts_on: date
    ends_on: date | None = None
    source: Words
    source_link: Link | None = None
    reason: Words
    vectors: Vectors = ()


class Withdrawal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a rule is no longer to hold; the row stays."""

    reason: Words


def accept_rule(row: RuleRow, vectors: Iterable[RuleVector], book: RuleBook) -> list[Any]:
    """The vectors as they are to be kept, once the row may join the book.

    Raises Invalid, naming the field, for an unknown rule, reversed dates, an unreadable value, days shared
    with another row of its key, or a vector that fails in the book with the row.
    """
    refuse_unreadable(row)
    told = tuple(vectors) or (derived_vector(row),)
    _refuse_unwritable(row.value, "/value")
    _refuse_unwritable(told, "/vectors")
    try:
        joined = book.with_rows([row])
    except OverlappingRules as taken:
        other = taken.first if taken.second is row else taken.second
        raise Invalid(f"another rule is in force on these days: {other}", pointer="/starts_on") from taken
    try:
        refuse_unproven(row, told, joined)
    except VectorFailed as failed:
        raise Invalid(str(failed), pointer=f"/vectors/{failed.at}") from failed
    kept: list[Any] = msgspec.to_builtins(told)
    return kept


def _refuse_unwritable(value: Any, pointer: str) -> None:
    """The database keeps every character but one."""
    if b"\\u0000" in msgspec.json.encode(value):
        raise Invalid("it holds a character that cannot be kept", pointer=pointer)


def refuse_unreadable(row: RuleRow) -> None:
    """Raise Invalid for a row that no book could take."""
    if row.rule not in SHAPES:
        raise Invalid("no such rule is asked for", pointer="/rule")
    if row.ends_on is not None and row.ends_on < row.starts_on:
        raise Invalid("it ends before it starts", pointer="/ends_on")
    try:
        accept_row(row)
    except RuleValueRefused as unreadable:
        raise Invalid(
            f"the value is not what this rule needs: {unreadable}", pointer="/value"
        ) from unreadable
