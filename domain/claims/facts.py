"""A claim's facts as the checks want them: its content, and what stands behind it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
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
from billing_rules.therapy.facts.thresholds import TherapyAccrual
from domain.allowances.models import Authorization
from domain.claims.allowance_facts import Allowed, allowance_facts
from domain.claims.basis import ClaimBasis, claim_basis
from domain.claims.content import ClaimContent, LineContent
from domain.claims.decision_facts import VisitSaid, decisions_of
from domain.claims.evidence_facts import evidence_of
from domain.claims.models import Claim
from domain.claims.note_facts import with_notes
from domain.claims.party_facts import party_facts, provider_facts
from domain.claims.plan_facts import plan_facts
from domain.claims.refusal_facts import refusal_facts
from domain.claims.same_day_facts import Beside, beside, repeated, same_day_facts
from domain.claims.session_facts import session_facts_of
from domain.claims.staffed_facts import with_staffing
from domain.claims.threshold_facts import accrual_facts
from domain.claims.unbilled_facts import unbilled_facts
from domain.claims.versions import current_content
from domain.visits.models import Visit
from tenants.clock import local_date


class _OfLines(Struct, frozen=True, kw_only=True):
    """What stands behind each line, by its number unless said otherwise."""

    visits: dict[int, list[Visit]]
    plans: dict[UUID, PlanOfCareFacts]
    repeated: dict[tuple[str, date, tuple[str, ...]], str]
    evidence: dict[int, ServiceEvidence]
    approvals: dict[int, LineApproval]
    decisions: dict[int, VisitSaid]


async def claim_facts(session: AsyncSession, claim: Claim, now: datetime) -> ClaimFacts:
    """The facts of the current version, to be sent today in the practice's own calendar."""
    content = await current_content(session, claim)
    return await facts_of(session, await claim_basis(session, claim), content, now)


async def facts_of(
    session: AsyncSession,
    basis: ClaimBasis,
    content: ClaimContent,
    now: datetime,
    *,
    accruals: tuple[TherapyAccrual, ...] | None = None,
) -> ClaimFacts:
    """The facts of a version that has just been made; `accruals` where they were read for it already."""
    coverage, profile = basis.coverage, basis.profile
    others = await beside(session, basis.claim)
    allowed = await allowance_facts(session, basis, content)
    facts = ClaimFacts(
        **identity_facts(content),
        payer=coverage.rule_key,
        plan=coverage.plan,
        state=profile.state,
        sent_on=local_date(now, profile.time_zone),
        lines=_lines(content, await _of_lines(session, basis, others, allowed)),
        coverage=CoverageFacts(starts_on=coverage.starts_on, ends_on=coverage.ends_on),
        authorizations=_authorizations(basis),
        authorization_required=None,
        parties=party_facts(content),
        providers=await provider_facts(session, basis, content),
        approvals=allowed.approvals,
        limits=allowed.limits,
        refusals=await refusal_facts(session, basis.claim, profile.time_zone, now),
        elsewhere=await unbilled_facts(session, basis),
        sessions=await session_facts_of(session, basis),
        same_day=await same_day_facts(session, basis.claim.practice_id, others),
        therapy_accruals=await accrual_facts(session, basis) if accruals is None else accruals,
    )
    return await with_staffing(session, basis, content, with_notes(basis, facts))


async def _of_lines(
    session: AsyncSession, basis: ClaimBasis, others: list[Beside], allowed: Allowed
) -> _OfLines:
    return _OfLines(
        visits=basis.visits,
        plans=await plan_facts(session, basis),
        repeated=repeated(basis.claim, others),
        evidence=evidence_of(basis),
        approvals=allowed.of_lines,
        decisions=decisions_of(basis),
    )


def _lines(content: ClaimContent, known: _OfLines) -> tuple[LineFacts, ...]:
    return tuple(_line(content, line, known) for line in content.lines)


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


def _line(content: ClaimContent, line: LineContent, known: _OfLines) -> LineFacts:
    behind = known.visits.get(line.number, [])
    plan_ids = [v.plan_of_care_id for v in behind if v.plan_of_care_id]
    said = known.decisions.get(line.number)
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
        plan_of_care=known.plans.get(plan_ids[0]) if plan_ids else None,
        duplicate_of=known.repeated.get((line.code, line.served_on, line.modifiers)),
        evidence=known.evidence.get(line.number),
        approval=known.approvals.get(line.number),
        decision_making=said.decision_making if said else None,
        noted_minutes=said.minutes if said else None,
    )


def _authorizations(basis: ClaimBasis) -> tuple[AuthorizationFacts, ...]:
    """The authorizations that lines name."""
    on_lines = {line.authorization_id for line in basis.lines}
    named: dict[UUID, Authorization] = {}
    covered: dict[UUID, list[list[str] | None]] = {}
    for authorization, block in basis.approvals:
        if authorization.id in on_lines and block is not None:
            named[authorization.id] = authorization
            covered.setdefault(authorization.id, []).append(block.codes)
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
