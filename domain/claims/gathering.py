"""What a claim says, read from where each fact is kept once."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.payer_rules import Asked, claim_assembly
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
from domain.patients.coverages import coverages_in_force
from domain.patients.models import Case, CaseDiagnosis, Coverage, Patient
from domain.practices.identifiers import NoIdentifier, ResolvedIdentifier, resolve_identifier
from domain.practices.models import Location, Payer, PracticeProfile, Provider

MOST_DIAGNOSES = 12


async def gather(session: AsyncSession, claim: Claim, book: RuleBook) -> ClaimContent:
    """Read everything that the claim says from where it is kept."""
    practice_id = claim.practice_id
    profile = (
        await session.execute(select(PracticeProfile).where(PracticeProfile.practice_id == practice_id))
    ).scalar_one()
    coverage = await session.get_one(Coverage, (practice_id, claim.coverage_id))
    payer = await session.get_one(Payer, (practice_id, claim.payer_id))
    asked = Asked(payer=payer.rule_key, plan=coverage.plan, state=profile.state, on=claim.first_on)
    content = await _content(session, claim, profile, coverage, payer, _most_diagnoses(book, asked))
    content = await with_supervisors(session, claim, book, asked, content)
    return await with_orderers(session, claim, book, asked, content)


async def _content(
    session: AsyncSession,
    claim: Claim,
    profile: PracticeProfile,
    coverage: Coverage,
    payer: Payer,
    most_diagnoses: int,
) -> ClaimContent:
    patient = await session.get_one(Patient, (claim.practice_id, claim.patient_id))
    case = await session.get_one(Case, (claim.practice_id, claim.case_id))
    diagnoses = await _diagnoses(session, claim, most_diagnoses)
    lines = await line_contents(session, claim, len(diagnoses))
    return ClaimContent(
        control_number=claim.control_number,
        frequency=claim.frequency,
        payer_control_number=claim.payer_control_number if claim.frequency != "1" else None,
        payer_ordinal=await _place_in_order(session, claim, coverage),
        discipline=claim.discipline,
        billing=_billing(profile, await _identifier(session, claim, "billing")),
        payer=_payer(payer),
        subscriber=_subscriber(coverage, patient),
        patient=_person(patient),
        rendering=await _rendering(session, claim),
        facility=await _facility(session, claim, lines),
        accident=_accident(case),
        diagnoses=diagnoses,
        lines=lines,
        referring=await referring_of(session, claim),
    )


async def _place_in_order(session: AsyncSession, claim: Claim, coverage: Coverage) -> int:
    """Which payer this is on the date of service: a second one is first where the first is not in force."""
    in_force = await coverages_in_force(session, claim.practice_id, claim.case_id, on=claim.first_on)
    same = [c for c in in_force if c.benefit_class == coverage.benefit_class]
    return 1 + sum(c.ordinal < coverage.ordinal for c in same)


async def _identifier(session: AsyncSession, claim: Claim, role: str) -> ResolvedIdentifier:
    return await resolve_identifier(
        session,
        claim.practice_id,
        role,  # type: ignore[arg-type]
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


def _subscriber(coverage: Coverage, patient: Patient) -> SubscriberContent:
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


async def _rendering(session: AsyncSession, claim: Claim) -> ClinicianContent:
    provider = await session.get_one(Provider, (claim.practice_id, claim.rendering_provider_id))
    try:
        known_as: ResolvedIdentifier | None = await _identifier(session, claim, "rendering")
    except NoIdentifier:
        known_as = None  # the claim is written down all the same: its check says what is missing
    return ClinicianContent(
        given_name=provider.given_name,
        family_name=provider.family_name,
        npi=known_as.npi if known_as else None,
        taxonomy=known_as.taxonomy if known_as else None,
        legacy_id=known_as.legacy_id if known_as else None,
    )


async def _facility(session: AsyncSession, claim: Claim, lines: tuple[LineContent, ...]) -> FacilityContent:
    """Where it took place; a claim of remote sessions only says so as a whole (CLM05)."""
    location = await session.get_one(Location, (claim.practice_id, claim.location_id))
    places = {line.place_of_service for line in lines}
    known_as = await _identifier(session, claim, "facility")
    return FacilityContent(
        name=location.name,
        npi=known_as.npi,
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
