"""The request as this house reads it: an id of its own, and a body that is typed and strict at once."""

from typing import Any

import msgspec
from litestar import Request
from litestar.types import Scope

from api.refusals import BodyRefused, MalformedRequest, body_fault
from tenants.ids import new_id

ID = "visitledger.request_id"


def request_id(scope: Scope) -> str:
    """The request's id in answer, audit and log; made here, never taken from outside."""
    state: dict[str, Any] = scope.setdefault("state", {})
    if ID not in state:
        state[ID] = new_id().hex
    known: str = state[ID]
    return known


class StrictRequest(Request[Any, Any, Any]):
    """Decodes JSON straight into the handler's Struct.

    The framework decodes to plain values first and then converts leniently, so that the text "12" would pass
    for an amount of cents.
    """

    async def json(self) -> Any:
        """The body as the type that the handler's `data` declares; raises BodyRefused or MalformedRequest."""
        body = await self.body()
        wanted = self.route_handler.parsed_data_field
        try:
            return msgspec.json.decode(body or b"null", type=wanted.annotation if wanted else Any)
        except msgspec.ValidationError as fault:
            raise BodyRefused(body_fault(str(fault))) from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise MalformedRequest("the body is not JSON") from None
