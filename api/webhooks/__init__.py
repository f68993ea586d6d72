"""What outside parties tell us: proven, kept if new, answered; the effect is a task's."""

from litestar.handlers import HTTPRouteHandler

ROUTES: list[HTTPRouteHandler] = []
