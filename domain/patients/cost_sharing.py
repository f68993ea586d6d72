"""What a coverage leaves to the patient, as somebody learned it: recorded, never overwritten."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import asdict
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from billing_rules.therapy import cost_sharing as rules
from domain.patients.cost_sharing_models import CostSharing
from domain.patients.models import Coverage
from domain.views import read_views, require_reference
from tenants.ids import new_id

Amount = Annotated[int, Meta(ge=0, le=100_000_000)]
Share = Annotated[int, Meta(ge=0, le=10_000)]


class NewCostSharing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left to the patient from a date of service on; what is left out is unknown, 0 is nothing."""

    coverage_id: UUID
    starts_on: date
    deductible_remaining_cents: Amount | None = None
    coinsurance_basis_points: Share | None = None
    copay_cents: Amount | None = None
    out_of_pocket_remaining_cents: Amount | None = None
    source: Annotated[str, Meta(min_length=1, max_length=300)]


class CostSharingView(Struct, frozen=True, kw_only=True):
    """One statement about a coverage's cost sharing."""

    id: UUID
    coverage_id: UUID
    starts_on: date
    deductible_remaining_cents: Cents | None
    coinsurance_basis_points: int | None
    copay_cents: Cents | None
    out_of_pocket_remaining_cents: Cents | None
    source: str
    recorded_at: datetime
    recorded_by: UUID


async def record_cost_sharing(
    session: AsyncSession, practice_id: UUID, given: NewCostSharing, *, by: UUID, now: datetime
) -> UUID:
    """Keep what was learned of a coverage; raises Invalid for an unknown coverage."""
    await require_reference(session, Coverage, practice_id, given.coverage_id, "/coverage_id")
    row = CostSharing(practice_id=practice_id, id=new_id(), recorded_at=now, recorded_by=by, **asdict(given))
    session.add(row)
    await session.flush()
    return row.id


async def cost_sharings(session: AsyncSession, practice_id: UUID, coverage_id: UUID) -> list[CostSharingView]:
    """Everything that was learned of a coverage's cost sharing, in the order of learning."""
    mine = (CostSharing.practice_id == practice_id, CostSharing.coverage_id == coverage_id)
    order = [CostSharing.recorded_at, CostSharing.id]
    return await read_views(session, CostSharingView, CostSharing, *mine, order=order)


async def cost_sharing_on(
    session: AsyncSession,
    practice_id: UUID,
    coverage_id: UUID,
    on: date,
    *,
    known_at: datetime | None = None,
) -> rules.CostSharing | None:
    """What is left to the patient on a date of service, as known now or at an instant; None: nothing is."""
    said = [row for row in await cost_sharings(session, practice_id, coverage_id) if row.starts_on <= on]
    known = [row for row in said if known_at is None or row.recorded_at <= known_at]
    if not known:
        return None
    last = max(known, key=lambda row: (row.starts_on, row.recorded_at, row.id))
    return rules.CostSharing(
        deductible_remaining_cents=last.deductible_remaining_cents,
        coinsurance_basis_points=last.coinsurance_basis_points,
        copay_cents=last.copay_cents,
        out_of_pocket_remaining_cents=last.out_of_pocket_remaining_cents,
        source=f"coverage, {last.source}, from {last.starts_on}",
    )
