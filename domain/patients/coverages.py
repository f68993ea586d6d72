"""What payers promised, on two time axes: when a coverage was in force, and when we knew (BC-02)."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import asdict
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.days import within
from domain.patients.models import Case, Coverage, CoveragePeriod
from domain.patients.registration import Named
from domain.practices.models import Payer
from domain.views import lock_row, read_views, require_reference
from tenants.errors import Conflict, Invalid
from tenants.ids import new_id

Relationship = Literal["self", "spouse", "child", "employee", "other"]


class PayerOrderTaken(Conflict):
    """Another coverage of the case has the same order and benefit class on some of these days (PM-01)."""

    code = "payer_order_taken"


class NewCoverage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payer's promise for a case, in payer order; dates are inclusive, no end is open."""

    case_id: UUID
    payer_id: UUID
    ordinal: Annotated[int, Meta(ge=1, le=3)]
    benefit_class: Named = "medical"
    plan: str | None = None
    member_number: Named
    group_number: str | None = None
    relationship: Relationship
    subscriber_given_name: Named
    subscriber_family_name: Named
    subscriber_birth_on: date | None = None
    subscriber_sex: Literal["F", "M", "U"] | None = None
    starts_on: date
    ends_on: date | None = None


class CoverageChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a coverage was in force, as we know now, and why we think so."""

    ends_on: date | None
    reason: Named


class CoverageView(Struct, frozen=True, kw_only=True):
    """A coverage with the period that was believed at the instant asked for."""

    id: UUID
    case_id: UUID
    patient_id: UUID
    payer_id: UUID
    payer_name: str
    rule_key: str
    ordinal: int
    benefit_class: str
    plan: str | None
    member_number: str
    group_number: str | None
    relationship: str
    subscriber_given_name: str
    subscriber_family_name: str
    subscriber_birth_on: date | None
    subscriber_sex: str | None
    starts_on: date
    ends_on: date | None
    recorded_at: datetime
    reason: str


class Belief(Struct, frozen=True, kw_only=True):
    """What we believed about a coverage's period, and from when until when we did."""

    starts_on: date
    ends_on: date | None
    recorded_at: datetime
    superseded_at: datetime | None
    recorded_by: UUID
    reason: str


async def add_coverage(
    session: AsyncSession, practice_id: UUID, given: NewCoverage, *, by: UUID, now: datetime
) -> UUID:
    """Add a coverage to a case; raises PayerOrderTaken, NotFound for the case, Invalid for payer or dates."""
    await require_reference(session, Payer, practice_id, given.payer_id, "/payer_id")
    await require_reference(session, Case, practice_id, given.case_id, "/case_id")
    _refuse_reversed(given.starts_on, given.ends_on)
    case = await lock_row(session, Case, practice_id, given.case_id)
    await _refuse_taken(session, practice_id, given)
    values = {name: value for name, value in asdict(given).items() if name not in ("starts_on", "ends_on")}
    coverage = Coverage(practice_id=practice_id, id=new_id(), patient_id=case.patient_id, **values)
    session.add(coverage)
    await session.flush()
    _believe(session, practice_id, coverage.id, given.starts_on, given.ends_on, by, now, "as first recorded")
    await session.flush()
    return coverage.id


async def end_coverage(
    session: AsyncSession,
    practice_id: UUID,
    coverage_id: UUID,
    given: CoverageChange,
    *,
    by: UUID,
    now: datetime,
) -> date | None:
    """Supersede the belief about a coverage's end; returns the first day that lost its coverage, if any.

    What we believed before stays answerable. A null end opens it again. Raises NotFound, Invalid.
    """
    coverage = await lock_row(session, Coverage, practice_id, coverage_id)
    current = await _current(session, practice_id, coverage.id)
    _refuse_reversed(current.starts_on, given.ends_on)
    if current.ends_on == given.ends_on:
        return None
    current.superseded_at = now
    await session.flush()
    _believe(session, practice_id, coverage.id, current.starts_on, given.ends_on, by, now, given.reason)
    await session.flush()
    shortened = given.ends_on is not None and (current.ends_on is None or given.ends_on < current.ends_on)
    return date.fromordinal(given.ends_on.toordinal() + 1) if shortened and given.ends_on else None


async def coverages_in_force(
    session: AsyncSession, practice_id: UUID, case_id: UUID, *, on: date, known_at: datetime | None = None
) -> list[CoverageView]:
    """The case's coverages on a date in payer order, as known now or as known at an instant."""
    within = (CoveragePeriod.starts_on <= on, _open_or(CoveragePeriod.ends_on >= on, CoveragePeriod.ends_on))
    return await _coverages(session, practice_id, known_at, Coverage.case_id == case_id, *within)


def in_force_on(coverages: Iterable[CoverageView], on: date) -> list[CoverageView]:
    """Those of some coverages that are in force on a date, in the same order."""
    return [c for c in coverages if within(on, c.starts_on, c.ends_on)]


async def coverages_of_case(
    session: AsyncSession, practice_id: UUID, case_id: UUID, *, known_at: datetime | None = None
) -> list[CoverageView]:
    """Every coverage of the case with its period, as known now or as known at an instant."""
    return await _coverages(session, practice_id, known_at, Coverage.case_id == case_id)


async def coverage_by_id(
    session: AsyncSession, practice_id: UUID, coverage_id: UUID, *, known_at: datetime | None = None
) -> CoverageView | None:
    """One coverage with its period as known, or None when it was not known then."""
    found = await _coverages(session, practice_id, known_at, Coverage.id == coverage_id)
    return found[0] if found else None


async def beliefs(session: AsyncSession, practice_id: UUID, coverage_id: UUID) -> list[Belief]:
    """Everything we ever believed about a coverage's period, in the order of learning it."""
    mine = (CoveragePeriod.practice_id == practice_id, CoveragePeriod.coverage_id == coverage_id)
    return await read_views(session, Belief, CoveragePeriod, *mine, order=[CoveragePeriod.recorded_at])


async def _coverages(
    session: AsyncSession, practice_id: UUID, known_at: datetime | None, *where: ColumnElement[bool]
) -> list[CoverageView]:
    own = [getattr(Coverage, n) for n in CoverageView.__struct_fields__ if hasattr(Coverage, n)]
    period = (CoveragePeriod.starts_on, CoveragePeriod.ends_on, CoveragePeriod.recorded_at)
    named = (Payer.name.label("payer_name"), Payer.rule_key, CoveragePeriod.reason)
    found = (
        select(*own, *period, *named)
        .join(CoveragePeriod, _same(CoveragePeriod.coverage_id, Coverage.id, CoveragePeriod.practice_id))
        .join(Payer, _same(Payer.id, Coverage.payer_id, Payer.practice_id))
        .where(Coverage.practice_id == practice_id, *_known(known_at), *where)
        .order_by(Coverage.ordinal, Coverage.benefit_class, Coverage.id)
    )
    return [CoverageView(**row._mapping) for row in await session.execute(found)]


def _same(left: Any, right: Any, practice: Any) -> ColumnElement[bool]:
    return and_(practice == Coverage.practice_id, left == right)


def _known(at: datetime | None) -> tuple[ColumnElement[bool], ...]:
    if at is None:
        return (CoveragePeriod.superseded_at.is_(None),)
    later = CoveragePeriod.superseded_at > at
    return (CoveragePeriod.recorded_at <= at, _open_or(later, CoveragePeriod.superseded_at))


def _open_or(condition: ColumnElement[bool], end: Any) -> ColumnElement[bool]:
    return or_(end.is_(None), condition)


async def _current(session: AsyncSession, practice_id: UUID, coverage_id: UUID) -> CoveragePeriod:
    mine = (CoveragePeriod.practice_id == practice_id, CoveragePeriod.coverage_id == coverage_id)
    current = select(CoveragePeriod).where(*mine, CoveragePeriod.superseded_at.is_(None))
    return (await session.execute(current)).scalar_one()


async def _refuse_taken(session: AsyncSession, practice_id: UUID, given: NewCoverage) -> None:
    overlap = [_open_or(CoveragePeriod.ends_on >= given.starts_on, CoveragePeriod.ends_on)]
    if given.ends_on is not None:
        overlap.append(CoveragePeriod.starts_on <= given.ends_on)
    same = (
        Coverage.case_id == given.case_id,
        Coverage.ordinal == given.ordinal,
        Coverage.benefit_class == given.benefit_class,
    )
    if await _coverages(session, practice_id, None, *same, *overlap):
        raise PayerOrderTaken("the case has a coverage of this order and class then", pointer="/ordinal")


def _refuse_reversed(starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise Invalid("it ends before it starts", pointer="/ends_on")


def _believe(
    session: AsyncSession,
    practice_id: UUID,
    coverage_id: UUID,
    starts_on: date,
    ends_on: date | None,
    by: UUID,
    now: datetime,
    reason: str,
) -> None:
    session.add(
        CoveragePeriod(
            practice_id=practice_id,
            id=new_id(),
            coverage_id=coverage_id,
            starts_on=starts_on,
            ends_on=ends_on,
            recorded_at=now,
            recorded_by=by,
            reason=reason,
        )
    )
