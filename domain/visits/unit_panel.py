"""The coding panel: minutes to units for every payer of a visit, who won left-over units, and the money."""

from datetime import date
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import Resolved
from billing_rules.therapy.method_conflict import MethodConflict
from billing_rules.therapy.session_units import EarnedUnits
from billing_rules.therapy.timed_units import MethodResult, UnitAnswer
from domain.patients.coverages import CoverageView
from domain.views import read_view
from domain.visits.charging import services_of
from domain.visits.counting import session_count
from domain.visits.methods import PayerCount, conflicts_of, counted_by_payer
from domain.visits.models import Visit
from domain.visits.queries import VisitRow
from domain.visits.shared_time import OverlapView, overlap_view, payers_of
from tenants.audit import note_patients


class CodePanel(Struct, frozen=True, kw_only=True):
    """One timed code: full blocks, the remainder, and whether the remainder won a left-over unit."""

    code: str
    minutes: int
    full_units: int
    remainder_minutes: int
    won_leftover: bool
    units: int


class TiePanel(Struct, frozen=True, kw_only=True):
    """Equal remainders: so many of these codes take a unit more; chosen is null until a clinician chose."""

    pick: int
    among: list[str]
    proposed: list[str]
    chosen: list[str] | None


class PoolPanel(Struct, frozen=True, kw_only=True):
    """Minutes that one payer counts together, and what the other methods make of them."""

    pool: str
    total_minutes: int
    total_units: int
    leftover_units: int
    codes: list[CodePanel]
    tie: TiePanel | None
    other_methods: list[MethodResult]
    explanation: str


class PayerUnits(Struct, frozen=True, kw_only=True):
    """What one payer makes of the note, by which row of the rule book; no payer is who pays alone."""

    ordinal: int
    coverage_id: UUID | None
    payer_id: UUID | None
    payer: str | None
    method: str
    rule: str
    source: str
    in_force_since: date
    is_assumption: bool
    units: list[EarnedUnits]
    pools: list[PoolPanel]


class UnitPanel(Struct, frozen=True, kw_only=True):
    """A visit's units for every payer in order; conflicts compare each later payer with the first."""

    visit_id: UUID
    date_of_service: date
    discipline: str
    status: str
    held_reason: str | None
    units_in_note: dict[str, int]
    minutes_off: dict[str, int]
    payers: list[PayerUnits]
    conflicts: list[MethodConflict]
    overlaps: list[OverlapView]
    waits: list[str]


async def unit_panel(session: AsyncSession, practice_id: UUID, visit_id: UUID, today: date) -> UnitPanel:
    """The panel of one visit; raises NotFound."""
    row = await read_view(session, VisitRow, Visit, practice_id, visit_id)
    note_patients(session, row.patient_id)
    visit = await session.get(Visit, (practice_id, visit_id))
    assert visit is not None
    payers = await payers_of(session, visit)
    services = await services_of(session, visit)
    count = await session_count(session, visit, services, payers, today)
    counted = counted_by_payer(visit, count, payers)
    here = {one.code: one.minutes or 0 for one in count.services}
    return UnitPanel(
        visit_id=visit.id,
        date_of_service=visit.date_of_service,
        discipline=visit.discipline,
        status=visit.status,
        held_reason=visit.held_reason,
        units_in_note={s.code: s.units_in_note for s in services if s.units_in_note is not None},
        minutes_off={
            s.code: (s.minutes or 0) - here[s.code]
            for s in services
            if s.code in here and (s.minutes or 0) > here[s.code]
        },
        payers=[_payer(one) for one in counted],
        conflicts=await conflicts_of(session, visit, counted, payers),
        overlaps=[overlap_view(one, payers) for one in count.overlaps],
        waits=list(count.waits),
    )


def _payer(counted: PayerCount) -> PayerUnits:
    coverage: CoverageView | None = counted.coverage
    resolved: Resolved = counted.rule
    return PayerUnits(
        ordinal=coverage.ordinal if coverage else 1,
        coverage_id=coverage.id if coverage else None,
        payer_id=coverage.payer_id if coverage else None,
        payer=coverage.payer_name if coverage else None,
        method=counted.method,
        rule=str(resolved.row),
        source=resolved.row.source,
        in_force_since=resolved.row.starts_on,
        is_assumption=resolved.is_assumption,
        units=list(counted.earned),
        pools=[_pool(name, answer) for name, answer in sorted(counted.pools.items())],
    )


def _pool(name: str, answer: UnitAnswer) -> PoolPanel:
    tie = answer.tie
    return PoolPanel(
        pool=name,
        total_minutes=answer.total_minutes,
        total_units=answer.total_units,
        leftover_units=answer.leftover_units,
        codes=[msgspec.convert(line, CodePanel, from_attributes=True) for line in answer.lines],
        tie=None if tie is None else msgspec.convert(tie, TiePanel, from_attributes=True),
        other_methods=list(answer.other_methods),
        explanation=answer.explanation,
    )
