"""`Idempotency-Key` on unsafe requests: the answer commits with its effect (API-01, API-02)."""

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from litestar import Litestar, Request, Response
from litestar.response.base import ASGIResponse
from sqlalchemy.ext.asyncio import AsyncSession

from api.refusals import MalformedRequest
from api.services import Services
from tenants.access import Actor
from tenants.idempotency import Kept, Keyed, KeyRequired, recall, remember

HEADER = "idempotency-key"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
KEY = re.compile(r"[\x21-\x7e]{1,255}")
ANSWER = "visitledger.answer"


class Replayed(Exception):
    """This request was answered before; the kept answer is given again."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


class KeptResponse(Response[Any]):
    """Renders as any response, and leaves what it rendered where the transaction can keep it.

    The framework renders before it ends the generator dependencies, so before the commit.
    """

    def to_asgi_response(
        self, app: Litestar | None, request: Request[Any, Any, Any], **options: Any
    ) -> ASGIResponse:
        """Render, and note status and body in the request's state."""
        rendered = super().to_asgi_response(app, request, **options)
        request.scope["state"][ANSWER] = (rendered.status_code, rendered.body)
        return rendered


async def read_key(request: Request[Any, Any, Any], actor: Actor, practice_id: UUID | None) -> Keyed | None:
    """The scope of the request's key; None for a safe request or one without a key.

    Raises KeyRequired where the route says `opt={"idempotency": "required"}`, MalformedRequest for a bad key.
    A route that says "by content" takes uploads that are known by their bytes and needs no key.
    """
    if request.method not in UNSAFE:
        return None
    key = request.headers.get(HEADER)
    if key is None:
        if request.route_handler.opt.get("idempotency") == "required":
            raise KeyRequired("send an Idempotency-Key with this request")
        return None
    if not KEY.fullmatch(key):
        raise MalformedRequest(
            "an Idempotency-Key has 1 to 255 visible characters", code="idempotency_key_bad"
        )
    told = request.scope["query_string"] + b"\n" + await request.body()
    return Keyed(
        organization_id=actor.organization_id,
        practice_id=practice_id,
        client_id=actor.id,
        method=request.method,
        path=request.scope["path"],
        key=key,
        body_sha256=hashlib.sha256(told).hexdigest(),
    )


@asynccontextmanager
async def kept(
    session: AsyncSession, keyed: Keyed | None, services: Services, request: Request[Any, Any, Any]
) -> AsyncIterator[Replayed | None]:
    """Yield the earlier answer if there is one; otherwise keep the new one when the block ends well."""
    if keyed is None:
        yield None
        return
    found = await recall(session, keyed)
    if found is not None:
        yield Replayed(found.status, services.cipher.open(found.sealed, keyed.place()))
        return
    yield None
    status, body = request.scope["state"][ANSWER]
    sealed = services.cipher.seal(body, keyed.place())
    await remember(session, keyed, Kept(status=status, sealed=sealed), services.now())


def replay(_request: Request[Any, Any, Any], answered: Replayed) -> Response[bytes]:
    """The kept answer, marked as such."""
    return Response(
        content=answered.body,
        status_code=answered.status,
        media_type="application/json",
        headers={"Idempotent-Replayed": "true"},
    )
