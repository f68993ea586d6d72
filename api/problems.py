"""Every refusal as a problem document (RFC 9457): stable codes, pointers to fields, never a value."""

import logging
import traceback
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import Struct
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api.refusals import BodyRefused, FieldFault, MalformedRequest, without_values
from api.requests import request_id
from tenants.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    Throttled,
    Unauthenticated,
    Unavailable,
)
from tenants.idempotency import KeyRequired

log = logging.getLogger("visitledger.problems")
MEDIA_TYPE = "application/problem+json"
STATUSES: dict[type[DomainError], tuple[int, str]] = {
    KeyRequired: (400, "Bad request"),
    NotFound: (404, "Not found"),
    Invalid: (422, "Not acceptable as it is"),
    Conflict: (409, "Not possible in this state"),
    Forbidden: (403, "Not allowed"),
    Unauthenticated: (401, "Not signed in"),
    Throttled: (429, "Too many tries"),
    Unavailable: (503, "Not available now"),
}
TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    413: "Too large",
    415: "Media type not supported",
}
TRANSIENT = frozenset({"40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "53300"})
# A NUL or another character that PostgreSQL cannot keep, in a text or inside JSON.
UNKEEPABLE = frozenset({"22021", "22P05"})
RETRY_SECONDS = 2


class Problem(Struct, frozen=True, kw_only=True):
    """The document that every refusal is answered with."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: tuple[FieldFault, ...]
    rule_id: str


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The problem document of any exception; what nobody foresaw is a 500 without a word about its cause."""
    problem = _problem(request, error)
    headers = _headers(error, problem.status)
    body = msgspec.json.encode(problem)
    return Response(content=body, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def _problem(request: Request[Any, Any, Any], error: Exception) -> Problem:
    if isinstance(error, DomainError):
        status, title = _status(error)
        fault = FieldFault(pointer=error.pointer, detail=error.detail, choices=error.choices)
        faults = (fault,) if error.pointer else ()
        return _build(request, status, title, error.detail, error.code, faults, error.rule_id)
    if isinstance(error, BodyRefused | MalformedRequest):
        return _unreadable(request, error)
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _refused(request, error)
    if is_transient(error):
        return _build(request, 503, "Not available now", "try again in a moment", "unavailable")
    if _sqlstate(error) in UNKEEPABLE:
        said = "a text holds a character that cannot be kept"
        return _build(request, 422, TITLES[400], said, "unkeepable_character")
    # Messages of drivers and libraries quote values, so only the kind and the place are logged.
    place = "".join(traceback.format_tb(error.__traceback__))
    log.error("unforeseen %s in request %s\n%s", type(error).__name__, request_id(request.scope), place)
    return _build(request, 500, "Something went wrong here", "it is logged under this id", "internal")


def _unreadable(request: Request[Any, Any, Any], error: BodyRefused | MalformedRequest) -> Problem:
    if isinstance(error, BodyRefused):
        return _build(request, 422, TITLES[400], "the body is not as expected", "invalid", (error.fault,))
    return _build(request, 400, TITLES[400], error.detail, error.code)


def _refused(request: Request[Any, Any, Any], error: HTTPException) -> Problem:
    if isinstance(error, ValidationException):
        said = "a parameter is not as expected"
        return _build(request, 400, TITLES[400], said, "invalid_parameter", _parameters(error))
    title = TITLES.get(error.status_code, "Refused")
    return _build(request, error.status_code, title, title, title.lower().replace(" ", "_"))


def is_transient(error: BaseException) -> bool:
    """Whether the database could not answer now and the same request may be tried again."""
    if isinstance(error, PoolTimeout | InterfaceError | ConnectionError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return _sqlstate(error) in TRANSIENT


def _sqlstate(error: BaseException) -> str | None:
    told = error.orig if isinstance(error, DBAPIError) else error
    state: str | None = getattr(told, "sqlstate", None)
    return state


def _status(error: DomainError) -> tuple[int, str]:
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), (422, TITLES[400]))


def _build(
    request: Request[Any, Any, Any],
    status: int,
    title: str,
    detail: str,
    code: str,
    faults: tuple[FieldFault, ...] = (),
    rule_id: str = "",
) -> Problem:
    return Problem(
        type=f"urn:visitledger:problem:{code}",
        title=title,
        status=status,
        detail=detail,
        code=code,
        request_id=request_id(request.scope),
        errors=faults,
        rule_id=rule_id,
    )


def _headers(error: Exception, status: int) -> dict[str, str]:
    seconds = getattr(error, "retry_after_seconds", RETRY_SECONDS if status == 503 else None)
    headers = {} if seconds is None else {"Retry-After": str(seconds)}
    allow = (getattr(error, "headers", None) or {}).get("Allow")
    if allow:
        headers["Allow"] = allow
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="visitledger"'
    return headers


def _parameters(error: ValidationException) -> tuple[FieldFault, ...]:
    told = error.extra if isinstance(error.extra, list) else []
    return tuple(
        FieldFault(
            pointer=f"{_word(item.get('source'))}:{item.get('key', '')}",
            detail=without_values(str(item.get("message", ""))),
            choices=(),
        )
        for item in told
        if isinstance(item, dict)
    )


def _word(source: object) -> str:
    return str(getattr(source, "value", source) or "query")
