"""What every module of vectors offers: one function per rule, from a vector's input to its answer."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeAlias

from billing_rules.rule_book import RuleBook, load_shipped

Answer: TypeAlias = dict[str, Any]

Runners: TypeAlias = dict[str, Callable[[Mapping[str, Any]], Answer]]

# A book reaches some runners only, each deep within its rule, so it stands beside their one argument.
_BOOK: ContextVar[RuleBook | None] = ContextVar("the book that vectors are asked of", default=None)


def asked_book() -> RuleBook:
    """The book that the running vector is asked of: the shipped one unless another was given."""
    return _BOOK.get() or _shipped()


@contextmanager
def asking(book: RuleBook | None) -> Iterator[None]:
    """Let vectors be asked of a book; None asks the shipped one."""
    token = _BOOK.set(book)
    try:
        yield
    finally:
        _BOOK.reset(token)


@cache
def _shipped() -> RuleBook:
    return load_shipped()
