"""The pages: server-rendered, without JavaScript, through the same operations as the JSON routes."""

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from api.pages import (
    claim_decisions,
    claims,
    expected,
    front,
    my_patients,
    parties,
    patients,
    pay,
    practices,
    questions,
    remittances,
    rules,
    today,
    unsigned_notes,
    visits,
)
from api.pages.errors import refuse

STAFF = Router(
    path="/",
    route_handlers=[
        *front.HANDLERS,
        *today.HANDLERS,
        *practices.HANDLERS,
        *claims.HANDLERS,
        *claim_decisions.HANDLERS,
        *expected.HANDLERS,
        *visits.HANDLERS,
        *questions.HANDLERS,
        *unsigned_notes.HANDLERS,
        *remittances.HANDLERS,
        *patients.HANDLERS,
        *parties.HANDLERS,
        *my_patients.HANDLERS,
        *rules.HANDLERS,
    ],
    exception_handlers={Exception: refuse},
    include_in_schema=False,
)
ROUTES: list[Router | HTTPRouteHandler] = [STAFF, pay.ROUTER]
