"""Signing in under `/o/{slug}/`, signing out, and who I am; the pages use the same operations."""

from datetime import datetime
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from api.authentication import describe, signed_in_cookie, signed_out_cookie
from api.services import Services
from api.transactions import Incoming
from tenants.access import Actor
from tenants.identity import SIGN_IN, Identity
from tenants.sign_in import SignedIn, sign_in, sign_out


class Credentials(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a member signs in with."""

    email: str
    password: str


class SignInView(Struct, frozen=True, kw_only=True):
    """A fresh sign-in; `csrf_token` goes into the header `X-CSRF-Token` of unsafe requests."""

    member_id: UUID
    name: str
    csrf_token: str
    expires_at: datetime


class ScopeView(Struct, frozen=True, kw_only=True):
    """One grant: a role in a practice, or in all of them when `practice_id` is null."""

    role: str
    practice_id: UUID | None
    provider_id: UUID | None


class Me(Struct, frozen=True, kw_only=True):
    """Who acts, with which grants; `csrf_token` is empty for an API key."""

    kind: str
    id: UUID
    name: str
    organization_id: UUID
    scopes: tuple[ScopeView, ...]
    practice_ids: tuple[UUID, ...]
    csrf_token: str


@post(
    "/o/{slug:str}/sign-in/token",
    status_code=200,
    opt={"public": "whoever signs in is not known yet; throttled"},
)
async def sign_in_by_json(
    request: Incoming,
    slug: FromPath[str],
    data: JSONBody[Credentials],
    services: NamedDependency[Services],
) -> Response[SignInView]:
    """Sign a browser in: a new token in a cookie, whatever cookie it brought."""
    opened = await open_sign_in(request, services, slug, data.email, data.password)
    view = SignInView(
        member_id=opened.member_id,
        name=opened.name,
        csrf_token=opened.csrf_token,
        expires_at=opened.expires_at,
    )
    return Response(view, cookies=[signed_in_cookie(services.settings, opened.token)])


@post("/v1/sign-out", status_code=204, opt={"signed_in": "everybody may end the own sign-in"})
async def sign_out_by_json(request: Incoming, services: NamedDependency[Services]) -> Response[None]:
    """End this sign-in everywhere, at once."""
    await close_sign_in(request, services)
    return Response(None, status_code=204, cookies=[signed_out_cookie(services.settings)])


@get("/v1/me", opt={"signed_in": "everybody may know who they are"})
async def me(request: Incoming, actor: NamedDependency[Actor]) -> Me:
    """Who acts, with which grants, in which practices."""
    identity: Identity = request.scope["auth"]
    return Me(
        kind=actor.kind,
        id=actor.id,
        name=actor.name,
        organization_id=actor.organization_id,
        scopes=tuple(
            ScopeView(role=s.role.value, practice_id=s.practice_id, provider_id=s.provider_id)
            for s in actor.scopes
        ),
        practice_ids=tuple(sorted(actor.practice_ids)),
        csrf_token=identity.csrf_token,
    )


async def open_sign_in(
    request: Incoming,
    services: Services,
    slug: str,
    email: str,
    password: str,
) -> SignedIn:
    """Sign somebody in; for JSON and for the form of the page. Raises WrongCredentials or Throttled."""
    return await sign_in(
        services.database,
        services.passwords,
        slug=slug,
        email=email,
        password=password,
        request=describe(request),
    )


async def close_sign_in(request: Incoming, services: Services) -> None:
    """End the request's own sign-in; nothing to do for an API key."""
    identity: Identity = request.scope["auth"]
    if identity.credential_kind != SIGN_IN:
        return
    organization_id = identity.actor.organization_id
    async with services.database.organization_transaction(identity.actor) as session:
        await sign_out(session, organization_id, identity.credential_id, services.now())


ROUTES: list[HTTPRouteHandler] = [sign_in_by_json, sign_out_by_json, me]
