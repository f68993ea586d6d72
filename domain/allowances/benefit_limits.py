"""Recording what a plan pays for at most in a period, with or without an authorization (CORE-04)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from domain.allowances.authorizations import Recorded
from domain.allowances.models import BenefitLimit
from domain.allowances.quantities import LEDGER_UNIT, to_ledger
from domain.ledger.limits import Grant, LimitRef
from domain.patients.models import Coverage
from domain.views import require_reference
from tenants.errors import Invalid
from tenants.ids import new_id


class NewBenefitLimit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A cap of the plan: `disciplines` share it, `once_a_day` counts two disciplines on one date as one.

    A hard limit refuses bookings where the schedule is kept here, a soft one only flags them.
    """

    coverage_id: UUID
    kind: Literal["visits", "units", "days"]
    quantity: Decimal
    disciplines: Annotated[list[str], Meta(min_length=1)] | None = None
    starts_on: date
    ends_on: date
    hard: bool = True
    once_a_day: bool = False
    source: Annotated[str, Meta(min_length=1)]


async def record_benefit_limit(
    session: AsyncSession, practice_id: UUID, given: NewBenefitLimit, *, now: datetime
) -> Recorded:
    """Write a benefit limit; the caller posts its grant. Raises Invalid for a wrong date or quantity."""
    await require_reference(session, Coverage, practice_id, given.coverage_id, "/coverage_id")
    if given.ends_on < given.starts_on:
        raise Invalid("it ends before it starts", pointer="/ends_on")
    limit = BenefitLimit(
        practice_id=practice_id,
        id=new_id(),
        coverage_id=given.coverage_id,
        ledger_unit=LEDGER_UNIT[given.kind],
        quantity=to_ledger(given.quantity, given.kind, "/quantity"),
        disciplines=given.disciplines,
        starts_on=given.starts_on,
        ends_on=given.ends_on,
        hard=given.hard,
        once_a_day=given.once_a_day,
        source=given.source,
        recorded_at=now,
    )
    session.add(limit)
    await session.flush()
    return Recorded(id=limit.id, coverage_id=given.coverage_id, grants=(_grant(limit),))


def _grant(limit: BenefitLimit) -> Grant:
    return Grant(
        limit=LimitRef("benefit_limit", limit.id, limit.ledger_unit),
        amount=limit.quantity,
        on=limit.starts_on,
        source="recorded",
        reason=limit.source,
    )
