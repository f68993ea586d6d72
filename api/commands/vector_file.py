"""Running a file of published vectors: how many hold, how many fail, how many no rule of ours answers."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from billing_rules.rule_book import RuleBook
from billing_rules.rule_vectors import same_json
from billing_rules.vectors import RuleNotRunnable, run


class VectorsUnreadable(Exception):
    """The file cannot be read as vectors; its sentence says why."""


class Failure(Struct, frozen=True, kw_only=True):
    """A vector that was answered otherwise, or refused with a sentence."""

    id: Any
    expected: Any
    got: Any


class Report(Struct, frozen=True, kw_only=True):
    """What a file of vectors came to."""

    passed: int
    failed: int
    unsupported: int
    failures: list[Failure]

    @property
    def holds(self) -> bool:
        """Whether every vector was asked of a rule and held."""
        return not self.failed and not self.unsupported


class Vector(Struct, frozen=True, kw_only=True):
    """One vector; whatever else the file says of it is left aside."""

    id: Any
    rule: str
    input: dict[str, Any]
    expected: Any


def read_vectors(path: Path) -> list[Vector]:
    """The vectors of a file, a list or `{"vectors": [...]}`; raises VectorsUnreadable."""
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"))
        # Half of a surrogate pair can be read, but no report could be written of it.
        json.dumps(told, ensure_ascii=False).encode()
    except OSError as wrong:
        raise VectorsUnreadable(f"{path} cannot be read: {wrong.strerror or wrong}.") from wrong
    except (ValueError, RecursionError) as wrong:
        raise VectorsUnreadable(f"{path} is no JSON: {wrong}.") from wrong
    listed = told.get("vectors") if isinstance(told, dict) else told
    if not isinstance(listed, list):
        raise VectorsUnreadable(f"{path} holds no list of vectors.")
    return [_vector(path, number, each) for number, each in enumerate(listed, 1)]


def _vector(path: Path, number: int, told: Any) -> Vector:
    missing = {"rule", "input", "expected"} - told.keys() if isinstance(told, dict) else {"everything"}
    if missing:
        raise VectorsUnreadable(f"{path}: vector {number} lacks {', '.join(sorted(missing))}.")
    if not isinstance(told["rule"], str) or not isinstance(told["input"], dict):
        raise VectorsUnreadable(f"{path}: vector {number} needs a rule's name and an input with names.")
    return Vector(
        id=told.get("id", number), rule=told["rule"], input=told["input"], expected=told["expected"]
    )


def run_vectors(vectors: list[Vector], book: RuleBook) -> Report:
    """Answer every vector by the book."""
    passed, unsupported = 0, 0
    failures: list[Failure] = []
    for vector in vectors:
        try:
            got = plain(run(vector.rule, vector.input, book))
        except RuleNotRunnable:
            unsupported += 1
            continue
        except Exception as refused:  # noqa: BLE001 - whatever a rule raises is its answer to this input
            got = str(refused) or type(refused).__name__
            failures.append(Failure(id=vector.id, expected=vector.expected, got=got))
            continue
        if same_json(got, vector.expected):
            passed += 1
        else:
            failures.append(Failure(id=vector.id, expected=vector.expected, got=got))
    return Report(passed=passed, failed=len(failures), unsupported=unsupported, failures=failures)


def plain(answer: Any) -> Any:
    """An answer as JSON would carry it; a Decimal becomes the number that it is."""
    return msgspec.to_builtins(answer, builtin_types=(Decimal,), enc_hook=None, str_keys=True)
