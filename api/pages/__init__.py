"""The pages: server-rendered, without JavaScript, through the same operations as the JSON routes."""

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from api.pages import pay

ROUTES: list[Router | HTTPRouteHandler] = [pay.ROUTER]
