"""What comes in over HTTP and what goes out, as plain values."""

from typing import Any
from urllib.parse import unquote

import msgspec


class HttpRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request with its whole body; header names in lower case."""

    method: str
    path: str
    query: bytes
    headers: dict[str, str]
    body: bytes


class HttpReply(msgspec.Struct, frozen=True, kw_only=True):
    """One answer; `hangs` says that it must never be sent."""

    status: int
    body: bytes
    headers: dict[str, str] = {}
    hangs: bool = False


def request_from(scope: Any, body: bytes) -> HttpRequest:
    """Read an ASGI scope."""
    return HttpRequest(
        method=scope["method"],
        path=unquote(scope["path"]),
        query=scope["query_string"],
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=body,
    )


def json_reply(status: int, body: Any, **headers: str) -> HttpReply:
    """A JSON answer; header names are given with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpReply(
        status=status, body=msgspec.json.encode(body), headers={"content-type": "application/json", **named}
    )


def page_reply(status: int, html: str) -> HttpReply:
    """A page of HTML that nobody may keep or embed."""
    headers = {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
    }
    return HttpReply(status=status, body=html.encode(), headers=headers)


def redirect_reply(address: str) -> HttpReply:
    """Send the browser on with a GET."""
    return HttpReply(status=303, body=b"", headers={"location": address})
