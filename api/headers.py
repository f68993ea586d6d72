"""What every answer says to browsers, refusals and unknown paths included (SEC-13)."""

from litestar.datastructures import MutableScopeHeaders
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
        self._fixed = {
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
            self._fixed["Strict-Transport-Security"] = f"max-age={ONE_YEAR}; includeSubDomains"

    async def __call__(self, message: Message, scope: Scope) -> None:
        """Complete the headers of an answer that starts."""
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders.from_message(message)
        for name, value in self._fixed.items():
            headers[name] = value
        headers["X-Request-Id"] = request_id(scope)
        headers["Cache-Control"] = "no-cache" if _is_static(scope) else "no-store"


def _is_static(scope: HTTPScope | Scope) -> bool:
    return str(scope.get("path", "")).startswith(STATIC)
