"""Contracts of payers: rate sheets, what a claim should be paid, and where charges fall short."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.services import Services
from api.v1.organization import Created
from api.v1.routers import practice_routes
from domain.claims.expected import expected_of_claim
from domain.claims.expected_views import ExpectedView
from domain.patients.cost_sharing import CostSharingView, NewCostSharing, cost_sharings, record_cost_sharing
from domain.practices import contract_views
from domain.practices.contract_importing import NewRateSheet, confirm_sheet, preview_sheet, withdraw_version
from domain.practices.contract_previews import SheetPreview, preview_of
from domain.practices.contract_views import ContractSummary, ContractView
from domain.practices.localities import FeeLocalityView, NewFeeLocality, localities, set_locality
from domain.practices.rules import rule_book_for
from domain.reporting.lesser_of_leak import LeakMeasure, lesser_of_leak
from tenants.access import Actor, Permission
from tenants.clock import Clock
from tenants.errors import Invalid

READ = {"permission": Permission.PRACTICE_READ}
MANAGE = {"permission": Permission.PRACTICE_MANAGE}
LARGEST_SHEET = 8 * 1024 * 1024


class Withdrawal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a version that was active is taken back."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]


@get("/contracts", opt=READ)
async def list_contracts(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    payer_id: FromQuery[UUID | None] = None,
) -> list[ContractSummary]:
    """Every version of every payer's contract, with the day by which notice must be given."""
    return await contract_views.contracts(session, practice_id, payer_id)


@post("/contracts/{payer_id:uuid}/rate-sheets", opt=MANAGE, request_max_body_size=LARGEST_SHEET)
async def preview(
    session: NamedDependency[AsyncSession],
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    payer_id: FromPath[UUID],
    data: JSONBody[NewRateSheet],
) -> SheetPreview:
    """Keep a payer's rate sheet (CSV or XLSX in base64) as a preview and tell what it would change."""
    book = await rule_book_for(session, practice_id)
    return await preview_sheet(
        session, services.sheets, practice_id, payer_id, data, book.shelf, by=actor.id, now=clock.now()
    )


@get("/contracts/{payer_id:uuid}/rate-sheets/{version_id:uuid}", opt=READ)
async def read_preview(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    payer_id: FromPath[UUID],
    version_id: FromPath[UUID],
) -> SheetPreview:
    """What a sheet changes against the versions that are active now."""
    book = await rule_book_for(session, practice_id)
    return await preview_of(session, practice_id, payer_id, version_id, book.shelf)


@post("/contracts/{payer_id:uuid}/rate-sheets/{version_id:uuid}/confirm", opt=MANAGE, status_code=200)
async def confirm(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    payer_id: FromPath[UUID],
    version_id: FromPath[UUID],
) -> ContractView:
    """Let a sheet answer from its first day on; the version before it keeps answering its own days."""
    await confirm_sheet(session, actor, practice_id, payer_id, version_id, clock.now())
    return await contract_views.contract(session, practice_id, payer_id, version_id)


@post("/contracts/{payer_id:uuid}/rate-sheets/{version_id:uuid}/withdraw", opt=MANAGE, status_code=200)
async def withdraw(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    payer_id: FromPath[UUID],
    version_id: FromPath[UUID],
    data: JSONBody[Withdrawal],
) -> ContractView:
    """Take an active version back, with a reason; what was computed as known before stays answerable."""
    await withdraw_version(session, actor, practice_id, payer_id, version_id, data.reason, clock.now())
    return await contract_views.contract(session, practice_id, payer_id, version_id)


@get("/contracts/{payer_id:uuid}/versions/{version_id:uuid}", opt=READ)
async def read_contract(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    payer_id: FromPath[UUID],
    version_id: FromPath[UUID],
) -> ContractView:
    """One version with its terms and rates."""
    return await contract_views.contract(session, practice_id, payer_id, version_id)


@get("/fee-localities", opt=READ)
async def list_localities(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID]
) -> list[FeeLocalityView]:
    """Where Medicare's fees are read for this practice, by date."""
    return await localities(session, practice_id)


@post("/fee-localities", opt=MANAGE)
async def create_locality(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[NewFeeLocality],
) -> Created:
    """Say under which Medicare carrier and locality the practice's fees are read from a date on."""
    shelf = (await rule_book_for(session, practice_id)).shelf
    return Created(id=await set_locality(session, practice_id, data, shelf, by=actor.id, now=clock.now()))


@post("/cost-sharing", opt={"permission": Permission.PATIENT_WRITE})
async def create_cost_sharing(
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    data: JSONBody[NewCostSharing],
) -> Created:
    """Record what a coverage leaves to the patient from a date on."""
    return Created(id=await record_cost_sharing(session, practice_id, data, by=actor.id, now=clock.now()))


@get("/coverages/{coverage_id:uuid}/cost-sharing", opt={"permission": Permission.PATIENT_READ})
async def list_cost_sharing(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], coverage_id: FromPath[UUID]
) -> list[CostSharingView]:
    """Everything that was learned of a coverage's cost sharing."""
    return await cost_sharings(session, practice_id, coverage_id)


@get("/claims/{claim_id:uuid}/expected", opt={"permission": Permission.CLAIM_READ})
async def read_expected(
    session: NamedDependency[AsyncSession],
    practice_id: FromPath[UUID],
    claim_id: FromPath[UUID],
    known_at: FromQuery[datetime | None] = None,
) -> ExpectedView:
    """What the payer should pay, with every step, by what is known now or was known at an instant."""
    if known_at is not None and known_at.tzinfo is None:
        raise Invalid("an instant is wanted with its time zone", pointer="query:known_at")
    return await expected_of_claim(session, practice_id, claim_id, known_at=known_at)


@get("/measures/lesser-of-leak", opt={"permission": Permission.REMITTANCE_READ})
async def read_leak(
    session: NamedDependency[AsyncSession], practice_id: FromPath[UUID], month: FromQuery[str]
) -> LeakMeasure:
    """By payer, what it would have allowed above our charges in a month, with the claim lines behind it."""
    return await lesser_of_leak(session, practice_id, month)


ROUTER = practice_routes(
    "",
    list_contracts,
    preview,
    read_preview,
    confirm,
    withdraw,
    read_contract,
    list_localities,
    create_locality,
    create_cost_sharing,
    list_cost_sharing,
    read_expected,
    read_leak,
)
