"""What follows a check: corrections, acknowledgements, suggestions, and judging a past check again."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.routers import practice_routes
from domain.claims import corrections, queries, suggestions
from domain.claims.acknowledging import acknowledge_warnings
from domain.claims.corrections import CorrectionView
from domain.claims.evidence import Evidence
from domain.claims.kept_checks import KeptCheckView, kept_checks
from domain.claims.line_changes import LineChange
from domain.claims.queries import ClaimView
from domain.claims.rejudging import As, Rejudged, rejudge
from domain.claims.submission import MOST_CLAIMS
from domain.claims.suggestions import Acceptance, NewSuggestion, SuggestionView
from tenants.access import Actor, Permission
from tenants.clock import Clock

READ = {"permission": Permission.CLAIM_READ}
WRITE = {"permission": Permission.CLAIM_WRITE}
RELEASE = {"permission": Permission.CLAIM_RELEASE}
FindingIds = Annotated[list[UUID], Meta(min_length=1, max_length=500)]
Words = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]


class WarningsSeen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which warnings of the claim were looked at; left out means every open one."""

    finding_ids: FindingIds | None = None


class WarningsOfClaimsSeen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The claims whose open warnings were all looked at."""

    claim_ids: Annotated[list[UUID], Meta(min_length=1, max_length=MOST_CLAIMS)]


class LowRiskToApply(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which findings' own corrections to apply; left out means every one of low risk."""

    finding_ids: FindingIds | None = None


class CorrectionOnEvidence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change because of a high-risk finding, and the record that a person read for it."""

    finding_id: UUID
    change: LineChange
    evidence: Evidence | None = None


class Review(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a proposed correction is applied."""

    approve: bool


class Again(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to judge again: as then or as today, and which check; left out means the latest."""

    judged_as: As
    check_id: UUID | None = None


class Rejection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a suggestion is put away."""

    reason: Words


class Counted(Struct, frozen=True, kw_only=True):
    """How many warnings a person has looked at now."""

    acknowledged: int


class Made(Struct, frozen=True, kw_only=True):
    """The id of what was made."""

    id: UUID


@post("/acknowledgements", opt=WRITE, status_code=200)
async def acknowledge_many(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[WarningsOfClaimsSeen],
) -> Counted:
    """Note that a member looked at every open warning of these claims."""
    seen = await acknowledge_warnings(session, actor, practice_id, data.claim_ids, None, clock.now())
    return Counted(acknowledged=seen)


@post("/{claim_id:uuid}/acknowledgements", opt=WRITE, status_code=200)
async def acknowledge(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
    data: JSONBody[WarningsSeen],
) -> ClaimView:
    """Note that a member looked at warnings of the claim."""
    await acknowledge_warnings(session, actor, practice_id, [claim_id], data.finding_ids, clock.now())
    return await queries.read_claim(session, practice_id, claim_id)


@get("/{claim_id:uuid}/corrections", opt=READ)
async def list_corrections(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], claim_id: FromPath[UUID]
) -> list[CorrectionView]:
    """Every correction of the claim, to be read before it is sent."""
    return await corrections.corrections_of(session, practice_id, claim_id)


@post("/{claim_id:uuid}/corrections", opt=WRITE, status_code=200)
async def correct(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
    data: JSONBody[LowRiskToApply],
) -> list[CorrectionView]:
    """Apply corrections of low risk, check the claim again, and list every correction it has."""
    await corrections.apply_low_risk(session, actor, practice_id, claim_id, data.finding_ids, clock.now())
    return await corrections.corrections_of(session, practice_id, claim_id)


@post("/{claim_id:uuid}/corrections/on-evidence", opt=RELEASE, status_code=201)
async def correct_on_evidence(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
    data: JSONBody[CorrectionOnEvidence],
) -> Made:
    """Change a line because of a high-risk finding, on linked evidence; a distinct service waits."""
    made = await corrections.correct_on_evidence(
        session, actor, practice_id, claim_id, data.finding_id, data.change, data.evidence, clock.now()
    )
    return Made(id=made)


@post("/{claim_id:uuid}/corrections/{correction_id:uuid}/review", opt=RELEASE, status_code=200)
async def review(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
    correction_id: FromPath[UUID],
    data: JSONBody[Review],
) -> list[CorrectionView]:
    """Apply or refuse a proposed correction, as somebody else than its maker."""
    await corrections.review_correction(
        session, actor, practice_id, claim_id, correction_id, approve=data.approve, now=clock.now()
    )
    return await corrections.corrections_of(session, practice_id, claim_id)


@get("/{claim_id:uuid}/checks", opt=READ)
async def list_checks(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], claim_id: FromPath[UUID]
) -> list[KeptCheckView]:
    """Every check of the claim, the latest first."""
    return await kept_checks(session, practice_id, claim_id)


@post("/{claim_id:uuid}/rejudge", opt=READ, status_code=200)
async def judge_again(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
    data: JSONBody[Again],
) -> Rejudged:
    """Run a past check again, by the rules of its day or by today's, with the difference explained."""
    return await rejudge(session, practice_id, claim_id, data.check_id, data.judged_as)


@get("/{claim_id:uuid}/suggestions", opt=READ)
async def list_suggestions(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], claim_id: FromPath[UUID]
) -> list[SuggestionView]:
    """The suggestions for the claim, and what became of each."""
    return await suggestions.suggestions_of(session, practice_id, claim_id)


@post("/{claim_id:uuid}/suggestions", opt=WRITE, status_code=201)
async def suggest(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
    data: JSONBody[NewSuggestion],
) -> Made:
    """Put a suggestion beside the claim, which stays as it is."""
    return Made(id=await suggestions.suggest(session, actor, practice_id, claim_id, data, clock.now()))


@post("/{claim_id:uuid}/suggestions/{suggestion_id:uuid}/accept", opt=WRITE, status_code=200)
async def accept(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
    suggestion_id: FromPath[UUID],
    data: JSONBody[Acceptance],
) -> ClaimView:
    """Take a suggestion over with the four confirmations and the evidence seen; a member's own act."""
    await suggestions.accept_suggestion(
        session, actor, practice_id, claim_id, suggestion_id, data, clock.now()
    )
    return await queries.read_claim(session, practice_id, claim_id)


@post("/{claim_id:uuid}/suggestions/{suggestion_id:uuid}/reject", opt=WRITE, status_code=204)
async def reject(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
    suggestion_id: FromPath[UUID],
    data: JSONBody[Rejection],
) -> None:
    """Put a suggestion away with a reason."""
    await suggestions.reject_suggestion(
        session, actor, practice_id, claim_id, suggestion_id, data.reason, clock.now()
    )


ROUTER = practice_routes(
    "/claims",
    acknowledge_many,
    acknowledge,
    list_corrections,
    correct,
    correct_on_evidence,
    review,
    list_checks,
    judge_again,
    list_suggestions,
    suggest,
    accept,
    reject,
)
