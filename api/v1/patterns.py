"""What repeats: rules that refusals propose and denials that checks should have caught; the service level."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.routers import practice_routes
from domain.claims import patterns
from domain.claims.patterns import ProposalView
from domain.reporting.coding_denials import CodingDenials, coding_denials
from domain.reporting.service_level import ServiceLevel, service_level
from tenants.access import Actor, Permission
from tenants.clock import Clock

READ = {"permission": Permission.CLAIM_READ}
Months = Annotated[int, Meta(ge=1, le=24)]
Days = Annotated[int, Meta(ge=1, le=366)]


class Decision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a proposed rule is to hold, and why."""

    approve: bool
    reason: Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]


@get("/rule-proposals", opt=READ)
async def list_proposals(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID]
) -> list[ProposalView]:
    """Rules that repeated refusals propose, with the claims that speak for them."""
    return await patterns.proposals(session, practice_id)


@post(
    "/rule-proposals/{proposal_id:uuid}/decision",
    opt={"permission": Permission.PRACTICE_MANAGE},
    status_code=200,
)
async def decide(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    proposal_id: FromPath[UUID],
    data: JSONBody[Decision],
) -> list[ProposalView]:
    """Approve a proposal into a rule of the practice, or reject it; a member's own act."""
    await patterns.decide_proposal(
        session,
        actor,
        practice_id,
        proposal_id,
        approve=data.approve,
        reason=data.reason,
        now=clock.now(),
    )
    return await patterns.proposals(session, practice_id)


@get("/measures/coding-denials", opt=READ)
async def read_coding_denials(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    months: FromQuery[Months] = 12,
) -> CodingDenials:
    """Coding denials by month and reason, against the check that should have caught each."""
    return await coding_denials(session, practice_id, months, clock.now())


@get("/measures/service-level", opt=READ)
async def read_service_level(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    days: FromQuery[Days] = 90,
) -> ServiceLevel:
    """Submission lag and clean-claim rate of the practice against its agreement's targets."""
    return await service_level(session, practice_id, days, clock.now())


ROUTER = practice_routes("", list_proposals, decide, read_coding_denials, read_service_level)
