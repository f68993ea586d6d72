"""Contracts as screens and programs read them."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from billing_rules.therapy.contracts import RateRow, Terms
from domain.practices.contract_models import ContractRate, ContractVersion
from domain.practices.contracts import rates_of
from domain.practices.models import Payer
from tenants.errors import NotFound


class ContractSummary(Struct, frozen=True, kw_only=True):
    """One version in a list; `notice_due_on` is the last day to give notice before it renews."""

    id: UUID
    payer_id: UUID
    payer_name: str
    name: str
    file_name: str
    status: str
    starts_on: date
    ends_on: date | None
    renews_on: date | None
    notice_due_on: date | None
    escalator_basis_points: int
    rows: int
    recorded_at: datetime
    recorded_by: UUID
    activated_at: datetime | None
    withdrawn_at: datetime | None
    withdraw_reason: str | None


class RateView(Struct, frozen=True, kw_only=True):
    """One rate row; `pays` says it in words."""

    row: int
    code: str
    modifiers: list[str]
    credential: str | None
    method: str
    rate_cents: Cents | None
    further_cents: Cents | None
    basis_points: int | None
    medicare_on: date | None
    locality: str | None
    units_per_day: int | None
    starts_on: date | None
    ends_on: date | None
    pays: str


class ContractView(Struct, frozen=True, kw_only=True):
    """One version with what it says and pays."""

    summary: ContractSummary
    terms: Terms
    rates: list[RateView]


async def contracts(
    session: AsyncSession, practice_id: UUID, payer_id: UUID | None = None
) -> list[ContractSummary]:
    """Every version, by payer and first day."""
    where = [ContractVersion.practice_id == practice_id]
    if payer_id is not None:
        where.append(ContractVersion.payer_id == payer_id)
    return await _summaries(session, practice_id, *where)


async def contract(
    session: AsyncSession, practice_id: UUID, payer_id: UUID, version_id: UUID
) -> ContractView:
    """One version of a payer's contract; raises NotFound."""
    mine = (ContractVersion.payer_id == payer_id, ContractVersion.id == version_id)
    found = await _summaries(session, practice_id, ContractVersion.practice_id == practice_id, *mine)
    if not found:
        raise NotFound(f"no contract version {version_id}")
    version = await session.get_one(ContractVersion, (practice_id, version_id))
    rates = (await rates_of(session, practice_id, [version_id])).get(version_id, [])
    return ContractView(
        summary=found[0],
        terms=msgspec.convert(version.terms, Terms),
        rates=[_rate(row) for row in rates],
    )


async def _summaries(session: AsyncSession, practice_id: UUID, *where: Any) -> list[ContractSummary]:
    counted = (
        select(ContractRate.contract_version_id, func.count().label("rows"))
        .where(ContractRate.practice_id == practice_id)
        .group_by(ContractRate.contract_version_id)
        .subquery()
    )
    wanted = (
        select(ContractVersion, Payer.name, func.coalesce(counted.c.rows, 0))
        .join(
            Payer,
            (Payer.practice_id == ContractVersion.practice_id) & (Payer.id == ContractVersion.payer_id),
        )
        .outerjoin(counted, counted.c.contract_version_id == ContractVersion.id)
        .where(*where)
        .order_by(Payer.name, ContractVersion.payer_id, ContractVersion.starts_on, ContractVersion.id)
    )
    return [_summary(version, name, rows) for version, name, rows in await session.execute(wanted)]


def _summary(version: ContractVersion, payer_name: str, rows: int) -> ContractSummary:
    own = {
        name: getattr(version, name) for name in ContractSummary.__struct_fields__ if hasattr(version, name)
    }
    due = None
    if version.renews_on is not None and version.notice_days is not None:
        due = version.renews_on - timedelta(days=version.notice_days)
    terms = msgspec.convert(version.terms, Terms)
    return ContractSummary(
        **own,
        payer_name=payer_name,
        notice_due_on=due,
        escalator_basis_points=terms.escalator_basis_points,
        rows=rows,
    )


def _rate(row: RateRow) -> RateView:
    return RateView(
        row=row.number,
        code=row.code,
        modifiers=list(row.modifiers),
        credential=row.credential,
        method=row.method,
        rate_cents=row.rate_cents,
        further_cents=row.further_cents,
        basis_points=row.basis_points,
        medicare_on=row.medicare_on,
        locality=str(row.locality) if row.locality else None,
        units_per_day=row.units_per_day,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        pays=row.pays,
    )
