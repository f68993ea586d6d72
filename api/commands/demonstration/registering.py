"""Registering the people of a course: patient, guarantors, case, coverage, plan of care, authorizations."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.commands.demonstration.company_plan import SOURCE
from api.commands.demonstration.courses import AuthorizationPlan, BlockPlan, Course, CoveragePlan
from api.commands.demonstration.payer_book import authorization_ends, covered_from, extension_starts
from api.commands.demonstration.population import STATE, Person
from api.commands.demonstration.stage import PracticeIds, Stage
from api.services import Services
from domain.allowances.authorizations import AuthorizationNumberKnown, NewAuthorization, NewBlock
from domain.allowances.benefit_limits import NewBenefitLimit
from domain.allowances.plans_of_care import NewPlanOfCare, record_plan_of_care
from domain.patients.cases import NewCase, open_case
from domain.patients.coverages import NewCoverage, add_coverage, coverages_of_case
from domain.patients.parties import NewParty, NewShares, Share, add_party, set_shares
from domain.patients.queries import cases_of, patients
from domain.patients.registration import NewPatient, register_patient
from domain.visits.authorizing import authorize, limit_benefit
from tenants.access import Actor

WITH_PLAN_OF_CARE = frozenset({"PT", "OT", "SLP"})
ACCIDENT_BEFORE = timedelta(days=20)
BENEFIT_VISITS = 30


async def register_everybody(stage: Stage) -> None:
    """Register every course that is not registered yet, each in one transaction."""
    for course in stage.play.courses:
        ids = stage.practices[course.practice]
        async with stage.services.database.practice_transaction(stage.actor, ids.id) as session:
            if not await _find(session, ids, course):
                await _register(session, stage, ids, course)


async def find_patients(
    services: Services, actor: Actor, practices: dict[str, PracticeIds], courses: Sequence[Course]
) -> None:
    """Look up who is registered already."""
    for course in courses:
        ids = practices[course.practice]
        async with services.database.practice_transaction(actor, ids.id) as session:
            await _find(session, ids, course)


async def _find(session: AsyncSession, ids: PracticeIds, course: Course) -> bool:
    """Look the course's rows up; a case is made with all that belongs to it, or not at all."""
    known = await patients(session, ids.id, source_id=course.person.source_id)
    if not known:
        return False
    ids.patients[course.key] = known[0].id
    for case in await cases_of(session, ids.id, known[0].id):
        if case.title == course.title:
            ids.cases[course.key] = case.id
            held = await coverages_of_case(session, ids.id, case.id)
            ids.coverages[course.key] = min(held, key=lambda coverage: coverage.starts_on).id
            return True
    return False


async def _register(session: AsyncSession, stage: Stage, ids: PracticeIds, course: Course) -> None:
    now, starts_on = stage.services.now(), stage.play.starts_on
    patient = _patient(course.person)
    patient_id = await register_patient(session, ids.id, patient, now=now, today=stage.today)
    ids.patients[course.key] = patient_id
    if course.guardians:
        shares = [await _share(session, ids.id, course, number) for number in range(len(course.guardians))]
        given = NewShares(starts_on=covered_from(starts_on), shares=shares)
        await set_shares(session, ids.id, patient_id, given)
    case_id = ids.cases[course.key] = await open_case(
        session, ids.id, await _case(session, ids, course, stage)
    )
    coverage = _coverage(ids, course, case_id, course.coverage, covered_from(starts_on))
    ids.coverages[course.key] = await add_coverage(session, ids.id, coverage, by=stage.actor.id, now=now)
    if course.discipline in WITH_PLAN_OF_CARE:
        await record_plan_of_care(session, ids.id, _plan_of_care(ids, course, case_id, starts_on))
    for number, plan, is_extension in course.numbers():
        if not is_extension and plan.recorded_after_days == 0:
            await permit(session, stage, ids, course, number, plan, starts_on)
    if course.coverage.payer == "baystate" and course.discipline in WITH_PLAN_OF_CARE:
        limit = _benefit_limit(ids.coverages[course.key], starts_on)
        await limit_benefit(session, ids.id, limit, by=stage.actor.id, now=now)


async def permit(
    session: AsyncSession,
    stage: Stage,
    ids: PracticeIds,
    course: Course,
    number: str,
    plan: AuthorizationPlan,
    from_on: date,
) -> None:
    """Record what a payer permits, as the coordinator does when its letter comes; once a number."""
    given = NewAuthorization(
        coverage_id=ids.coverages[course.key],
        number=number,
        starts_on=from_on,
        ends_on=authorization_ends(stage.play.starts_on),
        blocks=[_block(course, block) for block in plan.blocks],
    )
    try:
        await authorize(session, ids.id, given, by=stage.actor.id, now=stage.services.now())
    except AuthorizationNumberKnown:
        return


def _block(course: Course, plan: BlockPlan) -> NewBlock:
    return NewBlock(
        kind=plan.kind,
        quantity=Decimal(plan.quantity),
        codes=list(plan.codes) if plan.codes else None,
        discipline=course.discipline,
        per_week=None if plan.per_week is None else Decimal(plan.per_week),
    )


async def extend(session: AsyncSession, stage: Stage, ids: PracticeIds, course: Course) -> None:
    """Record what the payer gave in addition."""
    for number, plan, is_extension in course.numbers():
        if is_extension:
            from_on = extension_starts(plan, stage.play.starts_on)
            await permit(session, stage, ids, course, number, plan, from_on)


async def cover_anew(session: AsyncSession, stage: Stage, ids: PracticeIds, course: Course, on: date) -> None:
    """Record the plan that follows one that ended, from a day on."""
    following = course.next_coverage
    assert following is not None, "only a plan that ended has one that follows"
    given = _coverage(ids, course, ids.cases[course.key], following, on)
    await add_coverage(session, ids.id, given, by=stage.actor.id, now=stage.services.now())


def _patient(person: Person) -> NewPatient:
    return NewPatient(
        given_name=person.given_name,
        family_name=person.family_name,
        birth_on=person.birth_on,
        sex=person.sex,
        street=person.street,
        city=person.city,
        state=STATE,
        zip_code=person.zip_code,
        phone=person.phone,
        source_system=SOURCE,
        source_id=person.source_id,
    )


async def _share(session: AsyncSession, practice_id: UUID, course: Course, number: int) -> Share:
    guardian = course.guardians[number]
    parent = guardian.person
    given = NewParty(
        kind="person",
        name=f"{parent.given_name} {parent.family_name}",
        birth_on=parent.birth_on,
        street=parent.street,
        city=parent.city,
        state=STATE,
        zip_code=parent.zip_code,
        phone=parent.phone,
    )
    party_id = await add_party(session, practice_id, given)
    apart = len(course.guardians) > 1
    return Share(party_id=party_id, share_basis_points=guardian.share_basis_points, apart=apart)


async def _case(session: AsyncSession, ids: PracticeIds, course: Course, stage: Stage) -> NewCase:
    starts_on = stage.play.starts_on
    at_work = course.kind == "workers_compensation"
    employer_id = await add_party(session, ids.id, _employer()) if at_work else None
    return NewCase(
        patient_id=ids.patients[course.key],
        kind=course.kind,
        title=course.title,
        opened_on=starts_on,
        diagnoses=list(course.diagnoses),
        accident_on=starts_on - ACCIDENT_BEFORE if at_work else None,
        accident_state=STATE if at_work else None,
        accident_claim_number=f"WC{course.coverage.member_number[-7:]}" if at_work else None,
        employer_id=employer_id,
    )


def _employer() -> NewParty:
    return NewParty(
        kind="employer",
        name="Merrimack Cold Storage",
        street="400 Dock Road",
        city="Boston",
        state=STATE,
        zip_code="021281100",
    )


def _coverage(
    ids: PracticeIds, course: Course, case_id: UUID, plan: CoveragePlan, starts_on: date
) -> NewCoverage:
    holder = plan.subscriber or course.person
    return NewCoverage(
        case_id=case_id,
        payer_id=ids.payers[plan.payer],
        ordinal=1,
        member_number=plan.misread_number or plan.member_number,
        group_number=plan.group_number,
        relationship="child" if plan.subscriber else "self",
        subscriber_given_name=holder.given_name,
        subscriber_family_name=holder.family_name,
        subscriber_birth_on=holder.birth_on,
        subscriber_sex=holder.sex,
        starts_on=starts_on,
    )


def _plan_of_care(ids: PracticeIds, course: Course, case_id: UUID, starts_on: date) -> NewPlanOfCare:
    return NewPlanOfCare(
        case_id=case_id,
        discipline=course.discipline,
        provider_id=ids.therapists[course.slots[0].therapist],
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=90),
        certified_on=starts_on + timedelta(days=3),
        certified_by="Dr. Elena Voss",
        certifier_npi="1205999992",
    )


def _benefit_limit(coverage_id: UUID, starts_on: date) -> NewBenefitLimit:
    return NewBenefitLimit(
        coverage_id=coverage_id,
        kind="visits",
        quantity=Decimal(BENEFIT_VISITS),
        disciplines=["PT", "OT", "SLP"],
        starts_on=covered_from(starts_on),
        ends_on=date(starts_on.year, 12, 31),
        source="Plan booklet: 30 therapy visits a calendar year",
    )
