"""What every answer says to browsers, refusals and unknown paths included (SEC-13)."""

from litestar.types import HTTPScope, Message, Scope

from api.requests import request_id
from api.settings import Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self' {card_pages}; base-uri 'none'; "
    "frame-ancestors 'none'"
)
CARD_PAGES = "https://checkout.stripe.com"
ONE_YEAR = 31_536_000
STATIC = "/static/"


class SecurityHeaders:
    """Adds the headers when an answer starts; a hook of the application, so that no answer escapes it."""

    def __init__(self, settings: Settings) -> None:
        fixed = {
            # browsers hold a form's redirects to this list too, so the processor's page must stand on it
            "Content-Security-Policy": POLICY.format(card_pages=settings.stripe_api_base or CARD_PAGES),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        }
        if settings.over_https:
            fixed["Strict-Transport-Security"] = f"max-age={ONE_YEAR}; includeSubDomains"
        self._fixed = [(name.lower().encode(), value.encode()) for name, value in fixed.items()]
        self._names = {name for name, _ in self._fixed} | {b"x-request-id", b"cache-control"}

    async def __call__(self, message: Message, scope: Scope) -> None:
        """Complete the headers of an answer that starts."""
        if message["type"] != "http.response.start":
            return
        kept = [pair for pair in message["headers"] if pair[0].lower() not in self._names]
        caching = b"no-cache" if _is_static(scope) else b"no-store"
        own = ((b"x-request-id", request_id(scope).encode()), (b"cache-control", caching))
        message["headers"] = [*kept, *self._fixed, *own]


def _is_static(scope: HTTPScope | Scope) -> bool:
    return str(scope.get("path", "")).startswith(STATIC)
