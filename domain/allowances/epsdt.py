"""Where no cap of a plan may hold because of the patient's age (EPSDT, 42 USC 1396d(r)(5)): it only warns."""

from datetime import date
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.payer_rules import Asked, ask
from billing_rules.therapy.staffing_rules import VISIT_CAP, VisitCap
from domain.allowances.choosing import LimitState
from domain.allowances.payers import PayersOn
from domain.patients.coverages import CoverageView
from domain.patients.models import Coverage, Patient


def cap_is_lifted(book: RuleBook, asked: Asked, born_on: date) -> bool:
    """Whether the payer's row lifts its caps at the patient's age on the date of service."""
    return ask(book, VISIT_CAP, asked).read(VisitCap).is_lifted(born_on, asked.on)


async def lift_caps(
    session: AsyncSession, practice_id: UUID, payers: PayersOn, state: LimitState
) -> LimitState:
    """The same limits, those of a plan whose caps are lifted being soft: counted, and refusing nothing."""
    if not any(limit.hard and limit.ref.kind == "benefit_limit" for limit in state.limits):
        return state
    born = (
        select(Coverage.id, Patient.birth_on)
        .join(Patient, (Patient.practice_id == Coverage.practice_id) & (Patient.id == Coverage.patient_id))
        .where(Coverage.practice_id == practice_id, Coverage.id.in_([c.id for c in payers.coverages]))
    )
    births = {row.id: row.birth_on for row in await session.execute(born)}
    lifted = {c.id for c in payers.coverages if cap_is_lifted(payers.book, _asked(payers, c), births[c.id])}
    state.limits = [
        replace(limit, hard=False)
        if limit.coverage_id in lifted and limit.ref.kind == "benefit_limit"
        else limit
        for limit in state.limits
    ]
    return state


def _asked(payers: PayersOn, coverage: CoverageView) -> Asked:
    return Asked(payer=coverage.rule_key, plan=coverage.plan, state=payers.state, on=payers.on)
