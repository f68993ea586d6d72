"""Staff by date: credentials, licences and certifications, supervision, absences, ordering providers."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.organization import Created
from api.v1.routers import practice_routes
from domain.practices import credentials, supervision
from domain.practices.credentials import CredentialView, LicenceEnd, LicenceView, NewCredential, NewLicence
from domain.practices.supervision import (
    AbsenceView,
    AssignmentView,
    NewAbsence,
    NewAssignment,
    NewOrderingEnrolment,
    OrderingEnrolmentView,
)
from tenants.access import Permission
from tenants.clock import Clock

READ = {"permission": Permission.PRACTICE_READ}
MANAGE = {"permission": Permission.PRACTICE_MANAGE}


@get("/providers/{provider_id:uuid}/credentials", opt=READ)
async def list_credentials(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], provider_id: FromPath[UUID]
) -> list[CredentialView]:
    """Which credentials a clinician held, by date."""
    return await credentials.credentials_of(session, practice_id, provider_id)


@post("/providers/{provider_id:uuid}/credentials", opt=MANAGE)
async def create_credential(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    provider_id: FromPath[UUID],
    data: JSONBody[NewCredential],
) -> Created:
    """Record a credential from a date of service on; an open one of the state ends the day before."""
    made = await credentials.add_credential(session, practice_id, provider_id, data, now=clock.now())
    return Created(id=made)


@get("/providers/{provider_id:uuid}/licences", opt=READ)
async def list_licences(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], provider_id: FromPath[UUID]
) -> list[LicenceView]:
    """A clinician's licences, compact privileges and certifications."""
    return await credentials.licences_of(session, practice_id, provider_id)


@post("/providers/{provider_id:uuid}/licences", opt=MANAGE)
async def create_licence(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    provider_id: FromPath[UUID],
    data: JSONBody[NewLicence],
) -> Created:
    """Record a licence, a compact privilege or a certification."""
    made = await credentials.add_licence(session, practice_id, provider_id, data, now=clock.now())
    return Created(id=made)


@post("/licences/{licence_id:uuid}/end", opt=MANAGE, status_code=204)
async def end_licence(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    licence_id: FromPath[UUID],
    data: JSONBody[LicenceEnd],
) -> None:
    """Set the last day on which it was valid."""
    await credentials.end_licence(session, practice_id, licence_id, data)


@get("/supervision-assignments", opt=READ)
async def list_assignments(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID]
) -> list[AssignmentView]:
    """Who supervises whom."""
    return await supervision.assignments(session, practice_id)


@post("/supervision-assignments", opt=MANAGE)
async def create_assignment(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[NewAssignment],
) -> Created:
    """Assign a supervisor between dates."""
    return Created(id=await supervision.assign_supervisor(session, practice_id, data, now=clock.now()))


@post("/supervision-assignments/{assignment_id:uuid}/end", opt=MANAGE, status_code=204)
async def end_assignment(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    assignment_id: FromPath[UUID],
    data: JSONBody[LicenceEnd],
) -> None:
    """Set the last day of an assignment."""
    await supervision.end_assignment(session, practice_id, assignment_id, data)


@get("/provider-absences", opt=READ)
async def list_absences(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID]
) -> list[AbsenceView]:
    """Who was away."""
    return await supervision.absences(session, practice_id)


@post("/provider-absences", opt=MANAGE)
async def create_absence(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[NewAbsence],
) -> Created:
    """Record days on which somebody was away."""
    return Created(id=await supervision.record_absence(session, practice_id, data, now=clock.now()))


@get("/ordering-enrolments", opt=READ)
async def list_ordering_enrolments(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID]
) -> list[OrderingEnrolmentView]:
    """Which ordering providers payers have enrolled."""
    return await supervision.ordering_enrolments(session, practice_id)


@post("/ordering-enrolments", opt=MANAGE)
async def create_ordering_enrolment(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[NewOrderingEnrolment],
) -> Created:
    """Record that a payer has an ordering provider enrolled."""
    made = await supervision.record_ordering_enrolment(session, practice_id, data, now=clock.now())
    return Created(id=made)


ROUTER = practice_routes(
    "",
    list_credentials,
    create_credential,
    list_licences,
    create_licence,
    end_licence,
    list_assignments,
    create_assignment,
    end_assignment,
    list_absences,
    create_absence,
    list_ordering_enrolments,
    create_ordering_enrolment,
)
