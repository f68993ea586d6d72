"""Unit leakage (KPI-32): units that minutes and payer support, less units billed, visit by visit."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.models import Claim, ClaimLine, ClaimLineSource
from domain.practices.models import Provider
from domain.visits.charging import services_of
from domain.visits.counting import session_count
from domain.visits.methods import counted_by_payer
from domain.visits.models import ChargeLine, Visit
from domain.visits.shared_time import payers_of
from tenants.audit import note_patients

MOST_VISITS = 1_000


class VisitLeakage(Struct, frozen=True, kw_only=True):
    """One visit; `difference_units` is supportable less billed: more than nothing is under-billed."""

    visit_id: UUID
    patient_id: UUID
    date_of_service: date
    provider_id: UUID
    provider: str
    method: str
    rule: str
    standing: str
    supportable_units: int
    billed_units: int
    difference_units: int
    supportable: dict[str, int]
    billed: dict[str, int]


class LeakageSum(Struct, frozen=True, kw_only=True):
    """The sum over the visits of one method or provider."""

    key: str
    label: str
    visits: int
    supportable_units: int
    billed_units: int
    difference_units: int
    under_units: int
    over_units: int


class UnitLeakage(Struct, frozen=True, kw_only=True):
    """The measure of some days: what is on claims is measured, what is not billed yet stands apart.

    `is_whole` is false when there were more visits than the measure reads at once.
    """

    first_on: date
    last_on: date
    total: LeakageSum
    not_billed_yet: LeakageSum
    by_method: list[LeakageSum]
    by_provider: list[LeakageSum]
    rows: list[VisitLeakage]
    is_whole: bool


async def unit_leakage(
    session: AsyncSession, practice_id: UUID, first_on: date, last_on: date, today: date
) -> UnitLeakage:
    """Measure the signed visits of the dates (inclusive) by the rules as they are known now."""
    visits = await _visits(session, practice_id, first_on, last_on)
    billed = await _billed(session, practice_id, [visit.id for visit, _ in visits])
    rows = [
        await _row(session, visit, name, billed.get(visit.id), today) for visit, name in visits[:MOST_VISITS]
    ]
    note_patients(session, *(row.patient_id for row in rows))
    on_claims = [row for row in rows if row.standing == "billed"]
    waiting = [row for row in rows if row.standing != "billed"]
    return UnitLeakage(
        first_on=first_on,
        last_on=last_on,
        total=_sum("all", "every visit on a claim", on_claims),
        not_billed_yet=_sum("waiting", "not on a claim yet", waiting),
        by_method=_grouped(on_claims, lambda row: (row.method, row.method.replace("_", " "))),
        by_provider=_grouped(on_claims, lambda row: (str(row.provider_id), row.provider)),
        rows=rows,
        is_whole=len(visits) <= MOST_VISITS,
    )


async def _visits(
    session: AsyncSession, practice_id: UUID, first_on: date, last_on: date
) -> list[tuple[Visit, str]]:
    provider = (Provider.practice_id == Visit.practice_id) & (Provider.id == Visit.provider_id)
    name = func.concat_ws(" ", Provider.given_name, Provider.family_name)
    wanted = (
        select(Visit, name)
        .join(Provider, provider)
        .where(
            Visit.practice_id == practice_id,
            Visit.date_of_service.between(first_on, last_on),
            Visit.status != "void",
            Visit.signed_at.is_not(None),
        )
        .order_by(Visit.date_of_service, Visit.starts_at, Visit.id)
        .limit(MOST_VISITS + 1)
    )
    return [(visit, named) for visit, named in await session.execute(wanted)]


async def _billed(
    session: AsyncSession, practice_id: UUID, visits: Sequence[UUID]
) -> dict[UUID, dict[str, int]]:
    """Units by code on claims that stand; where a line's units differ from its charges' the claim's count."""
    source, line = ClaimLineSource, ClaimLine
    wanted = (
        select(source.visit_id, line.id, line.code, line.units, ChargeLine.units.label("charged"))
        .join(line, (line.practice_id == source.practice_id) & (line.id == source.claim_line_id))
        .join(Claim, (Claim.practice_id == line.practice_id) & (Claim.id == line.claim_id))
        .join(
            ChargeLine,
            (ChargeLine.practice_id == source.practice_id) & (ChargeLine.id == source.charge_line_id),
        )
        .where(source.practice_id == practice_id, source.visit_id.in_(visits), Claim.status != "voided")
        .order_by(line.id, source.visit_id, source.id)
    )
    billed: dict[UUID, dict[str, int]] = {}
    left: dict[UUID, int] = {}
    for row in await session.execute(wanted):
        units = min(row.charged, left.setdefault(row.id, row.units))
        left[row.id] -= units
        mine = billed.setdefault(row.visit_id, {})
        mine[row.code] = mine.get(row.code, 0) + units
    return billed


async def _row(
    session: AsyncSession, visit: Visit, provider: str, billed: dict[str, int] | None, today: date
) -> VisitLeakage:
    payers = await payers_of(session, visit)
    count = await session_count(session, visit, await services_of(session, visit), payers, today)
    first = counted_by_payer(visit, count, payers)[0]
    supportable = {code: units for code, units in first.units.items() if units}
    told = billed or {}
    return VisitLeakage(
        visit_id=visit.id,
        patient_id=visit.patient_id,
        date_of_service=visit.date_of_service,
        provider_id=visit.provider_id,
        provider=provider,
        method=first.method,
        rule=str(first.rule.row),
        standing=visit.status if billed is None else "billed",
        supportable_units=sum(supportable.values()),
        billed_units=sum(told.values()),
        difference_units=sum(supportable.values()) - sum(told.values()),
        supportable=supportable,
        billed=told,
    )


def _grouped(rows: Iterable[VisitLeakage], by: Callable[[VisitLeakage], tuple[str, str]]) -> list[LeakageSum]:
    """Sums by key, the largest leak first."""
    grouped: dict[tuple[str, str], list[VisitLeakage]] = {}
    for row in rows:
        grouped.setdefault(by(row), []).append(row)
    sums = [_sum(key, label, mine) for (key, label), mine in grouped.items()]
    return sorted(sums, key=lambda each: (-each.difference_units, each.key))


def _sum(key: str, label: str, rows: Sequence[VisitLeakage]) -> LeakageSum:
    differences = [row.difference_units for row in rows]
    return LeakageSum(
        key=key,
        label=label,
        visits=len(rows),
        supportable_units=sum(row.supportable_units for row in rows),
        billed_units=sum(row.billed_units for row in rows),
        difference_units=sum(differences),
        under_units=sum(one for one in differences if one > 0),
        over_units=sum(-one for one in differences if one < 0),
    )
