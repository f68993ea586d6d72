"""What Medicaid asks of a patient: the month's share of cost, orders, and what rested on not knowing it."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.organization import Created
from api.v1.routers import practice_routes
from domain.patient_billing.retro_coverage import RestedWithout, rested_without
from domain.patients import medicaid
from domain.patients.medicaid import CostShareView, NewCostShare, NewExpense, NewOrder, OrderView
from tenants.access import Permission
from tenants.clock import Clock

READ = {"permission": Permission.PATIENT_READ}
WRITE = {"permission": Permission.PATIENT_WRITE}


@get("/cost-shares", opt=READ)
async def list_cost_shares(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], coverage_id: FromQuery[UUID]
) -> list[CostShareView]:
    """A coverage's shares by month, with what was borne and since when they are met."""
    return await medicaid.cost_shares(session, practice_id, coverage_id)


@post("/cost-shares", opt=WRITE)
async def create_cost_share(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[NewCostShare],
) -> Created:
    """Record what the patient bears in a month before Medicaid pays."""
    return Created(id=await medicaid.record_cost_share(session, practice_id, data, now=clock.now()))


@post("/cost-shares/{share_id:uuid}/expenses", opt=WRITE, status_code=204)
async def create_expense(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    share_id: FromPath[UUID],
    data: JSONBody[NewExpense],
) -> None:
    """Count an expense towards the month's share, once."""
    await medicaid.record_expense(session, practice_id, share_id, data, now=clock.now())


@get("/treatment-orders", opt=READ)
async def list_orders(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], case_id: FromQuery[UUID]
) -> list[OrderView]:
    """Who ordered or referred the treatment of a case."""
    return await medicaid.orders(session, practice_id, case_id)


@post("/treatment-orders", opt=WRITE)
async def create_order(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[NewOrder],
) -> Created:
    """Record an order or referral."""
    return Created(id=await medicaid.record_order(session, practice_id, data, now=clock.now()))


@get("/coverages/{coverage_id:uuid}/rested-without", opt={"permission": Permission.LEDGER_READ})
async def read_rested_without(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], coverage_id: FromPath[UUID]
) -> list[RestedWithout]:
    """What was seen, billed elsewhere and paid by patients before this coverage was known."""
    return await rested_without(session, practice_id, coverage_id)


ROUTER = practice_routes(
    "", list_cost_shares, create_cost_share, create_expense, list_orders, create_order, read_rested_without
)
