"""What a claim says, read from where each fact is kept once."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.payer_rules import Asked, claim_assembly
from domain.claims.basis import ClaimBasis, rendering_of
from domain.claims.content import (
    AccidentContent,
    Address,
    BillingContent,
    ClaimContent,
    ClinicianContent,
    FacilityContent,
    LineContent,
    PayerContent,
    PersonContent,
    SubscriberContent,
)
from domain.claims.line_content import line_contents
from domain.claims.models import Claim
from domain.claims.ordering import with_orderers
from domain.claims.referring import referring_of
from domain.claims.supervising import with_supervisors
from domain.patients.coverages import CoverageView, in_force_on
from domain.patients.models import Case, CaseDiagnosis, Patient
from domain.practices.identifiers import IdentifierRole, NoIdentifier, ResolvedIdentifier
from domain.practices.models import Payer, PracticeProfile

MOST_DIAGNOSES = 12


async def gather(session: AsyncSession, basis: ClaimBasis) -> ClaimContent:
    """Read everything that the claim says from where it is kept; raises NoIdentifier."""
    content = await _content(session, basis)
    content = with_supervisors(basis, content)
    return await with_orderers(session, basis, content)


async def _content(session: AsyncSession, basis: ClaimBasis) -> ClaimContent:
    claim = basis.claim
    diagnoses = await _diagnoses(session, claim, _most_diagnoses(basis.book, basis.asked))
    lines = line_contents(basis, len(diagnoses))
    return ClaimContent(
        control_number=claim.control_number,
        frequency=claim.frequency,
        payer_control_number=claim.payer_control_number if claim.frequency != "1" else None,
        payer_ordinal=_place_in_order(basis),
        discipline=claim.discipline,
        billing=_billing(basis.profile, _identifier(basis, "billing")),
        payer=_payer(basis.payer),
        subscriber=_subscriber(basis.coverage, basis.patient),
        patient=_person(basis.patient),
        rendering=_rendering(basis),
        facility=_facility(basis, lines),
        accident=_accident(basis.case),
        diagnoses=diagnoses,
        lines=lines,
        referring=referring_of(basis),
    )


def _place_in_order(basis: ClaimBasis) -> int:
    """Which payer this is on the date of service: a second one is first where the first is not in force."""
    own = basis.coverage
    in_force = in_force_on(basis.coverages, basis.claim.first_on)
    same = [c for c in in_force if c.benefit_class == own.benefit_class]
    return 1 + sum(c.ordinal < own.ordinal for c in same)


def _identifier(basis: ClaimBasis, role: IdentifierRole) -> ResolvedIdentifier:
    claim = basis.claim
    return basis.identifiers.resolve(
        role,
        provider_id=claim.rendering_provider_id,
        location_id=claim.location_id,
        payer_id=claim.payer_id,
        on=claim.first_on,
    )


def _billing(profile: PracticeProfile, known_as: ResolvedIdentifier) -> BillingContent:
    return BillingContent(
        name=profile.legal_name,
        npi=known_as.npi,
        taxonomy=known_as.taxonomy or profile.taxonomy,
        tax_id=profile.tax_id,
        legacy_id=known_as.legacy_id,
        phone=profile.phone,
        address=Address(
            street=profile.street, city=profile.city, state=profile.state, zip_code=profile.zip_code
        ),
    )


def _payer(payer: Payer) -> PayerContent:
    known = payer.street and payer.city and payer.state and payer.zip_code
    return PayerContent(
        name=payer.name,
        electronic_id=payer.electronic_id,
        filing_indicator=payer.filing_indicator,
        address=Address(
            street=payer.street or "",
            city=payer.city or "",
            state=payer.state or "",
            zip_code=payer.zip_code or "",
        )
        if known
        else None,
    )


def _person(patient: Patient) -> PersonContent:
    return PersonContent(
        given_name=patient.given_name,
        family_name=patient.family_name,
        birth_on=patient.birth_on,
        sex=patient.sex,
        address=Address(
            street=patient.street, city=patient.city, state=patient.state, zip_code=patient.zip_code
        ),
    )


def _subscriber(coverage: CoverageView, patient: Patient) -> SubscriberContent:
    same = coverage.relationship == "self"
    person = (
        _person(patient)
        if same
        else PersonContent(
            given_name=coverage.subscriber_given_name,
            family_name=coverage.subscriber_family_name,
            birth_on=coverage.subscriber_birth_on,
            sex=coverage.subscriber_sex,
            address=None,
        )
    )
    return SubscriberContent(
        person=person,
        member_number=coverage.member_number,
        group_number=coverage.group_number,
        relationship=coverage.relationship,
    )


def _rendering(basis: ClaimBasis) -> ClinicianContent:
    provider = rendering_of(basis)
    try:
        known_as: ResolvedIdentifier | None = _identifier(basis, "rendering")
    except NoIdentifier:
        known_as = None  # the claim is written down all the same: its check says what is missing
    return ClinicianContent(
        given_name=provider.given_name,
        family_name=provider.family_name,
        npi=known_as.npi if known_as else None,
        taxonomy=known_as.taxonomy if known_as else None,
        legacy_id=known_as.legacy_id if known_as else None,
    )


def _facility(basis: ClaimBasis, lines: tuple[LineContent, ...]) -> FacilityContent:
    """Where it took place; a claim of remote sessions only says so as a whole (CLM05)."""
    location = basis.identifiers.locations[basis.claim.location_id]
    places = {line.place_of_service for line in lines}
    return FacilityContent(
        name=location.name,
        npi=_identifier(basis, "facility").npi,
        place_of_service=places.pop() if len(places) == 1 else location.place_of_service,
        address=Address(
            street=location.street, city=location.city, state=location.state, zip_code=location.zip_code
        ),
    )


def _accident(case: Case) -> AccidentContent | None:
    if case.accident_on is None:
        return None
    kind = {"workers_compensation": "employment", "auto": "auto"}.get(case.kind, "other")
    return AccidentContent(
        kind=kind, on=case.accident_on, state=case.accident_state, claim_number=case.accident_claim_number
    )


def _most_diagnoses(book: RuleBook, asked: Asked) -> int:
    """As many as the payer takes, and an 837P holds."""
    return max(1, min(claim_assembly(book, asked).max_diagnoses, MOST_DIAGNOSES))


async def _diagnoses(session: AsyncSession, claim: Claim, most: int) -> tuple[str, ...]:
    """The first of the case, in its order; what a payer does not take is left off its claim."""
    wanted = select(CaseDiagnosis.code).where(
        CaseDiagnosis.practice_id == claim.practice_id, CaseDiagnosis.case_id == claim.case_id
    )
    ordered = wanted.order_by(CaseDiagnosis.ordinal).limit(most)
    return tuple((await session.execute(ordered)).scalars())
