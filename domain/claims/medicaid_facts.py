"""A claim's Medicaid side: the case's other plans, the month's shares of cost, and who ordered treatment."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.facts.medicaid import CostShareFacts, MedicaidFacts, OrderFacts, PlanFacts
from domain.claims.basis import ClaimBasis
from domain.claims.models import Claim
from domain.patients.medicaid import OrderView, orders, shares_of
from domain.practices.credential_models import OrderingEnrolment
from domain.practices.models import Payer


async def medicaid_facts(session: AsyncSession, basis: ClaimBasis) -> MedicaidFacts | None:
    """What is recorded, or None where nothing is."""
    claim = basis.claim
    found = MedicaidFacts(
        other_plans=await _other_plans(session, basis),
        cost_shares=tuple(
            CostShareFacts(
                month_on=share.month_on,
                kind=share.kind,
                amount_cents=share.amount_cents,
                borne_cents=share.borne_cents,
                met_on=share.met_on,
            )
            for share in await shares_of(session, claim.practice_id, claim.coverage_id)
        ),
        orders=await _orders(session, claim),
    )
    return found if found != MedicaidFacts() else None


async def _other_plans(session: AsyncSession, basis: ClaimBasis) -> tuple[PlanFacts, ...]:
    """The other Medicaid plans of the case, for a claim that goes to one."""
    claim = basis.claim
    if basis.payer.kind != "medicaid" or len(basis.coverages) == 1:
        return ()
    mine = select(Payer.id).where(Payer.practice_id == claim.practice_id, Payer.kind == "medicaid")
    medicaid: set[UUID] = set((await session.execute(mine)).scalars())
    return tuple(
        PlanFacts(plan=coverage.payer_name, starts_on=coverage.starts_on, ends_on=coverage.ends_on)
        for coverage in basis.coverages
        if coverage.payer_id in medicaid and coverage.id != claim.coverage_id
    )


async def _orders(session: AsyncSession, claim: Claim) -> tuple[OrderFacts, ...]:
    known = await orders(session, claim.practice_id, claim.case_id)
    row = OrderingEnrolment
    mine = (row.practice_id == claim.practice_id, row.payer_id == claim.payer_id)
    enrolled = select(row).where(*mine, row.npi.in_({order.npi for order in known}))
    rows = list((await session.execute(enrolled.order_by(row.starts_on))).scalars()) if known else []
    return tuple(_order(order, [one for one in rows if one.npi == order.npi]) for order in known)


def _order(order: OrderView, enrolled: list[OrderingEnrolment]) -> OrderFacts:
    return OrderFacts(
        discipline=order.discipline,
        starts_on=order.starts_on,
        ends_on=order.ends_on,
        enrolled=tuple((one.starts_on, one.ends_on) for one in enrolled),
    )
