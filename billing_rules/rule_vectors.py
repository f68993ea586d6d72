"""The vectors of a rule row: what a book that has the row must answer, and what it must not."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from numbers import Number
from typing import Any, TypeGuard

import msgspec
from msgspec import UNSET, Struct, UnsetType

from billing_rules.rule_book import NoRuleInForce, RuleBook, RuleRow, RuleValue
from billing_rules.vectors import RuleNotRunnable, run


class RuleVector(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A proof: a question (payer, plan, state, on) with `expect`, or an example (rule, input, expected).

    A question asks the row's own rule; an example runs as a published vector does. `holds` false says that
    the answer must be another one, such as on the day before the row starts.
    """

    payer: str | None = None
    plan: str | None = None
    state: str | None = None
    on: date | None = None
    expect: RuleValue | UnsetType = UNSET
    rule: str | None = None
    input: dict[str, Any] | None = None
    expected: dict[str, Any] | None = None
    holds: bool = True


class VectorFailed(ValueError):
    """Raised for a row that a vector of its own refutes; `at` counts the vectors from 0."""

    def __init__(self, reason: str, *, at: int) -> None:
        """The reason is a sentence."""
        super().__init__(f"Vector {at + 1}: {reason}")
        self.at = at


def derived_vector(row: RuleRow) -> RuleVector:
    """What every row claims: whoever asks for its payer, plan and state on its first day gets its value."""
    return RuleVector(payer=row.payer, plan=row.plan, state=row.state, on=row.starts_on, expect=row.value)


def refuse_unproven(row: RuleRow, vectors: Sequence[RuleVector], book: RuleBook) -> None:
    """Run a row's vectors against a book that has it; raises VectorFailed for the first that fails.

    One question at least must be answered by the row itself, unless there are examples only: vectors that
    another row answers prove nothing of this one.
    """
    spoken = [_judge(row, vector, book, at) for at, vector in enumerate(vectors)]
    questions = [at for at, vector in enumerate(vectors) if vector.on is not None]
    if not spoken or (len(questions) == len(vectors) and not any(spoken)):
        raise VectorFailed("no vector is answered by the row itself.", at=max(len(vectors) - 1, 0))


def rows_beaten_at_home(book: RuleBook) -> list[str]:
    """Sentences about rows that do not answer whoever asks for their own payer, plan and state on day one."""
    beaten = []
    for row in book.rows:
        try:
            refuse_unproven(row, (derived_vector(row),), book)
        except VectorFailed as failed:
            beaten.append(f"{row}: {failed}")
    return beaten


def same_json(one: Any, other: Any) -> bool:
    """Whether two values are one in JSON: true is not 1, 1.0 is 1, a Decimal is its number."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same_json(one[key], other[key]) for key in one)
    if _is_list(one) and _is_list(other):
        return len(one) == len(other) and all(map(same_json, one, other))
    if isinstance(one, Decimal) != isinstance(other, Decimal):
        return _is_number(one) and _is_number(other) and Decimal(str(one)) == Decimal(str(other))
    return bool(one == other)


def _is_number(value: Any) -> bool:
    return isinstance(value, Number)


def _is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, list | tuple)


def _judge(row: RuleRow, vector: RuleVector, book: RuleBook, at: int) -> bool:
    """Whether the row itself answered; an example is not traced to a row."""
    if vector.on is not None and vector.expect is not UNSET and vector.input is None:
        return _judge_question(row, vector, vector.on, book, at)
    if vector.rule is not None and vector.input is not None and vector.expected is not None:
        _judge_example(vector, vector.rule, vector.input, book, at)
        return False
    raise VectorFailed("it needs `on` and `expect`, or `rule`, `input` and `expected`.", at=at)


def _judge_question(row: RuleRow, vector: RuleVector, on: date, book: RuleBook, at: int) -> bool:
    try:
        resolved = book.resolve(row.rule, payer=vector.payer, plan=vector.plan, state=vector.state, on=on)
    except NoRuleInForce as unanswered:
        if vector.holds:
            raise VectorFailed(str(unanswered), at=at) from unanswered
        return False
    if same_json(resolved.value, vector.expect) != vector.holds:
        raise VectorFailed(f"the answer is {shown(resolved.value)}, by {resolved.row}.", at=at)
    return resolved.row is row


def _judge_example(vector: RuleVector, rule: str, given: dict[str, Any], book: RuleBook, at: int) -> None:
    try:
        answer = msgspec.to_builtins(run(rule, given, book))
    except RuleNotRunnable as unknown:
        raise VectorFailed(str(unknown), at=at) from unknown
    except (ValueError, LookupError, TypeError, ArithmeticError) as refused:
        raise VectorFailed(f"{rule} refuses the input: {refused}", at=at) from refused
    if same_json(answer, vector.expected) != vector.holds:
        raise VectorFailed(f"{rule} answers {shown(answer)}.", at=at)


def shown(value: Any) -> str:
    """A value as JSON, for a sentence."""
    return msgspec.json.encode(value, order="sorted").decode()
