"""The pages of claims: the list, one claim's story, the ledger behind each number, and the moves."""

from typing import Annotated, Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter, URLEncodedBody
from litestar.response import Redirect, Template
from msgspec import Meta, Struct

from api.pages.frame import go, may, page, read_shell
from api.pages.vocabulary import CLAIM_STATES, CONFIRMATIONS
from api.services import Services
from api.transactions import Incoming
from domain.claims.acknowledging import acknowledge_warnings
from domain.claims.checking import CHECKABLE, recheck_claim, release_claim
from domain.claims.corrections import apply_low_risk, corrections_of
from domain.claims.kept_checks import kept_checks
from domain.claims.queries import list_claims, read_claim
from domain.claims.rejudging import As, rejudge
from domain.claims.submission import submit_claims
from domain.claims.suggestions import suggestions_of
from domain.reporting.claim_story import claim_story
from domain.reporting.clocks import zone_of
from domain.reporting.line_entries import Part, part_entries
from tenants.access import Actor, Permission

READ = {"permission": Permission.CLAIM_READ}
WRITE = {"permission": Permission.CLAIM_WRITE}
PAGE_ROWS = 50


class Release(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a held claim may go out all the same."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]


@get("/practices/{practice_id:uuid}/claims", opt=READ)
async def claims(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    status: FromQuery[str | None] = None,
    after: FromQuery[UUID | None] = None,
) -> Template:
    """The practice's claims, by status."""
    shell = await read_shell(request, practice_id, here="claims")
    wanted = status if status in CLAIM_STATES else None
    async with services.database.practice_transaction(actor, practice_id) as session:
        zone = await zone_of(session, practice_id)
        rows = await list_claims(session, practice_id, status=wanted, after=after, limit=PAGE_ROWS + 1)
    more = rows[PAGE_ROWS - 1].id if len(rows) > PAGE_ROWS else None
    told = {"rows": rows[:PAGE_ROWS], "after": more, "status": wanted, "states": CLAIM_STATES}
    return page("claims/claims.html", shell, zone=zone, told=told)


@get("/practices/{practice_id:uuid}/claims/{claim_id:uuid}", opt=READ)
async def claim(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
) -> Template:
    """One claim's story: why it is where it is, where its money is, and everything that happened."""
    return await claim_page(request, services, actor, practice_id, claim_id)


async def claim_page(
    request: Incoming,
    services: Services,
    actor: Actor,
    practice_id: UUID,
    claim_id: UUID,
    refused: Struct | None = None,
) -> Template:
    """The claim's page, perhaps with what was refused of a form on it."""
    shell = await read_shell(request, practice_id, here="claims")
    async with services.database.practice_transaction(actor, practice_id) as session:
        story = await claim_story(session, practice_id, claim_id, services.now())
        told: dict[str, Any] = {
            "story": story,
            "moves": _moves(actor, practice_id, story.claim.status),
            "corrected": await corrections_of(session, practice_id, claim_id),
            "suggestions": await suggestions_of(session, practice_id, claim_id),
            "confirmations": CONFIRMATIONS,
            "refused": refused,
            "actor": actor,
        }
    status = 422 if refused else 200
    return page("claims/story.html", shell, zone=story.zone, names=story.names, status=status, **told)


def _moves(actor: Actor, practice_id: UUID, status: str) -> dict[str, bool]:
    """What the actor may do with a claim in this status."""
    writes = status in CHECKABLE and may(actor, Permission.CLAIM_WRITE, practice_id)
    return {
        "check": writes,
        "acknowledge": writes,
        "suggestions": writes,
        "release": status == "held" and may(actor, Permission.CLAIM_RELEASE, practice_id),
        "review": status in CHECKABLE and may(actor, Permission.CLAIM_RELEASE, practice_id),
        "submit": status == "ready" and may(actor, Permission.CLAIM_SUBMIT, practice_id),
        "work": may(actor, Permission.WORK_WRITE, practice_id),
    }


@get("/practices/{practice_id:uuid}/claims/{claim_id:uuid}/entries/{part:str}", opt=READ)
async def entries(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
    part: FromPath[Part],
    line: FromQuery[UUID | None] = None,
) -> Template:
    """The ledger entries that add up to one number of a claim, or of one of its lines."""
    shell = await read_shell(request, practice_id, here="claims")
    async with services.database.practice_transaction(actor, practice_id) as session:
        zone = await zone_of(session, practice_id)
        behind = await part_entries(session, practice_id, claim_id, part, line)
    return page("claims/entries.html", shell, zone=zone, names=behind.names, behind=behind)


@get("/practices/{practice_id:uuid}/claims/{claim_id:uuid}/checks", opt=READ)
async def checks(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
    check_id: Annotated[UUID | None, QueryParameter(name="check")] = None,
    judged_as: Annotated[As | None, QueryParameter(name="as")] = None,
) -> Template:
    """Every check of the claim as it was kept, and one of them judged again as then or as today."""
    shell = await read_shell(request, practice_id, here="claims")
    async with services.database.practice_transaction(actor, practice_id) as session:
        zone = await zone_of(session, practice_id)
        number = (await read_claim(session, practice_id, claim_id)).control_number
        kept = await kept_checks(session, practice_id, claim_id)
        judged = (
            await rejudge(session, practice_id, claim_id, check_id, judged_as) if judged_as and kept else None
        )
    told: dict[str, Any] = {"claim_id": claim_id, "control_number": number, "kept": kept, "judged": judged}
    return page("claims/checks.html", shell, zone=zone, **told)


@post("/practices/{practice_id:uuid}/claims/{claim_id:uuid}/acknowledge", opt=WRITE, status_code=200)
async def acknowledge(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
) -> Redirect:
    """Note under the member's name that the claim's open warnings were seen."""
    async with services.database.practice_transaction(actor, practice_id) as session:
        await acknowledge_warnings(session, actor, practice_id, [claim_id], None, services.now())
    return _to(practice_id, claim_id)


@post("/practices/{practice_id:uuid}/claims/{claim_id:uuid}/correct", opt=WRITE, status_code=200)
async def correct(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
) -> Redirect:
    """Apply every correction of low risk that the findings offer; each is listed on the claim."""
    async with services.database.practice_transaction(actor, practice_id) as session:
        await apply_low_risk(session, actor, practice_id, claim_id, None, services.now())
    return _to(practice_id, claim_id)


@post("/practices/{practice_id:uuid}/claims/{claim_id:uuid}/check", opt=WRITE, status_code=200)
async def check(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
) -> Redirect:
    """Take the facts as they stand now and check the claim again."""
    async with services.database.practice_transaction(actor, practice_id) as session:
        await recheck_claim(session, actor, practice_id, claim_id, services.now())
    return _to(practice_id, claim_id)


@post(
    "/practices/{practice_id:uuid}/claims/{claim_id:uuid}/release",
    opt={"permission": Permission.CLAIM_RELEASE},
    status_code=200,
)
async def release(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
    data: URLEncodedBody[Release],
) -> Redirect:
    """Release a held claim by name, with a reason."""
    async with services.database.practice_transaction(actor, practice_id) as session:
        await release_claim(session, actor, practice_id, claim_id, data.reason, services.now())
    return _to(practice_id, claim_id)


@post(
    "/practices/{practice_id:uuid}/claims/{claim_id:uuid}/submit",
    opt={"permission": Permission.CLAIM_SUBMIT},
    status_code=200,
)
async def submit(
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
) -> Redirect:
    """Queue a ready claim for sending; from here on its payer owes."""
    async with services.database.practice_transaction(actor, practice_id) as session:
        await submit_claims(session, actor, practice_id, [claim_id], services.now())
    return _to(practice_id, claim_id)


def _to(practice_id: UUID, claim_id: UUID) -> Redirect:
    return go(f"/practices/{practice_id}/claims/{claim_id}")


HANDLERS: list[HTTPRouteHandler] = [
    claims,
    claim,
    entries,
    checks,
    acknowledge,
    correct,
    check,
    release,
    submit,
]
