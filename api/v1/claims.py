"""Claims: assemble, check, release, submit, and follow the story."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.routers import practice_routes
from domain.claims import queries
from domain.claims.assembly import assemble_claims
from domain.claims.checking import recheck_claim, release_claim
from domain.claims.events import ClaimStatus
from domain.claims.queries import ClaimSummary, ClaimView
from domain.claims.submission import MOST_CLAIMS, submit_claims
from tenants.access import Actor, Permission
from tenants.clock import Clock

READ = {"permission": Permission.CLAIM_READ}
WRITE = {"permission": Permission.CLAIM_WRITE}
SUBMIT = {"permission": Permission.CLAIM_SUBMIT, "idempotency": "required"}
Page = Annotated[int, Meta(ge=1, le=200)]


class VisitsToClaim(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The visits whose charges are to become claims."""

    visit_ids: Annotated[list[UUID], Meta(min_length=1, max_length=500)]


class ClaimsToSubmit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ready claims to queue, all or none."""

    claim_ids: Annotated[list[UUID], Meta(min_length=1, max_length=MOST_CLAIMS)]


class Release(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a held claim may go out all the same."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class ClaimIds(Struct, frozen=True, kw_only=True):
    """The claims concerned, in order of their making."""

    claim_ids: list[UUID]


@get("/", opt=READ)
async def list_claims(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    status: FromQuery[ClaimStatus | None] = None,
    after: FromQuery[UUID | None] = None,
    limit: FromQuery[Page] = 50,
) -> list[ClaimSummary]:
    """Claims in order of their making; `after` is the last id of the page before."""
    return await queries.list_claims(session, practice_id, status=status, after=after, limit=limit)


@get("/{claim_id:uuid}", opt=READ)
async def read_claim(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], claim_id: FromPath[UUID]
) -> ClaimView:
    """One claim with its lines, findings and story."""
    return await queries.read_claim(session, practice_id, claim_id)


@post("/assemble", opt=WRITE)
async def assemble(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[VisitsToClaim],
) -> ClaimIds:
    """Make and check the claims of these visits; repeating it gives the same claims."""
    made = await assemble_claims(session, actor, practice_id, data.visit_ids, clock.now())
    return ClaimIds(claim_ids=made)


@post("/{claim_id:uuid}/check", opt=WRITE, status_code=200)
async def check(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
) -> ClaimView:
    """Take the facts as they stand now and check the claim again."""
    await recheck_claim(session, actor, practice_id, claim_id, clock.now())
    return await queries.read_claim(session, practice_id, claim_id)


@post("/{claim_id:uuid}/release", opt={"permission": Permission.CLAIM_RELEASE}, status_code=200)
async def release(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
    data: JSONBody[Release],
) -> ClaimView:
    """Release a held claim by name, with a reason."""
    await release_claim(session, actor, practice_id, claim_id, data.reason, clock.now())
    return await queries.read_claim(session, practice_id, claim_id)


@post("/submit", opt=SUBMIT, status_code=200)
async def submit(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[ClaimsToSubmit],
) -> ClaimIds:
    """Queue ready claims for sending; from here on their payers owe."""
    queued = await submit_claims(session, actor, practice_id, data.claim_ids, clock.now())
    return ClaimIds(claim_ids=[claim.id for claim in queued])


ROUTER = practice_routes("/claims", list_claims, read_claim, assemble, check, release, submit)
