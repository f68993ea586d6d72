"""The pages of rules: the packs and rows that judge a practice, what a pack changes, and which row wins."""

from datetime import date
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Template
from sqlalchemy.ext.asyncio import AsyncSession

from api.pages.frame import may, page, read_shell
from api.services import Services
from api.transactions import Incoming
from billing_rules.therapy.payer_rules import SHAPES
from domain.claims.touched import TouchedClaim, claims_naming
from domain.practices import queries
from domain.practices.packs import PackDifference, pack_difference, packs_on
from domain.practices.rule_views import ResolvedView, RuleQuestion, resolve_rule, rules_of
from domain.practices.rules import rule_book_for
from domain.reporting.clocks import zone_of
from tenants.access import Actor, Permission
from tenants.clock import local_date
from tenants.errors import Invalid, NotFound

READ = {"permission": Permission.PRACTICE_READ}
CLAIMS = {"permission": Permission.CLAIM_READ}


@get("/practices/{practice_id:uuid}/rules", opt=READ)
async def rules(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
) -> Template:
    """Every pack and every row that judges the practice today; what is past its review is red."""
    shell = await read_shell(request, practice_id, here="rules")
    async with services.database.practice_transaction(actor, practice_id) as session:
        zone = await zone_of(session, practice_id)
        today = local_date(services.now(), zone)
        book = await rule_book_for(session, practice_id)
        told = {
            "version": book.version,
            "packs": packs_on(book.shelf, today),
            "rows": await rules_of(session, practice_id, today),
            "shipped": sum(row.level == "shipped" for row in book.rows),
            "names": sorted(SHAPES),
            "payers": await queries.payers(session, practice_id),
            "today": today,
            "opens_claims": may(actor, Permission.CLAIM_READ, practice_id),
        }
    return page("rules/rules.html", shell, zone=zone, told=told)


@get("/practices/{practice_id:uuid}/rules/answer", opt=READ)
async def answer(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    rule: FromQuery[str],
    on: FromQuery[date],
    payer: FromQuery[str] = "",
    plan: FromQuery[str] = "",
) -> Template:
    """Which row answers a question of the book on a day, and every row that it beat."""
    shell = await read_shell(request, practice_id, here="rules")
    async with services.database.practice_transaction(actor, practice_id) as session:
        zone = await zone_of(session, practice_id)
        asked = RuleQuestion(
            rule=rule, payer_id=_payer(payer), plan=plan or None, state=None, on=on, known_at=None
        )
        resolved = await _resolved(session, practice_id, asked)
    return page("rules/answer.html", shell, zone=zone, asked=asked, resolved=resolved)


def _payer(given: str) -> UUID | None:
    """The payer chosen in the form, none for any; raises Invalid for what is no id."""
    try:
        return UUID(given) if given else None
    except ValueError as malformed:
        raise Invalid("it names no payer", pointer="/payer") from malformed


async def _resolved(session: AsyncSession, practice_id: UUID, asked: RuleQuestion) -> ResolvedView | None:
    try:
        return await resolve_rule(session, practice_id, asked)
    except NotFound:
        return None


@get("/practices/{practice_id:uuid}/rule-packs/{checksum:str}", opt=CLAIMS)
async def pack(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    checksum: FromPath[str],
) -> Template:
    """What a pack changes against the one before it, and the open claims that name a code it touches."""
    shell = await read_shell(request, practice_id, here="rules")
    async with services.database.practice_transaction(actor, practice_id) as session:
        zone = await zone_of(session, practice_id)
        today = local_date(services.now(), zone)
        shelf = (await rule_book_for(session, practice_id)).shelf
        told, codes = await pack_difference(shelf, checksum, today)
        claims = await _touched(session, practice_id, told, codes)
    return page("rules/pack.html", shell, zone=zone, told=told, claims=claims)


async def _touched(
    session: AsyncSession, practice_id: UUID, told: PackDifference, codes: frozenset[str]
) -> list[TouchedClaim]:
    """A first pack of its table touches nothing: there was no other answer before."""
    if told.before is None:
        return []
    return await claims_naming(session, practice_id, codes, starts_on=told.pack.starts_on)


HANDLERS: list[HTTPRouteHandler] = [rules, answer, pack]
