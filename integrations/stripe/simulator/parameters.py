"""Checks a request against the SDK's own parameter types, which Stripe generates from its specification."""

import re
import sys
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import UnionType
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

import stripe
from typing_extensions import is_typeddict

from integrations.stripe.simulator.refusals import StripeRefusal

# gone from this API version under a code of its own; everything else that is unknown shares one
_REMOVED = {"payment_method_types": "payment_method_types_no_longer_supported"}

_OPTION_NAMES = frozenset(stripe.RequestOptions.__annotations__)

# the SDK imports these for type checkers only
_UNIMPORTED = {"StripeContext": object, "Mapping": dict}


def checked(raw: Mapping[str, Any], shape: Any, path: str = "") -> dict[str, Any]:
    """The parameters as typed values; raises StripeRefusal for an unknown, missing or mistyped one."""
    hints = _hints(shape)
    for name in raw:
        if name not in hints:
            code = _REMOVED.get(name, "parameter_unknown")
            raise StripeRefusal(f"Received unknown parameter: {name}", code=code, param=_at(path, name))
    for name in shape.__required_keys__ & hints.keys() - raw.keys():
        raise missing(_at(path, name))
    return {name: _value(value, hints[name], _at(path, name)) for name, value in raw.items()}


def missing(param: str) -> StripeRefusal:
    """The refusal of a request that lacks `param`."""
    return StripeRefusal(f"Missing required param: {param}.", code="parameter_missing", param=param)


def _hints(shape: Any) -> dict[str, Any]:
    known = get_type_hints(shape, vars(sys.modules[shape.__module__]), _UNIMPORTED, include_extras=True)
    return {name: hint for name, hint in known.items() if name not in _OPTION_NAMES}


def _at(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _value(value: Any, hint: Any, path: str) -> Any:
    origin = get_origin(hint)
    if origin in {NotRequired, Required}:
        return _value(value, get_args(hint)[0], path)
    if origin in {Union, UnionType}:
        return _one_of(value, get_args(hint), path)
    if is_typeddict(hint):
        return checked(_object(value, path), hint, path)
    if origin in _NESTED:
        return _NESTED[origin](value, get_args(hint), path)
    return _SCALARS[hint](value, path)


def _one_of(value: Any, hints: tuple[Any, ...], path: str) -> Any:
    # the SDK opens each enumeration with `| str` for words of the future; the server of today refuses them
    named = [hint for hint in hints if get_origin(hint) is Literal and get_args(hint) != ("",)]
    options = named or [hint for hint in hints if not _is_of_sdk(hint)]
    refusal: StripeRefusal | None = None
    for hint in options:
        try:
            return _value(value, hint, path)
        except StripeRefusal as error:
            refusal = refusal or error
    raise refusal or _invalid("value", path)


def _is_of_sdk(hint: Any) -> bool:
    # the SDK takes its own objects beside plain dictionaries; over the wire there are none
    origin = get_origin(hint) or hint
    return origin is type(None) or (isinstance(origin, type) and issubclass(origin, stripe.StripeObject))


def _literal(value: Any, allowed: tuple[Any, ...], path: str) -> Any:
    if value not in allowed:
        raise _invalid("value", path)
    return value


def _list(value: Any, hints: tuple[Any, ...], path: str) -> list[Any]:
    if not isinstance(value, list):
        raise _invalid("array", path)
    return [_value(item, hints[0], _at(path, str(index))) for index, item in enumerate(value)]


def _texts(value: Any, _: tuple[Any, ...], path: str) -> dict[str, str]:
    # a dictionary is metadata everywhere in Stripe's parameters: text to text
    return {name: _string(text, _at(path, name)) for name, text in _object(value, path).items()}


def _object(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _invalid("object", path)
    return value


def _string(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise _invalid("string", path)
    return value


def _integer(value: Any, path: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", _string(value, path)):
        raise _invalid("integer", path)
    return int(value)


def _boolean(value: Any, path: str) -> bool:
    if _string(value, path) not in {"true", "false"}:
        raise _invalid("boolean", path)
    return bool(value == "true")


def _decimal(value: Any, path: str) -> Decimal:
    try:
        return Decimal(_string(value, path))
    except InvalidOperation:
        raise _invalid("decimal", path) from None


def _invalid(kind: str, path: str) -> StripeRefusal:
    code = {"integer": "parameter_invalid_integer"}.get(kind, "parameter_invalid")
    return StripeRefusal(f"Invalid {kind}: {path}", code=code, param=path)


_NESTED: dict[Any, Any] = {Literal: _literal, list: _list, dict: _texts}

_SCALARS: dict[Any, Any] = {str: _string, int: _integer, bool: _boolean, Decimal: _decimal}
