"""What every module of vectors offers: one function per rule, from a vector's input to its answer."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Answer: TypeAlias = dict[str, Any]

Runners: TypeAlias = dict[str, Callable[[Mapping[str, Any]], Answer]]
