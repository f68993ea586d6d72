"""The month's share of cost and what was borne of it, and who ordered a case's treatment (BC-22)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import asdict
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from billing_rules.therapy.code_table import Discipline
from billing_rules.therapy.identifiers import npi_is_valid
from domain.patients.medicaid_models import CostShare, CostShareUse, TreatmentOrder
from domain.patients.models import Case, Coverage
from domain.patients.registration import Named
from domain.views import lock_row, read_views, require_reference
from tenants.audit import note_change, note_patients
from tenants.errors import Conflict, Invalid
from tenants.ids import new_id

Amount = Annotated[int, Meta(gt=0, le=100_000_000)]


class CostShareKnown(Conflict):
    """The month's share is recorded already; what was borne of it is recorded beside it."""

    code = "cost_share_known"


class ExpenseDiffers(Conflict):
    """The same expense was recorded before with another amount or date."""

    code = "expense_differs"


class NewCostShare(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the patient bears in one month, as the agency's notice or its 271 says."""

    coverage_id: UUID
    month_on: date
    kind: Literal["spend_down", "share_of_cost"]
    amount_cents: Amount
    source: Named


class NewExpense(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An expense that counts towards the share; its source id makes it count once."""

    incurred_on: date
    amount_cents: Amount
    source_id: Annotated[str, Meta(min_length=1, max_length=100)]


class NewOrder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order or referral behind a case's treatment; without a discipline it is for any."""

    case_id: UUID
    discipline: Discipline | None = None
    npi: str
    name: Named
    starts_on: date
    ends_on: date | None = None


class CostShareView(Struct, frozen=True, kw_only=True):
    """A month's share, what was borne of it, and the day on which it was all borne."""

    id: UUID
    coverage_id: UUID
    month_on: date
    kind: Literal["spend_down", "share_of_cost"]
    amount_cents: Cents
    borne_cents: Cents
    met_on: date | None
    source: str


class OrderView(Struct, frozen=True, kw_only=True):
    """Who ordered the treatment of a case."""

    id: UUID
    case_id: UUID
    discipline: str | None
    npi: str
    name: str
    starts_on: date
    ends_on: date | None


async def record_cost_share(
    session: AsyncSession, practice_id: UUID, given: NewCostShare, *, now: datetime
) -> UUID:
    """Record a month's share; raises Invalid for the coverage or a day within a month, CostShareKnown."""
    await require_reference(session, Coverage, practice_id, given.coverage_id, "/coverage_id")
    if given.month_on.day != 1:
        raise Invalid("a month is named by its first day", pointer="/month_on")
    values = asdict(given) | {"practice_id": practice_id, "id": new_id(), "recorded_at": now}
    made = insert(CostShare).values(values).on_conflict_do_nothing().returning(CostShare.id)
    share_id = (await session.execute(made)).scalar_one_or_none()
    if share_id is None:
        raise CostShareKnown("the share of this month is recorded", pointer="/month_on")
    note_change(session, "insert", "cost_shares", share_id)
    return share_id


async def record_expense(
    session: AsyncSession, practice_id: UUID, share_id: UUID, given: NewExpense, *, now: datetime
) -> None:
    """Count an expense towards a share, once per source id; raises NotFound, Invalid, ExpenseDiffers."""
    share = await lock_row(session, CostShare, practice_id, share_id)
    if given.incurred_on.replace(day=1) != share.month_on:
        raise Invalid("the expense is of another month", pointer="/incurred_on")
    mine = (CostShareUse.practice_id == practice_id, CostShareUse.cost_share_id == share_id)
    same = select(CostShareUse).where(*mine, CostShareUse.source_id == given.source_id)
    known = (await session.execute(same)).scalar_one_or_none()
    if known is None:
        row = CostShareUse(
            practice_id=practice_id, id=new_id(), cost_share_id=share_id, recorded_at=now, **asdict(given)
        )
        session.add(row)
        await session.flush()
    elif (known.incurred_on, known.amount_cents) != (given.incurred_on, given.amount_cents):
        raise ExpenseDiffers("this expense was recorded otherwise", pointer="/source_id")


async def cost_shares(session: AsyncSession, practice_id: UUID, coverage_id: UUID) -> list[CostShareView]:
    """The shares of a coverage by month, each with what was borne."""
    coverage = await session.get(Coverage, (practice_id, coverage_id))
    if coverage is not None:
        note_patients(session, coverage.patient_id)
    return await shares_of(session, practice_id, coverage_id)


async def shares_of(session: AsyncSession, practice_id: UUID, coverage_id: UUID) -> list[CostShareView]:
    """As `cost_shares`, for a caller that has named the patient."""
    mine = (CostShare.practice_id == practice_id, CostShare.coverage_id == coverage_id)
    shares = list(
        (await session.execute(select(CostShare).where(*mine).order_by(CostShare.month_on))).scalars()
    )
    used = (CostShareUse.practice_id == practice_id, CostShareUse.cost_share_id.in_([s.id for s in shares]))
    borne = select(CostShareUse).where(*used).order_by(CostShareUse.incurred_on, CostShareUse.id)
    uses = list((await session.execute(borne)).scalars()) if shares else []
    return [_share(share, [use for use in uses if use.cost_share_id == share.id]) for share in shares]


def _share(share: CostShare, uses: Sequence[CostShareUse]) -> CostShareView:
    borne, met_on = 0, None
    for use in uses:
        borne += use.amount_cents
        if met_on is None and borne >= share.amount_cents:
            met_on = use.incurred_on
    return CostShareView(
        id=share.id,
        coverage_id=share.coverage_id,
        month_on=share.month_on,
        kind=share.kind,  # type: ignore[arg-type]
        amount_cents=share.amount_cents,
        borne_cents=borne,
        met_on=met_on,
        source=share.source,
    )


async def record_order(session: AsyncSession, practice_id: UUID, given: NewOrder, *, now: datetime) -> UUID:
    """Record who ordered treatment; raises Invalid for the case, a false NPI, or reversed dates."""
    await require_reference(session, Case, practice_id, given.case_id, "/case_id")
    if not npi_is_valid(given.npi):
        raise Invalid("the NPI fails its check digit", pointer="/npi")
    if given.ends_on is not None and given.ends_on < given.starts_on:
        raise Invalid("it ends before it starts", pointer="/ends_on")
    row = TreatmentOrder(practice_id=practice_id, id=new_id(), recorded_at=now, **asdict(given))
    session.add(row)
    await session.flush()
    return row.id


async def orders(session: AsyncSession, practice_id: UUID, case_id: UUID) -> list[OrderView]:
    """The orders of a case by date."""
    case = await session.get(Case, (practice_id, case_id))
    if case is not None:
        note_patients(session, case.patient_id)
    mine = (TreatmentOrder.practice_id == practice_id, TreatmentOrder.case_id == case_id)
    order = [TreatmentOrder.starts_on, TreatmentOrder.id]
    return await read_views(session, OrderView, TreatmentOrder, *mine, order=order)
