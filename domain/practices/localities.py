"""Where Medicare's fees are read for a practice: its carrier and locality, by date of service."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.packs import Shelf
from billing_rules.therapy.fee_schedules import NATIONAL, NATIONWIDE, SCOPE, Locality
from domain.practices.contract_models import FeeLocality
from domain.views import read_views
from tenants.errors import Invalid
from tenants.ids import new_id


class NewFeeLocality(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Carrier and locality from a date of service on; `national` for both reads fees without any index."""

    carrier: Annotated[str, Meta(pattern="^([0-9]{5}|national)$")]
    locality: Annotated[str, Meta(pattern="^([0-9]{2}|national)$")]
    starts_on: date
    source: Annotated[str, Meta(min_length=1, max_length=300)]


class FeeLocalityView(Struct, frozen=True, kw_only=True):
    """One statement of where the practice's fees are read."""

    id: UUID
    carrier: str
    locality: str
    starts_on: date
    source: str
    recorded_at: datetime
    recorded_by: UUID


async def set_locality(
    session: AsyncSession, practice_id: UUID, given: NewFeeLocality, shelf: Shelf, *, by: UUID, now: datetime
) -> UUID:
    """Say where fees are read from a date on; raises Invalid for a locality that no loaded table has."""
    if (given.carrier == NATIONAL) != (given.locality == NATIONAL):
        raise Invalid("national is said of both or of neither", pointer="/locality")
    if given.carrier != NATIONAL and not _is_known(shelf, given):
        raise Invalid("no loaded table has this carrier and locality", pointer="/locality")
    row = FeeLocality(
        practice_id=practice_id,
        id=new_id(),
        carrier=given.carrier,
        locality=given.locality,
        starts_on=given.starts_on,
        source=given.source,
        recorded_at=now,
        recorded_by=by,
    )
    session.add(row)
    await session.flush()
    return row.id


def _is_known(shelf: Shelf, given: NewFeeLocality) -> bool:
    key = f"{given.carrier}|{given.locality}"
    packs = [manifest for manifest in shelf.manifests if manifest.table == "gpci"]
    return any(shelf.find("gpci", key, on=pack.starts_on, scope=SCOPE) for pack in packs)


async def localities(session: AsyncSession, practice_id: UUID) -> list[FeeLocalityView]:
    """Everything that was said of the practice's locality, in the order of saying."""
    order = [FeeLocality.recorded_at, FeeLocality.id]
    mine = FeeLocality.practice_id == practice_id
    return await read_views(session, FeeLocalityView, FeeLocality, mine, order=order)


async def locality_on(
    session: AsyncSession,
    practice_id: UUID,
    on: date,
    shelf: Shelf,
    state: str | None,
    *,
    known_at: datetime | None = None,
) -> Locality | None:
    """What was said last for the date, else the only locality of the practice's state; None: not known."""
    said = [row for row in await localities(session, practice_id) if row.starts_on <= on]
    known = [row for row in said if known_at is None or row.recorded_at <= known_at]
    if known:
        last = max(known, key=lambda row: (row.starts_on, row.recorded_at, row.id))
        found = Locality(carrier=last.carrier, locality=last.locality)
        return NATIONWIDE if found.carrier == NATIONAL else found
    return _only_one(shelf, on, state)


def _only_one(shelf: Shelf, on: date, state: str | None) -> Locality | None:
    rows = [row for row in shelf.rows("gpci", on=on, scope=SCOPE) if row.state == state]
    return Locality(carrier=rows[0].carrier, locality=rows[0].locality) if len(rows) == 1 else None
