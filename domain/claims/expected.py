"""What a claim's payer should pay, under the contract of its dates of service, as known now or then."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from billing_rules.therapy.expected_allowed import AllowedLine, ServiceLine, expected_allowed
from billing_rules.therapy.expected_payment import expected_payment
from domain.claims.expected_views import ExpectedView, expected_view
from domain.claims.models import Claim, ClaimLine, ClaimLineSource
from domain.patients.cost_sharing import cost_sharing_on
from domain.patients.models import Coverage
from domain.practices.contracts import pricing_for
from domain.practices.models import Provider
from domain.visits.models import Visit
from tenants.audit import note_patients
from tenants.errors import NotFound

Behind = tuple[str, str | None]
NOBODY: Behind = ("", None)


async def expected_of_claim(
    session: AsyncSession, practice_id: UUID, claim_id: UUID, *, known_at: datetime | None = None
) -> ExpectedView:
    """The expected payment with every step; raises NotFound. The patient is noted for the audit."""
    claim = await session.get(Claim, (practice_id, claim_id))
    if claim is None:
        raise NotFound(f"no claim {claim_id}")
    note_patients(session, claim.patient_id)
    coverage = await session.get_one(Coverage, (practice_id, claim.coverage_id))
    pricing = await pricing_for(
        session, practice_id, claim.payer_id, on=claim.first_on, plan=coverage.plan, known_at=known_at
    )
    sharing = await cost_sharing_on(
        session, practice_id, claim.coverage_id, claim.first_on, known_at=known_at
    )
    lines = await _lines(session, practice_id, _same_days(claim))
    asked = [service_line(line, behind, elsewhere=of.id != claim.id) for line, of, behind in lines]
    own = [line for line, of, _ in lines if of.id == claim.id]
    expected = expected_payment(asked, pricing, sharing)
    return expected_view(claim, coverage, own, expected, pricing.book.version, known_at)


async def rates_of_claims(
    session: AsyncSession, practice_id: UUID, claims: Sequence[Claim]
) -> dict[UUID, AllowedLine]:
    """What each line of many claims of a practice should be allowed, by line, in few statements."""
    days = [claim.first_on for claim in claims] + [claim.last_on for claim in claims]
    if not days:
        return {}
    patients, payers = {claim.patient_id for claim in claims}, {claim.payer_id for claim in claims}
    of_them = (
        Claim.patient_id.in_(patients),
        Claim.payer_id.in_(payers),
        ClaimLine.date_of_service.between(min(days), max(days)),
        or_(Claim.id.in_([claim.id for claim in claims]), _stands(practice_id)),
    )
    together: dict[tuple[UUID, UUID], list[ServiceLine]] = {}
    for line, claim, behind in await _lines(session, practice_id, of_them):
        mine = together.setdefault((claim.payer_id, claim.patient_id), [])
        mine.append(service_line(line, behind, elsewhere=False))
    pricings = {
        payer: await pricing_for(session, practice_id, payer, on=min(days)) for payer in sorted(payers)
    }
    told = (
        each for (payer, _), lines in together.items() for each in expected_allowed(lines, pricings[payer])
    )
    return {UUID(each.key): each for each in told}


def _same_days(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    """The claim's lines, and those of other claims of the same patient, payer and dates that still count."""
    return (
        Claim.patient_id == claim.patient_id,
        Claim.payer_id == claim.payer_id,
        ClaimLine.date_of_service.between(claim.first_on, claim.last_on),
        or_(Claim.id == claim.id, _stands(claim.practice_id) & (Claim.id != claim.replaces)),
    )


def _stands(practice_id: UUID) -> ColumnElement[bool]:
    """A claim that is not void, and that no other one replaced."""
    other = aliased(Claim)
    replaced = select(other.id).where(
        other.practice_id == practice_id, other.replaces == Claim.id, other.status != "voided"
    )
    return (Claim.status != "voided") & (Claim.frequency != "8") & ~replaced.correlate(Claim).exists()


async def _lines(
    session: AsyncSession, practice_id: UUID, where: Sequence[ColumnElement[bool]]
) -> list[tuple[ClaimLine, Claim, Behind]]:
    """Lines with their claims, the oldest claim first, and who rendered them."""
    wanted = (
        select(ClaimLine, Claim)
        .join(Claim, (Claim.practice_id == ClaimLine.practice_id) & (Claim.id == ClaimLine.claim_id))
        .where(ClaimLine.practice_id == practice_id, *where)
        .order_by(Claim.created_at, Claim.id, ClaimLine.number)
    )
    found = [(line, claim) for line, claim in await session.execute(wanted)]
    behind = await _behind(session, practice_id, [line.id for line, _ in found])
    return [(line, claim, behind.get(line.id, NOBODY)) for line, claim in found]


async def _behind(session: AsyncSession, practice_id: UUID, line_ids: Sequence[UUID]) -> dict[UUID, Behind]:
    """Of each line its first visit, and the credential of who rendered that."""
    wanted = (
        select(ClaimLineSource.claim_line_id, Visit.id, Provider.credential)
        .join(
            Visit, (Visit.practice_id == ClaimLineSource.practice_id) & (Visit.id == ClaimLineSource.visit_id)
        )
        .join(Provider, (Provider.practice_id == Visit.practice_id) & (Provider.id == Visit.provider_id))
        .where(ClaimLineSource.practice_id == practice_id, ClaimLineSource.claim_line_id.in_(line_ids))
        .order_by(Visit.starts_at.desc(), Visit.id.desc())
    )
    rows = await session.execute(wanted)
    return {line_id: (str(visit), credential) for line_id, visit, credential in rows}


def service_line(line: ClaimLine, behind: Behind, *, elsewhere: bool) -> ServiceLine:
    """A claim line as the rules price it."""
    visit, credential = behind
    return ServiceLine(
        key=str(line.id),
        served_on=line.date_of_service,
        code=line.code,
        modifiers=tuple(line.modifiers),
        units=line.units,
        charge_cents=line.charge_cents,
        place_of_service=line.place_of_service,
        credential=credential,
        visit=visit,
        is_elsewhere=elsewhere,
    )
