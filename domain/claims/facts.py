"""A claim's facts as the checks want them: its content, and what stands behind it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.claim_facts import (
    AuthorizationFacts,
    ClaimFacts,
    CoverageFacts,
    LineFacts,
    PlanOfCareFacts,
    ServiceEvidence,
)
from billing_rules.therapy.facts.allowances import LineApproval
from domain.allowances.models import Authorization, AuthorizationBlock
from domain.claims.allowance_facts import allowance_facts
from domain.claims.content import ClaimContent, LineContent
from domain.claims.decision_facts import VisitSaid, decisions_of
from domain.claims.evidence_facts import evidence_of
from domain.claims.models import Claim, ClaimLine, ClaimLineSource
from domain.claims.note_facts import with_notes
from domain.claims.party_facts import party_facts, provider_facts
from domain.claims.plan_facts import plan_facts
from domain.claims.refusal_facts import refusal_facts
from domain.claims.same_day_facts import same_day_facts
from domain.claims.session_facts import session_facts_of
from domain.claims.staffed_facts import with_staffing
from domain.claims.threshold_facts import threshold_facts
from domain.claims.unbilled_facts import unbilled_facts
from domain.claims.versions import current_content
from domain.patients.coverages import coverage_by_id
from domain.practices.models import PracticeProfile
from domain.visits.models import Visit
from tenants.clock import local_date


async def claim_facts(session: AsyncSession, claim: Claim, now: datetime) -> ClaimFacts:
    """The facts of the current version, to be sent today in the practice's own calendar."""
    content = await current_content(session, claim)
    coverage = await coverage_by_id(session, claim.practice_id, claim.coverage_id)
    assert coverage is not None
    profile = (
        await session.execute(select(PracticeProfile).where(PracticeProfile.practice_id == claim.practice_id))
    ).scalar_one()
    visits = await _visits(session, claim)
    linked = (v.plan_of_care_id for behind in visits.values() for v in behind if v.plan_of_care_id)
    plans = await plan_facts(session, claim.practice_id, linked)
    repeated = await _repeated(session, claim)
    evidence = await evidence_of(session, claim)
    decisions = await decisions_of(session, claim)
    allowed = await allowance_facts(session, claim, content, visits)
    facts = ClaimFacts(
        **identity_facts(content),
        payer=coverage.rule_key,
        plan=coverage.plan,
        state=profile.state,
        sent_on=local_date(now, profile.time_zone),
        lines=tuple(
            _line(
                content,
                line,
                visits.get(line.number),
                plans,
                repeated,
                evidence.get(line.number),
                allowed.of_lines.get(line.number),
                decisions.get(line.number),
            )
            for line in content.lines
        ),
        coverage=CoverageFacts(starts_on=coverage.starts_on, ends_on=coverage.ends_on),
        authorizations=await _authorizations(session, claim),
        authorization_required=None,
        parties=party_facts(content),
        providers=await provider_facts(session, claim, content),
        approvals=allowed.approvals,
        limits=allowed.limits,
        refusals=await refusal_facts(session, claim, now),
        elsewhere=await unbilled_facts(session, claim, _once(visits)),
        sessions=await session_facts_of(session, _once(visits)),
        same_day=await same_day_facts(session, claim),
        therapy_accruals=await threshold_facts(session, claim),
    )
    facts = await with_notes(session, claim, facts)
    return await with_staffing(session, claim, coverage, content, visits, facts)


def identity_facts(content: ClaimContent) -> dict[str, Any]:
    """Who bills, treats and is treated, and what the claim itself says, as its content names them."""
    billing, patient = content.billing, content.patient
    return {
        "payer_id": content.payer.electronic_id,
        "frequency": content.frequency,
        "payer_control_number": content.payer_control_number,
        "billing_name": billing.name,
        "billing_npi": billing.npi,
        "billing_taxonomy": billing.taxonomy,
        "billing_tax_id": billing.tax_id,
        "billing_zip": billing.address.zip_code,
        "rendering_npi": content.rendering.npi,
        "rendering_taxonomy": content.rendering.taxonomy,
        "facility_npi": content.facility.npi,
        "facility_zip": content.facility.address.zip_code,
        "member_id": content.subscriber.member_number,
        "patient_last_name": patient.family_name,
        "patient_first_name": patient.given_name,
        "patient_born_on": patient.birth_on,
        "patient_sex": patient.sex,
        "patient_zip": patient.address.zip_code if patient.address else None,
        "diagnoses": content.diagnoses,
    }


def _line(
    content: ClaimContent,
    line: LineContent,
    visits: list[Visit] | None,
    plans: dict[UUID, PlanOfCareFacts],
    repeated: dict[tuple[str, date, tuple[str, ...]], str],
    evidence: ServiceEvidence | None,
    approval: LineApproval | None,
    said: VisitSaid | None,
) -> LineFacts:
    behind = visits or []
    plan_ids = [v.plan_of_care_id for v in behind if v.plan_of_care_id]
    return LineFacts(
        served_on=line.served_on,
        code=line.code,
        modifiers=line.modifiers,
        units=line.units,
        charge_cents=line.charge_cents,
        minutes=line.minutes,
        pointers=line.pointers,
        place_of_service=line.place_of_service,
        discipline=behind[0].discipline if behind else content.discipline,
        session_signed=bool(behind) and all(v.signed_at for v in behind),
        plan_of_care=plans.get(plan_ids[0]) if plan_ids else None,
        duplicate_of=repeated.get((line.code, line.served_on, line.modifiers)),
        evidence=evidence,
        approval=approval,
        decision_making=said.decision_making if said else None,
        noted_minutes=said.minutes if said else None,
    )


def _once(visits: dict[int, list[Visit]]) -> list[Visit]:
    """Each visit behind the claim once."""
    return list({visit.id: visit for behind in visits.values() for visit in behind}.values())


async def _visits(session: AsyncSession, claim: Claim) -> dict[int, list[Visit]]:
    """The visits behind each line, by line number."""
    wanted = (
        select(ClaimLine.number, Visit)
        .join(
            ClaimLineSource,
            (ClaimLineSource.practice_id == ClaimLine.practice_id)
            & (ClaimLineSource.claim_line_id == ClaimLine.id),
        )
        .join(
            Visit, (Visit.practice_id == ClaimLineSource.practice_id) & (Visit.id == ClaimLineSource.visit_id)
        )
        .where(ClaimLine.practice_id == claim.practice_id, ClaimLine.claim_id == claim.id)
        .order_by(ClaimLine.number, Visit.starts_at)
    )
    grouped: dict[int, list[Visit]] = {}
    for number, visit in await session.execute(wanted):
        grouped.setdefault(number, []).append(visit)
    return grouped


async def _repeated(session: AsyncSession, claim: Claim) -> dict[tuple[str, date, tuple[str, ...]], str]:
    """Lines of other claims of the same patient and payer that say the same: code, date and modifiers."""
    wanted = (
        select(ClaimLine.code, ClaimLine.date_of_service, ClaimLine.modifiers, Claim.control_number)
        .join(Claim, (Claim.practice_id == ClaimLine.practice_id) & (Claim.id == ClaimLine.claim_id))
        .where(
            Claim.practice_id == claim.practice_id,
            Claim.patient_id == claim.patient_id,
            Claim.payer_id == claim.payer_id,
            Claim.id != claim.id,
            Claim.status != "voided",
            Claim.case_id == claim.case_id,
            ClaimLine.date_of_service.between(claim.first_on, claim.last_on),
        )
        .order_by(Claim.id, ClaimLine.number)
    )
    if claim.frequency != "1":
        return {}
    return {(r[0], r[1], tuple(r[2])): r[3] for r in await session.execute(wanted)}


async def _authorizations(session: AsyncSession, claim: Claim) -> tuple[AuthorizationFacts, ...]:
    wanted = (
        select(Authorization, AuthorizationBlock.codes)
        .join(
            AuthorizationBlock,
            (AuthorizationBlock.practice_id == Authorization.practice_id)
            & (AuthorizationBlock.authorization_id == Authorization.id),
        )
        .join(
            ClaimLine,
            (ClaimLine.practice_id == Authorization.practice_id)
            & (ClaimLine.authorization_id == Authorization.id),
        )
        .where(ClaimLine.practice_id == claim.practice_id, ClaimLine.claim_id == claim.id)
        .order_by(Authorization.id, AuthorizationBlock.id)
    )
    named: dict[UUID, Authorization] = {}
    covered: dict[UUID, list[list[str] | None]] = {}
    for authorization, codes in await session.execute(wanted):
        named[authorization.id] = authorization
        covered.setdefault(authorization.id, []).append(codes)
    return tuple(_authorization(a, covered[a.id]) for a in named.values())


def _authorization(authorization: Authorization, blocks: list[list[str] | None]) -> AuthorizationFacts:
    """Its codes are those of all blocks; none where a block is for any code."""
    codes = () if None in blocks else tuple(sorted({code for block in blocks for code in block or ()}))
    return AuthorizationFacts(
        number=authorization.number,
        starts_on=authorization.starts_on,
        ends_on=authorization.ends_on,
        codes=codes,
    )
