"""Who is behind a request: a browser's cookie or a program's key, looked up afresh each time.

Browsers are also asked where the request was made: an unsafe one must come from our own pages and carry
the token of its sign-in.
"""

import hmac
from typing import Any
from urllib.parse import urlsplit

from litestar.datastructures import Cookie, Headers
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState

from api.refusals import MalformedRequest
from api.requests import StrictRequest, request_id
from api.services import Services
from api.settings import Settings
from tenants.errors import Forbidden, Unauthenticated
from tenants.identity import KEY_PREFIX, Identity, Request, recognise_api_key, recognise_sign_in
from tenants.sign_in import LONGEST

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "_csrf"


class CrossSiteRequest(Forbidden):
    """The request was made by another site's page, or without the token of its sign-in."""

    code = "cross_site_request"


class HostRefused(MalformedRequest):
    """The Host header names somebody else."""


class Authentication(ASGIMiddleware):
    """Sets `user` (an Actor or None) and `auth` (an Identity or None) of every request to our routes."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, services: Services) -> None:
        self._services = services
        self._cookie = cookie_name(services.settings)
        self._hosts = services.settings.allowed_hosts
        self._origin = services.settings.public_url

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Refuse a foreign host or page, recognise the actor, and hand on."""
        request = StrictRequest(scope, receive, send)
        headers = request.headers
        if headers.get("host", "").lower() not in self._hosts:
            raise HostRefused("this host is not served here", code="host_not_served")
        scope["user"], scope["auth"] = None, None
        by_key = "authorization" in headers
        if request.method not in SAFE_METHODS and not by_key:
            self._refuse_cross_site(headers)
        if "public" not in request.route_handler.opt:
            identity = await self._identify(request)
            scope["user"], scope["auth"] = identity.actor, identity
            if request.method not in SAFE_METHODS and not by_key:
                await _refuse_without_token(request, identity.csrf_token)
        await next_app(scope, receive, send)

    async def _identify(self, request: StrictRequest) -> Identity:
        described = describe(request)
        authorization = request.headers.get("authorization")
        if authorization is not None:
            scheme, _, key = authorization.partition(" ")
            if scheme.lower() != "bearer" or not key.startswith(f"{KEY_PREFIX}_"):
                raise Unauthenticated("this is not one of our keys")
            return await recognise_api_key(self._services.database, key, described)
        token = request.cookies.get(self._cookie)
        if not token:
            raise Unauthenticated("nobody is known behind this request")
        return await recognise_sign_in(self._services.database, token, described)

    def _refuse_cross_site(self, headers: Headers) -> None:
        site = headers.get("sec-fetch-site", "none")
        if site not in ("same-origin", "none"):
            raise CrossSiteRequest("this request was made by another site")
        origin = headers.get("origin")
        if origin == "null" and site == "same-origin":
            return  # under `Referrer-Policy: no-referrer` browsers hide the origin of our own forms too
        if origin is not None and origin != self._origin and not self._is_own(origin):
            raise CrossSiteRequest("this request was made by another site")

    def _is_own(self, origin: str) -> bool:
        parts = urlsplit(origin)
        return parts.scheme == urlsplit(self._origin).scheme and parts.netloc.lower() in self._hosts


def describe(request: Any) -> Request:
    """What of the request goes into its Actor; the address is the peer's, never a header's."""
    client = request.client
    return Request(
        action=f"{request.method} {request.scope.get('path_template', request.scope['path'])}",
        request_id=request_id(request.scope),
        address=client.host if client else "",
    )


def cookie_name(settings: Settings) -> str:
    """The cookie's name; browsers bind `__Host-` to https, this host and no domain."""
    return "__Host-visitledger" if settings.over_https else "visitledger"


def signed_in_cookie(settings: Settings, token: str) -> Cookie:
    """The cookie that carries a fresh token."""
    return Cookie(
        key=cookie_name(settings),
        value=token,
        path="/",
        httponly=True,
        secure=settings.over_https,
        samesite="lax",
        max_age=int(LONGEST.total_seconds()),
    )


def signed_out_cookie(settings: Settings) -> Cookie:
    """The cookie that makes the browser forget its token."""
    return Cookie(
        key=cookie_name(settings),
        value="",
        path="/",
        httponly=True,
        secure=settings.over_https,
        samesite="lax",
        max_age=0,
    )


async def _refuse_without_token(request: StrictRequest, expected: str) -> None:
    """Compare the sign-in's token, and take it out of the form so that handlers see their own fields only."""
    given = request.headers.get(CSRF_HEADER)
    if given is None and request.content_type[0] != "application/json":
        await request.form()
        state = ScopeState.from_scope(request.scope)
        # The framework hands out one dict for equal bodies, so taking a field out of it needs a copy.
        form: dict[str, Any] = dict(state.form) if isinstance(state.form, dict) else {}
        given, state.form = form.pop(CSRF_FIELD, None), form
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), expected.encode()):
        raise CrossSiteRequest("the token of the sign-in is missing")
