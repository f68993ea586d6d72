"""Documented sessions and the charges they become, and the therapist's own patients."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.routers import practice_routes
from domain.reporting.coding_panel import CodingPanel, coding_panel
from domain.visits import queries
from domain.visits.caseload import CaseloadLine, my_patients
from domain.visits.notes import NewVisit
from domain.visits.queries import VisitRow, VisitView
from domain.visits.recording import (
    assign_case,
    choose_units,
    recheck_visit,
    record_visit,
    void_visit,
)
from domain.visits.recounting import owe_counts
from domain.visits.shared_time import OverlapView, overlaps_between
from domain.visits.unit_panel import UnitPanel, unit_panel
from tenants.access import Actor, Permission
from tenants.clock import Clock

READ = {"permission": Permission.VISIT_READ}
WRITE = {"permission": Permission.VISIT_WRITE}


class CaseOfVisit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The case that a held visit belongs to."""

    case_id: UUID


class UnitChoices(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The clinician's word where minutes tie: by discipline, the codes that take the unit."""

    choices: dict[str, list[str]]


class Retraction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a recorded session did not take place."""

    reason: Annotated[str, Meta(min_length=1, max_length=200)]


@get("/", opt=READ)
async def list_visits(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    first: FromQuery[date],
    last: FromQuery[date],
    case_id: FromQuery[UUID | None] = None,
    status: FromQuery[str | None] = None,
    external_id: FromQuery[str | None] = None,
) -> list[VisitRow]:
    """The sessions within dates, in their order."""
    return await queries.visits(
        session,
        practice_id,
        first=first,
        last=last,
        case_id=case_id,
        status=status,
        source_id=external_id,
    )


@post("/", opt=WRITE)
async def create_visit(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[NewVisit],
) -> VisitView:
    """Record a documented session, once per source id and version; a newer version amends it."""
    now = clock.now()
    made = await record_visit(session, practice_id, data, by=actor.id, now=now)
    await owe_counts(session, practice_id, actor.organization_id, made, now)
    return await queries.visit(session, practice_id, made)


@get("/overlaps", opt=READ)
async def list_overlaps(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    first: FromQuery[date],
    last: FromQuery[date],
) -> list[OverlapView]:
    """Sessions within dates that share minutes of a patient or a clinician, and what the payer says of it."""
    return await overlaps_between(session, practice_id, first, last)


@get("/{visit_id:uuid}/units", opt=READ)
async def read_units(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    visit_id: FromPath[UUID],
) -> UnitPanel:
    """How minutes became units for every payer of the visit, and what their methods disagree on."""
    return await unit_panel(session, practice_id, visit_id, clock.now().date())


@get("/{visit_id:uuid}/coding", opt=READ)
async def read_coding(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    visit_id: FromPath[UUID],
) -> CodingPanel:
    """The coding panel: units, plan of care, limits and what the note must say, beside each other."""
    return await coding_panel(session, practice_id, visit_id, clock.now())


@get("/{visit_id:uuid}", opt=READ)
async def read_visit(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], visit_id: FromPath[UUID]
) -> VisitView:
    """One session with its procedures and charges."""
    return await queries.visit(session, practice_id, visit_id)


@post("/{visit_id:uuid}/case", opt=WRITE, status_code=200)
async def assign(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    visit_id: FromPath[UUID],
    data: JSONBody[CaseOfVisit],
) -> VisitView:
    """Give a held visit its case."""
    await assign_case(session, practice_id, visit_id, data.case_id, by=actor.id, now=clock.now())
    await owe_counts(session, practice_id, actor.organization_id, visit_id, clock.now())
    return await queries.visit(session, practice_id, visit_id)


@post("/{visit_id:uuid}/unit-choices", opt=WRITE, status_code=200)
async def choose(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    visit_id: FromPath[UUID],
    data: JSONBody[UnitChoices],
) -> VisitView:
    """Keep the clinician's word where minutes tie, and charge."""
    await choose_units(session, practice_id, visit_id, data.choices, by=actor.id, now=clock.now())
    await owe_counts(session, practice_id, actor.organization_id, visit_id, clock.now())
    return await queries.visit(session, practice_id, visit_id)


@post("/{visit_id:uuid}/recheck", opt=WRITE, status_code=200)
async def recheck(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    visit_id: FromPath[UUID],
) -> VisitView:
    """Process a visit again after what it missed was added."""
    await recheck_visit(session, practice_id, visit_id, by=actor.id, now=clock.now())
    await owe_counts(session, practice_id, actor.organization_id, visit_id, clock.now())
    return await queries.visit(session, practice_id, visit_id)


@post("/{visit_id:uuid}/void", opt=WRITE, status_code=200)
async def void(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    visit_id: FromPath[UUID],
    data: JSONBody[Retraction],
) -> VisitView:
    """Retract a session that did not take place."""
    await void_visit(session, practice_id, visit_id, reason=data.reason, by=actor.id, now=clock.now())
    await owe_counts(session, practice_id, actor.organization_id, visit_id, clock.now())
    return await queries.visit(session, practice_id, visit_id)


ROUTER = practice_routes(
    "/visits",
    list_visits,
    list_overlaps,
    create_visit,
    read_visit,
    read_units,
    read_coding,
    assign,
    choose,
    recheck,
    void,
)


@get("/", opt={"permission": Permission.CASELOAD_READ})
async def list_my_patients(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
) -> list[CaseloadLine]:
    """The signed-in therapist's own patients: approved, used, booked, left; no money."""
    return await my_patients(session, practice_id, actor.provider_ids(practice_id), now=clock.now())


CASELOAD_ROUTER = practice_routes("/my-patients", list_my_patients)
