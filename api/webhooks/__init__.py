"""What outside parties tell us: proven, kept if new, answered; the effect is a task's."""

from litestar.handlers import HTTPRouteHandler

from api.webhooks import stripe

ROUTES: list[HTTPRouteHandler] = [*stripe.ROUTES]
