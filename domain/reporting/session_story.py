"""One session from its minutes to its charges, its limits and its claims."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from domain.allowances.models import Authorization, AuthorizationBlock, BenefitLimit, LimitChoice
from domain.allowances.quantities import SHOWN_AS, words
from domain.claims.models import Claim, ClaimLine, ClaimLineSource
from domain.patients.models import Case, Coverage, Patient
from domain.practices.models import Location, Payer, Provider
from domain.reporting.clocks import zone_of
from domain.scheduling.models import Appointment
from domain.visits.queries import VisitView, visit


class OnClaim(Struct, frozen=True, kw_only=True):
    """A claim that carries charges of the session."""

    id: UUID
    control_number: str
    payer_name: str
    status: str
    billed_cents: Cents


class Drawn(Struct, frozen=True, kw_only=True):
    """What one line of the session takes of which limit, or why of none."""

    code: str
    payer_name: str
    limit: str
    amount: str
    stage: str
    reason: str


class SessionStory(Struct, frozen=True, kw_only=True):
    """One session: people, place, note, charges, what it drew and the claims it is on."""

    visit: VisitView
    zone: str
    patient_name: str
    case_title: str | None
    provider_name: str
    location_name: str
    appointment_reason: str | None
    drawn: list[Drawn]
    claims: list[OnClaim]


async def session_story(session: AsyncSession, practice_id: UUID, visit_id: UUID) -> SessionStory:
    """One session with everything that follows from it; raises NotFound."""
    found = await visit(session, practice_id, visit_id)
    patient = await session.get_one(Patient, (practice_id, found.patient_id))
    provider = await session.get_one(Provider, (practice_id, found.provider_id))
    location = await session.get_one(Location, (practice_id, found.location_id))
    case = await session.get(Case, (practice_id, found.case_id)) if found.case_id else None
    booked = (
        await session.get(Appointment, (practice_id, found.appointment_id)) if found.appointment_id else None
    )
    return SessionStory(
        visit=found,
        zone=await zone_of(session, practice_id),
        patient_name=f"{patient.given_name} {patient.family_name}",
        case_title=case.title if case else None,
        provider_name=f"{provider.given_name} {provider.family_name}, {provider.credential}",
        location_name=location.name,
        appointment_reason=booked.reservation_reason if booked else None,
        drawn=await drawn_by(session, practice_id, visit_id),
        claims=await _claims(session, practice_id, visit_id),
    )


async def drawn_by(session: AsyncSession, practice_id: UUID, visit_id: UUID) -> list[Drawn]:
    """What each line of a session takes of which limit of which payer."""
    mine = LimitChoice.practice_id
    of_block = (AuthorizationBlock.practice_id == mine) & (AuthorizationBlock.id == LimitChoice.limit_id)
    wanted = (
        select(
            LimitChoice,
            Payer.name,
            Authorization.number,
            func.coalesce(AuthorizationBlock.ledger_unit, BenefitLimit.ledger_unit),
        )
        .join(Coverage, (Coverage.practice_id == mine) & (Coverage.id == LimitChoice.coverage_id))
        .join(Payer, (Payer.practice_id == mine) & (Payer.id == Coverage.payer_id))
        .outerjoin(AuthorizationBlock, of_block)
        .outerjoin(
            Authorization,
            (Authorization.practice_id == mine) & (Authorization.id == AuthorizationBlock.authorization_id),
        )
        .outerjoin(
            BenefitLimit, (BenefitLimit.practice_id == mine) & (BenefitLimit.id == LimitChoice.limit_id)
        )
        .where(mine == practice_id, LimitChoice.subject_id == visit_id)
        .order_by(LimitChoice.code, Coverage.ordinal, LimitChoice.limit_kind)
    )
    return [_choice(*row) for row in await session.execute(wanted)]


def _choice(choice: LimitChoice, payer_name: str, number: str | None, unit: str | None) -> Drawn:
    named = f"authorization {number}" if number else choice.limit_kind.replace("_", " ")
    return Drawn(
        code=choice.code,
        payer_name=payer_name,
        limit=named,
        amount=words(choice.amount, SHOWN_AS.get(unit, "visits")) if unit else "nothing",
        stage=choice.stage,
        reason=choice.reason,
    )


async def _claims(session: AsyncSession, practice_id: UUID, visit_id: UUID) -> list[OnClaim]:
    mine = ClaimLineSource.practice_id
    wanted = (
        select(
            Claim.id, Claim.control_number, Payer.name.label("payer_name"), Claim.status, Claim.billed_cents
        )
        .join(ClaimLine, (ClaimLine.practice_id == Claim.practice_id) & (ClaimLine.claim_id == Claim.id))
        .join(ClaimLineSource, (mine == Claim.practice_id) & (ClaimLineSource.claim_line_id == ClaimLine.id))
        .join(Payer, (Payer.practice_id == Claim.practice_id) & (Payer.id == Claim.payer_id))
        .where(mine == practice_id, ClaimLineSource.visit_id == visit_id)
        .distinct()
        .order_by(Claim.id)
    )
    return [OnClaim(**row._mapping) for row in await session.execute(wanted)]
