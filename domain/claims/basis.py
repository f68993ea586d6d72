"""What a claim's content, its names and its facts all start from, read once and handed on."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.payer_rules import Asked
from domain.allowances.models import Authorization, AuthorizationBlock, PlanOfCare
from domain.claims.models import Claim, ClaimLine, ClaimLineSource
from domain.patients.coverages import CoverageView, coverages_of_case
from domain.patients.models import Case, Patient
from domain.practices.identifiers import IdentifierBook, identifier_rows
from domain.practices.models import Location, Payer, PracticeProfile, Provider
from domain.practices.rules import rule_book_for
from domain.practices.staff_book import StaffBook, staff_book
from domain.visits.models import ChargeLine, Visit, VisitService
from domain.visits.query_models import ClinicianQuery
from tenants.audit import note_patients


class Behind(NamedTuple):
    """A line of the claim with one charge behind it and the session of that charge."""

    line: ClaimLine
    charge: ChargeLine
    visit: Visit


class Known(Struct, frozen=True, kw_only=True):
    """What an assembly has read for all its claims: the practice, the coverages of a case, and the staff."""

    profile: PracticeProfile
    coverages: tuple[CoverageView, ...]
    staff: StaffBook


class ClaimBasis(Struct, frozen=True, kw_only=True):
    """The rows about one claim; what a transaction changes on them is seen by all who hold them."""

    claim: Claim
    book: RuleBook
    profile: PracticeProfile
    payer: Payer
    patient: Patient
    case: Case
    coverages: tuple[CoverageView, ...]
    behind: tuple[Behind, ...]
    services: tuple[VisitService, ...]
    queries: tuple[ClinicianQuery, ...]
    plans: tuple[PlanOfCare, ...]
    approvals: tuple[tuple[Authorization, AuthorizationBlock | None], ...]
    staff: StaffBook
    identifiers: IdentifierBook

    @property
    def coverage(self) -> CoverageView:
        """The coverage that the claim goes to."""
        return next(c for c in self.coverages if c.id == self.claim.coverage_id)

    @property
    def asked(self) -> Asked:
        """Whom to ask the rule book for, on the claim's first date of service."""
        return Asked(
            payer=self.payer.rule_key,
            plan=self.coverage.plan,
            state=self.profile.state,
            on=self.claim.first_on,
        )

    @property
    def lines(self) -> list[ClaimLine]:
        """The claim's lines in their order."""
        return sorted({one.line.id: one.line for one in self.behind}.values(), key=lambda line: line.number)

    @property
    def visits(self) -> dict[int, list[Visit]]:
        """The sessions behind each line by its number, each as often as charges of it stand there."""
        grouped: dict[int, list[Visit]] = {}
        for one in sorted(self.behind, key=lambda one: (one.line.number, one.visit.starts_at)):
            grouped.setdefault(one.line.number, []).append(one.visit)
        return grouped

    @property
    def sessions(self) -> list[Visit]:
        """Each session once."""
        return list({visit.id: visit for behind in self.visits.values() for visit in behind}.values())

    def services_of(self, one: Behind) -> list[VisitService]:
        """What the note of a session says under the code of its charge, in the note's order."""
        return [s for s in self.services if s.visit_id == one.visit.id and s.code == one.charge.code]


async def claim_basis(
    session: AsyncSession, claim: Claim, *, book: RuleBook | None = None, known: Known | None = None
) -> ClaimBasis:
    """Read it; what an assembly knows already is taken over."""
    note_patients(session, claim.patient_id)
    profile, payer, patient, case = await _people(session, claim)
    behind = await lines_behind(session, claim)
    visits = {one.visit.id: one.visit for one in behind}
    staff = known.staff if known else await staff_of(session, claim, visits.values())
    in_case = known.coverages if known else await coverages_of_case(session, claim.practice_id, claim.case_id)
    return ClaimBasis(
        claim=claim,
        book=book or await rule_book_for(session, claim.practice_id),
        profile=profile,
        payer=payer,
        patient=patient,
        case=case,
        coverages=tuple(in_case),
        behind=behind,
        services=await _services(session, claim, visits),
        queries=await _queries(session, claim, visits),
        plans=await _plans(session, claim),
        approvals=await _approvals(session, claim, behind),
        staff=staff,
        identifiers=await _identifiers(session, claim, profile, behind, staff),
    )


async def staff_of(session: AsyncSession, claim: Claim, visits: Collection[Visit]) -> StaffBook:
    """Whoever gave the sessions of a claim, supervised them, or renders it."""
    named = {visit.supervisor_id for visit in visits if visit.supervisor_id}
    given = {visit.provider_id for visit in visits}
    return await staff_book(session, claim.practice_id, given, {*named, claim.rendering_provider_id})


async def _people(session: AsyncSession, claim: Claim) -> tuple[PracticeProfile, Payer, Patient, Case]:
    mine = claim.practice_id
    wanted = (
        select(PracticeProfile, Payer, Patient, Case)
        .join(Payer, Payer.practice_id == PracticeProfile.practice_id)
        .join(Patient, Patient.practice_id == PracticeProfile.practice_id)
        .join(Case, Case.practice_id == PracticeProfile.practice_id)
        .where(
            PracticeProfile.practice_id == mine,
            Payer.id == claim.payer_id,
            Patient.id == claim.patient_id,
            Case.id == claim.case_id,
        )
    )
    row = (await session.execute(wanted)).one()
    return row[0], row[1], row[2], row[3]


async def lines_behind(session: AsyncSession, claim: Claim) -> tuple[Behind, ...]:
    """Every charge behind a claim with its line and its visit, in the order of the lines."""
    source, line, charge = ClaimLineSource, ClaimLine, ChargeLine
    wanted = (
        select(line, charge, Visit)
        .join(source, (source.practice_id == line.practice_id) & (source.claim_line_id == line.id))
        .join(charge, (charge.practice_id == source.practice_id) & (charge.id == source.charge_line_id))
        .join(Visit, (Visit.practice_id == source.practice_id) & (Visit.id == source.visit_id))
        .where(line.practice_id == claim.practice_id, line.claim_id == claim.id)
        .order_by(line.number, source.id)
    )
    return tuple(Behind(row[0], row[1], row[2]) for row in await session.execute(wanted))


async def _services(
    session: AsyncSession, claim: Claim, visit_ids: Collection[UUID]
) -> tuple[VisitService, ...]:
    mine = (VisitService.practice_id == claim.practice_id, VisitService.visit_id.in_(visit_ids))
    wanted = select(VisitService).where(*mine).order_by(VisitService.visit_id, VisitService.ordinal)
    return tuple((await session.execute(wanted)).scalars())


async def _queries(
    session: AsyncSession, claim: Claim, visit_ids: Collection[UUID]
) -> tuple[ClinicianQuery, ...]:
    mine = (ClinicianQuery.practice_id == claim.practice_id, ClinicianQuery.visit_id.in_(visit_ids))
    wanted = select(ClinicianQuery).where(*mine).order_by(ClinicianQuery.asked_at, ClinicianQuery.id)
    return tuple((await session.execute(wanted)).scalars())


async def _plans(session: AsyncSession, claim: Claim) -> tuple[PlanOfCare, ...]:
    mine = (PlanOfCare.practice_id == claim.practice_id, PlanOfCare.case_id == claim.case_id)
    wanted = select(PlanOfCare).where(*mine).order_by(PlanOfCare.starts_on, PlanOfCare.id)
    return tuple((await session.execute(wanted)).scalars())


async def _approvals(
    session: AsyncSession, claim: Claim, behind: Sequence[Behind]
) -> tuple[tuple[Authorization, AuthorizationBlock | None], ...]:
    """The coverage's authorizations and those that lines name, each with its blocks, in order of making."""
    on_lines = {one.line.authorization_id for one in behind if one.line.authorization_id}
    wanted = (
        select(Authorization, AuthorizationBlock)
        .outerjoin(
            AuthorizationBlock,
            (AuthorizationBlock.practice_id == Authorization.practice_id)
            & (AuthorizationBlock.authorization_id == Authorization.id),
        )
        .where(
            Authorization.practice_id == claim.practice_id,
            or_(Authorization.coverage_id == claim.coverage_id, Authorization.id.in_(on_lines)),
        )
        .order_by(Authorization.id, AuthorizationBlock.id)
    )
    return tuple((row[0], row[1]) for row in await session.execute(wanted))


async def _identifiers(
    session: AsyncSession,
    claim: Claim,
    profile: PracticeProfile,
    behind: Sequence[Behind],
    staff: StaffBook,
) -> IdentifierBook:
    places = {claim.location_id, *(one.visit.location_id for one in behind)}
    mine = (Location.practice_id == claim.practice_id, Location.id.in_(places))
    locations = (await session.execute(select(Location).where(*mine))).scalars()
    return IdentifierBook(
        rows=await identifier_rows(session, claim.practice_id, staff.providers, claim.payer_id),
        profile=profile,
        providers=staff.providers,
        locations={location.id: location for location in locations},
    )


def rendering_of(basis: ClaimBasis) -> Provider:
    """The clinician in whose name the claim goes out."""
    return basis.staff.providers[basis.claim.rendering_provider_id]
