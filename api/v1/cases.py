"""Cases, and what is left for them: the most frequent read, on a bare connection."""

from datetime import date
from uuid import UUID

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.requests import StrictRequest
from api.transactions import actor_of, services_of
from api.v1.organization import Created
from api.v1.routers import practice_routes
from domain.allowances.binding import CaseAllowances, answer
from domain.allowances.plans_of_care import (
    Certification,
    NewPlanOfCare,
    OrderEvidence,
    PlanView,
    certify_plan,
    plans_of_case,
    record_order,
    record_plan_of_care,
)
from domain.allowances.queries import AuthorizationView, authorizations_of
from domain.allowances.remaining import limits_left
from domain.patients import queries
from domain.patients.cases import Diagnoses, NewCase, amend_diagnoses, close_case, open_case
from domain.patients.coverages import CoverageView, coverages_of_case
from domain.patients.queries import CaseView
from domain.visits.plan_duties import NewProgressReport, PlanDuties, note_progress_report, plan_duties
from tenants.access import Permission
from tenants.errors import NotFound

READ = {"permission": Permission.PATIENT_READ}
WRITE = {"permission": Permission.PATIENT_WRITE}
ALLOWANCE_READ = {"permission": Permission.ALLOWANCE_READ}
ALLOWANCE_WRITE = {"permission": Permission.ALLOWANCE_WRITE}


class CaseEnd(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last day of a case."""

    closed_on: date


class DiagnosesAmended(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The diagnoses that the case has from now on, judged by the codes valid on a day."""

    diagnoses: Diagnoses
    valid_on: date


@post("/", opt=WRITE)
async def create_case(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], data: JSONBody[NewCase]
) -> Created:
    """Open a case with its diagnoses."""
    return Created(id=await open_case(session, practice_id, data))


@get("/{case_id:uuid}", opt=READ)
async def read_case(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], case_id: FromPath[UUID]
) -> CaseView:
    """One case with its diagnoses."""
    return await queries.case(session, practice_id, case_id)


@post("/{case_id:uuid}/close", opt=WRITE, status_code=200)
async def end_case(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    case_id: FromPath[UUID],
    data: JSONBody[CaseEnd],
) -> CaseView:
    """Close a case."""
    await close_case(session, practice_id, case_id, data.closed_on)
    return await queries.case(session, practice_id, case_id)


@put("/{case_id:uuid}/diagnoses", opt=WRITE)
async def replace_diagnoses(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    case_id: FromPath[UUID],
    data: JSONBody[DiagnosesAmended],
) -> CaseView:
    """Replace the diagnoses of a case, as the clinician names them now."""
    await amend_diagnoses(session, practice_id, case_id, data.diagnoses, data.valid_on)
    return await queries.case(session, practice_id, case_id)


@get("/{case_id:uuid}/coverages", opt=READ)
async def list_coverages(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], case_id: FromPath[UUID]
) -> list[CoverageView]:
    """The case's coverages in payer order, as known now."""
    await queries.case(session, practice_id, case_id)
    return await coverages_of_case(session, practice_id, case_id)


@get("/{case_id:uuid}/allowances", opt=ALLOWANCE_READ)
async def read_allowances(
    request: StrictRequest, practice_id: FromPath[UUID], case_id: FromPath[UUID]
) -> CaseAllowances:
    """What is left under every limit of the case, and the one that binds."""
    # The most frequent read of the product: resolving dependencies would cost it a tenth of its rate.
    services, actor = services_of(request), actor_of(request)
    patients: set[UUID] = set()
    door = services.database.bare_practice_transaction(actor, practice_id, patients)
    async with door as driver:
        found = await limits_left(driver, practice_id, [case_id], services.now())
        if not found:
            raise NotFound(f"no case {case_id}")
        patients.add(found[0].patient_id)
    return answer(found[0])


@get("/{case_id:uuid}/authorizations", opt=ALLOWANCE_READ)
async def list_authorizations(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], case_id: FromPath[UUID]
) -> list[AuthorizationView]:
    """The authorizations of the case with their blocks."""
    await queries.case(session, practice_id, case_id)
    return await authorizations_of(session, practice_id, case_id)


@get("/{case_id:uuid}/plans-of-care", opt=ALLOWANCE_READ)
async def list_plans(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], case_id: FromPath[UUID]
) -> list[PlanView]:
    """The plans of care of the case."""
    await queries.case(session, practice_id, case_id)
    return await plans_of_case(session, practice_id, case_id)


ROUTER = practice_routes(
    "/cases",
    create_case,
    read_case,
    end_case,
    replace_diagnoses,
    list_coverages,
    read_allowances,
    list_authorizations,
    list_plans,
)


@post("/", opt=ALLOWANCE_WRITE)
async def create_plan(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], data: JSONBody[NewPlanOfCare]
) -> Created:
    """Record a plan of care."""
    return Created(id=await record_plan_of_care(session, practice_id, data))


@post("/{plan_id:uuid}/certify", opt=ALLOWANCE_WRITE, status_code=204)
async def certify(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    plan_id: FromPath[UUID],
    data: JSONBody[Certification],
) -> None:
    """Note who certified a plan of care, and when."""
    await certify_plan(session, practice_id, plan_id, data)


@post("/{plan_id:uuid}/order", opt=ALLOWANCE_WRITE, status_code=204)
async def note_order(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    plan_id: FromPath[UUID],
    data: JSONBody[OrderEvidence],
) -> None:
    """Note the signed order behind a plan of care, and when the plan was sent to whoever ordered it."""
    await record_order(session, practice_id, plan_id, data)


@post("/{plan_id:uuid}/progress-reports", opt=ALLOWANCE_WRITE, status_code=204)
async def report_progress(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    plan_id: FromPath[UUID],
    data: JSONBody[NewProgressReport],
) -> None:
    """Note that a clinician wrote a progress report."""
    await note_progress_report(session, practice_id, plan_id, data)


@get("/{plan_id:uuid}/duties", opt=ALLOWANCE_READ)
async def read_duties(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], plan_id: FromPath[UUID]
) -> PlanDuties:
    """What is due of a plan: certificate, recertification, progress reports."""
    return await plan_duties(session, practice_id, plan_id)


PLANS_ROUTER = practice_routes(
    "/plans-of-care", create_plan, certify, note_order, report_progress, read_duties
)
