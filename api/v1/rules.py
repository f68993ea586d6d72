"""Dated rules: a practice's own and its company's, which row wins over which, and what a change would do."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.organization import Created
from api.v1.routers import practice_routes
from domain.claims.rule_changes import ChangePreview, RuleChange, Some, accept_change, preview_change
from domain.claims.touched import TouchedClaim, claims_naming
from domain.practices import queries
from domain.practices.overrides import NewPayerRule, add_payer_rule, candidate, withdraw_payer_rule
from domain.practices.packs import PackDifference, PackView, pack_difference, packs_on
from domain.practices.queries import PayerRuleView
from domain.practices.rule_terms import Withdrawal
from domain.practices.rule_views import (
    ResolvedView,
    RuleQuestion,
    RuleView,
    Standing,
    resolve_rule,
    rules_of,
)
from domain.practices.rules import rule_book_for
from tenants.access import Actor, Permission
from tenants.clock import Clock

READ = {"permission": Permission.PRACTICE_READ}
MANAGE = {"permission": Permission.RULES_MANAGE}
READ_CLAIMS = {"permission": Permission.CLAIM_READ}
Instant = Annotated[datetime, Meta(tz=True)]
Withdrawn = Annotated[tuple[UUID, ...], Meta(max_length=20)]


class PracticeChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule to come, if any, and rules to go; `after` continues with the claims after that one."""

    candidate: NewPayerRule | None = None
    withdraws: Withdrawn = ()
    after: UUID | None = None
    limit: Some = 200


class PackChanges(Struct, frozen=True, kw_only=True):
    """What a pack changes, and the open claims that name a code it touches."""

    difference: PackDifference
    claims: list[TouchedClaim]


@get("/rules", opt=READ)
async def list_rules(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    standing: FromQuery[Standing | None] = None,
    on: FromQuery[date | None] = None,
) -> list[RuleView]:
    """Every rule ever set for the practice, its company's too, with its standing today or on a day."""
    return await rules_of(session, practice_id, on or clock.now().date(), standing=standing)


@get("/payer-rules", opt=READ)
async def list_payer_rules(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID]
) -> list[PayerRuleView]:
    """The practice's own dated rules that were not withdrawn."""
    return await queries.payer_rules_of(session, practice_id)


@post(["/rules", "/payer-rules"], opt=MANAGE)
async def create_rule(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[NewPayerRule],
) -> Created:
    """Add a dated rule, with its source, reason and vectors; it is refused whole or holds at once."""
    made = await add_payer_rule(
        session, practice_id, data, author_id=actor.id, author_name=actor.name, now=clock.now()
    )
    return Created(id=made)


@post("/rules/{rule_id:uuid}/withdraw", opt=MANAGE, status_code=204)
async def withdraw_rule(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    rule_id: FromPath[UUID],
    data: JSONBody[Withdrawal],
) -> None:
    """Take a rule out of the book, by name and reason; the row stays for whoever asks what held before."""
    await withdraw_payer_rule(session, practice_id, rule_id, data, by=actor.id, now=clock.now())


@get("/rules/resolve", opt=READ)
async def resolve(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    rule: FromQuery[str],
    on: FromQuery[date],
    payer_id: FromQuery[UUID | None] = None,
    plan: FromQuery[str | None] = None,
    in_state: Annotated[str | None, QueryParameter(name="state")] = None,
    known_at: FromQuery[Instant | None] = None,
) -> ResolvedView:
    """Which row answers for a payer, plan, state and date of service, and every row that it beat.

    The state is the practice's own where none is named; `known_at` asks the book as it was known then.
    """
    asked = RuleQuestion(rule=rule, payer_id=payer_id, plan=plan, state=in_state, on=on, known_at=known_at)
    return await resolve_rule(session, practice_id, asked)


@get("/rule-packs", opt=READ)
async def list_packs(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    on: FromQuery[date | None] = None,
) -> list[PackView]:
    """The packs that the practice is judged by, with those whose review is overdue marked."""
    book = await rule_book_for(session, practice_id)
    return packs_on(book.shelf, on or clock.now().date())


@get("/rule-packs/{checksum:str}/differences", opt=READ_CLAIMS)
async def compare_pack(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    checksum: FromPath[str],
) -> PackChanges:
    """What a pack changes against the one before it, and the open claims that name a code it touches."""
    shelf = (await rule_book_for(session, practice_id)).shelf
    told, codes = await pack_difference(shelf, checksum, clock.now().date())
    touched = await claims_naming(session, practice_id, codes, starts_on=told.pack.starts_on)
    return PackChanges(difference=told, claims=touched)


@post("/rules/preview", opt=READ_CLAIMS, status_code=200)
async def preview(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[PracticeChange],
) -> ChangePreview:
    """The open claims that a new rule, or the end of old ones, would touch; nothing is written."""
    change = RuleChange(row=None, vectors=(), withdraws=data.withdraws)
    if data.candidate is not None:
        _, row = await candidate(
            session,
            practice_id,
            data.candidate,
            author_id=actor.id,
            author_name=actor.name,
            now=clock.now(),
        )
        change = RuleChange(row=row, vectors=data.candidate.vectors, withdraws=data.withdraws)
    book = await rule_book_for(session, practice_id)
    accept_change(book, change)
    return await preview_change(
        session, practice_id, book, change, clock.now(), after=data.after, limit=data.limit
    )


ROUTER = practice_routes(
    "",
    list_rules,
    list_payer_rules,
    create_rule,
    withdraw_rule,
    resolve,
    list_packs,
    compare_pack,
    preview,
)
