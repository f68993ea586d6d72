"""Reads form bodies with nested names, such as `line_items[0][quantity]=1`, as Stripe's server does."""

import re
from typing import Any
from urllib.parse import parse_qsl

from integrations.stripe.simulator.refusals import StripeRefusal

_NAME = re.compile(r"([A-Za-z0-9_]+)((?:\[[A-Za-z0-9_-]*\])*)")
_STEP = re.compile(r"\[([A-Za-z0-9_-]*)\]")


def pairs(body: bytes) -> list[tuple[str, str]]:
    """The names and values as they came; raises StripeRefusal for what is not UTF-8."""
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise StripeRefusal("Invalid UTF-8 in the request.") from None


def nested(body: bytes) -> dict[str, Any]:
    """The body as dictionaries and lists of strings; raises StripeRefusal for names that do not nest."""
    tree: dict[str, Any] = {}
    for name, value in pairs(body):
        _place(tree, _steps(name), name, value)
    return {name: _lists(branch) for name, branch in tree.items()}


def _steps(name: str) -> list[str]:
    match = _NAME.fullmatch(name)
    if match is None:
        raise StripeRefusal("Invalid parameter name.", code="parameter_unknown", param=name)
    return [match.group(1), *_STEP.findall(match.group(2))]


def _place(tree: dict[str, Any], steps: list[str], name: str, value: str) -> None:
    for step in steps[:-1]:
        tree = tree.setdefault(step or str(len(tree)), {})
        if not isinstance(tree, dict):
            raise StripeRefusal("Invalid object.", code="parameter_invalid", param=name)
    last = steps[-1] or str(len(tree))
    if isinstance(tree.get(last), dict):
        raise StripeRefusal("Invalid object.", code="parameter_invalid", param=name)
    tree[last] = value


def _lists(branch: Any) -> Any:
    if not isinstance(branch, dict):
        return branch
    if branch and all(step.isdigit() for step in branch):
        return [_lists(branch[step]) for step in sorted(branch, key=int)]
    return {step: _lists(value) for step, value in branch.items()}
