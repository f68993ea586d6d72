"""The rules stay pure: no clock, no await, no binary fraction, nothing imported beyond the agreed."""

import ast
import sys
from pathlib import Path

import pytest

import billing_rules

FILES = sorted(Path(billing_rules.__file__).parent.rglob("*.py"))
ALLOWED = {"billing_rules", "msgspec", "dateutil", "holidays"}
CLOCKS = {"now", "today", "utcnow"}
IMPURE_MODULES = {"asyncio", "socket", "time", "random", "urllib", "sqlite3", "subprocess"}


def imported(tree: ast.AST) -> set[str]:
    """Top names of everything imported."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_rule_module_is_pure(file: Path) -> None:
    tree = ast.parse(file.read_text())
    assert imported(tree) <= (ALLOWED | set(sys.stdlib_module_names)) - IMPURE_MODULES
    for node in ast.walk(tree):
        assert not isinstance(node, ast.AsyncFunctionDef | ast.Await)
        assert not (isinstance(node, ast.Name) and node.id == "float")
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
        assert not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and file.stem == "money")
        assert not (isinstance(node, ast.Attribute) and node.attr in CLOCKS)
