"""Importing a payer's rate sheet: first what it would change, then from its date on; old dates stay."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.packs import Shelf
from billing_rules.therapy.contracts import RateRow, Terms
from billing_rules.therapy.fee_schedules import SCOPE
from domain.practices.contract_alarms import keep_watch
from domain.practices.contract_models import ContractRate, ContractVersion
from domain.practices.contract_previews import SheetPreview, preview_of, version_of
from domain.practices.contracts import contracts_of
from domain.practices.models import Payer
from domain.practices.ports import SheetReader
from domain.practices.rate_sheets import read_rates
from domain.views import lock_row
from tenants.access import Actor
from tenants.audit import note_change
from tenants.errors import Conflict, Invalid, NotFound
from tenants.ids import new_id

Named = Annotated[str, Meta(min_length=1, max_length=200)]


class ContractDatesTaken(Conflict):
    """Another version of the payer's contract is active from the same day; withdraw it first."""

    code = "contract_dates_taken"


class ContractNotActive(Conflict):
    """Only a version that is active can be withdrawn, only a previewed one confirmed."""

    code = "contract_not_active"


class NewRateSheet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rate sheet with its dates of service and what the contract says beside the rates.

    `content` is the file in base64. The notice of not renewing is due `notice_days` before `renews_on`.
    """

    name: Named
    file_name: Named
    content: bytes
    starts_on: date
    ends_on: date | None = None
    terms: Terms = Terms()
    renews_on: date | None = None
    notice_days: Annotated[int, Meta(ge=0, le=730)] | None = None


async def preview_sheet(
    session: AsyncSession,
    reader: SheetReader,
    practice_id: UUID,
    payer_id: UUID,
    given: NewRateSheet,
    shelf: Shelf,
    *,
    by: UUID,
    now: datetime,
) -> SheetPreview:
    """Keep a sheet as a preview and tell what it would change; raises SheetUnreadable, RateSheetRefused."""
    if await session.get(Payer, (practice_id, payer_id)) is None:
        raise NotFound(f"no payer {payer_id}")
    _refuse_dates(given)
    sheet = await reader.read(given.file_name, given.content)
    rows = read_rates(sheet, lambda year: schedule_day(shelf, year))
    _refuse_outside(rows, given)
    version = _previewed(practice_id, payer_id, given, by, now)
    session.add(version)
    await session.flush()
    await _insert_rates(session, version, rows)
    return await preview_of(session, practice_id, payer_id, version.id, shelf)


def _previewed(
    practice_id: UUID, payer_id: UUID, given: NewRateSheet, by: UUID, now: datetime
) -> ContractVersion:
    return ContractVersion(
        practice_id=practice_id,
        id=new_id(),
        payer_id=payer_id,
        name=given.name,
        file_name=given.file_name,
        content_sha256=hashlib.sha256(given.content).hexdigest(),
        status="previewed",
        starts_on=given.starts_on,
        ends_on=given.ends_on,
        terms=msgspec.to_builtins(given.terms),
        renews_on=given.renews_on,
        notice_days=given.notice_days,
        recorded_at=now,
        recorded_by=by,
    )


def _refuse_dates(given: NewRateSheet) -> None:
    if given.ends_on is not None and given.ends_on < given.starts_on:
        raise Invalid("it ends before it starts", pointer="/ends_on")
    if (given.renews_on is None) != (given.notice_days is None):
        raise Invalid("a renewal needs its day and its days of notice", pointer="/notice_days")


def _refuse_outside(rows: Sequence[RateRow], given: NewRateSheet) -> None:
    for row in rows:
        before = row.ends_on is not None and row.ends_on < given.starts_on
        after = row.starts_on is not None and given.ends_on is not None and row.starts_on > given.ends_on
        if before or after:
            told = f"row {row.number}: its dates lie outside the contract's"
            raise Invalid(told, pointer=f"/rows/{row.number}")


def schedule_day(shelf: Shelf, year: int) -> date:
    """The first day of a year on which a fee schedule is loaded, its first day when none is."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    packs = [m for m in shelf.manifests if m.table == "fee_schedule" and m.scope == SCOPE]
    days = [
        max(first, pack.starts_on)
        for pack in packs
        if pack.starts_on <= last and (pack.ends_on is None or pack.ends_on >= first)
    ]
    return min(days, default=first)


async def _insert_rates(session: AsyncSession, version: ContractVersion, rows: Sequence[RateRow]) -> None:
    values = [_values(version, row) for row in rows]
    await session.execute(insert(ContractRate), values)
    for value in values:
        note_change(session, "insert", ContractRate.__tablename__, value["id"])


def _values(version: ContractVersion, row: RateRow) -> dict[str, Any]:
    names = [name for name in RateRow.__struct_fields__ if name not in ("number", "locality")]
    own, place = {name: getattr(row, name) for name in names}, row.locality
    return own | {
        "practice_id": version.practice_id,
        "id": new_id(),
        "contract_version_id": version.id,
        "row_number": row.number,
        "modifiers": list(row.modifiers),
        "carrier": place.carrier if place else None,
        "locality": place.locality if place else None,
    }


async def confirm_sheet(
    session: AsyncSession, actor: Actor, practice_id: UUID, payer_id: UUID, version_id: UUID, now: datetime
) -> None:
    """Let a previewed sheet answer from its date on; repeated, nothing changes. Raises ContractDatesTaken."""
    await lock_row(session, Payer, practice_id, payer_id)
    version = await version_of(session, practice_id, payer_id, version_id)
    if version.status == "active":
        return
    if version.status != "previewed":
        raise ContractNotActive(f"version {version_id} is {version.status}")
    others = await contracts_of(session, practice_id, payer_id)
    if any(other.starts_on == version.starts_on for other in others):
        raise ContractDatesTaken(f"another version starts on {version.starts_on}", pointer="/starts_on")
    version.status, version.activated_at, version.activated_by = "active", now, actor.id
    await session.flush()
    await keep_watch(session, actor.organization_id, version, now)


async def withdraw_version(
    session: AsyncSession,
    actor: Actor,
    practice_id: UUID,
    payer_id: UUID,
    version_id: UUID,
    reason: str,
    now: datetime,
) -> None:
    """Take an active version back, by name and reason; what was known before stays answerable."""
    await lock_row(session, Payer, practice_id, payer_id)
    version = await version_of(session, practice_id, payer_id, version_id)
    if version.status != "active":
        raise ContractNotActive(f"version {version_id} is {version.status}")
    version.status, version.withdrawn_at, version.withdrawn_by = "withdrawn", now, actor.id
    version.withdraw_reason = reason
    await session.flush()
