"""Which limits a line can draw on, and which of several it does; values in, values out."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from msgspec import Struct

from domain.allowances.quantities import SIZE, words
from domain.ledger.limits import LimitRef

LimitKind = Literal["authorization_block", "benefit_limit"]
LIMIT_KINDS: tuple[LimitKind, ...] = ("authorization_block", "benefit_limit")


class Limit(Struct, frozen=True, kw_only=True):
    """A quantity that a payer allows, as choosing sees it; None in a scope means any."""

    ref: LimitRef
    coverage_id: UUID
    shown_as: str
    starts_on: date
    ends_on: date
    codes: frozenset[str] | None
    disciplines: frozenset[str] | None
    provider_id: UUID | None
    location_id: UUID | None
    per_day: int | None
    per_week: int | None
    per_month: int | None
    week_starts_on: int
    hard: bool
    once_a_day: bool


class Line(Struct, frozen=True, kw_only=True):
    """One procedure that draws; its key is the procedure code, which a session holds once."""

    code: str
    minutes: int | None
    units: int


class Session(Struct, frozen=True, kw_only=True):
    """An appointment or visit as limits see it; `counted_as` is the appointment that a visit took over."""

    subject_kind: Literal["appointment", "visit"]
    subject_id: UUID
    counted_as: UUID
    service_on: date
    discipline: str
    provider_id: UUID
    location_id: UUID
    lines: tuple[Line, ...]


class Draw(Struct, frozen=True, kw_only=True):
    """What one line takes of one limit; what is counted once bears one key."""

    limit: Limit
    counted_key: str
    amount: int


class Used(Struct, frozen=True, kw_only=True):
    """What stands under one counted key of a limit."""

    limit: LimitRef
    counted_key: str
    amount: int
    drawn_on: date


def covers(limit: Limit, session: Session, line: Line) -> bool:
    """Whether the line may draw on the limit, by date, code, discipline, clinician and place."""
    return (
        limit.starts_on <= session.service_on <= limit.ends_on
        and (limit.codes is None or line.code in limit.codes)
        and (limit.disciplines is None or session.discipline in limit.disciplines)
        and limit.provider_id in (None, session.provider_id)
        and limit.location_id in (None, session.location_id)
    )


def ranked(limits: Iterable[Limit], available: dict[LimitRef, int]) -> list[Limit]:
    """In the order of choice: most specific codes, discipline, clinician, place; earliest end; least left."""
    return sorted(
        limits,
        key=lambda limit: (
            limit.codes is None,
            len(limit.codes or ()),
            limit.disciplines is None,
            len(limit.disciplines or ()),
            limit.provider_id is None,
            limit.location_id is None,
            limit.ends_on,
            available.get(limit.ref, 0),
            str(limit.ref.id),
        ),
    )


def draw_of(limit: Limit, session: Session, line: Line) -> Draw:
    """What the line takes: one visit a date and discipline, one day, or minutes by units or by the clock."""
    on = session.service_on.isoformat()
    if limit.ref.unit == "visit":
        key = on if limit.once_a_day else f"{on}:{session.discipline}"
        return Draw(limit=limit, counted_key=key, amount=1)
    if limit.ref.unit == "day":
        return Draw(limit=limit, counted_key=on, amount=1)
    by_units = line.units * SIZE["units"]
    amount = by_units if limit.shown_as == "units" or not line.minutes else line.minutes
    return Draw(limit=limit, counted_key=f"{session.counted_as}:{line.code}", amount=amount)


def cap_reached(draw: Draw, on: date, used: Iterable[Used]) -> str | None:
    """The cap that the draw would exceed, in words, or None; `used` is what stands in its month and week."""
    limit = draw.limit
    others = [u for u in used if u.limit == limit.ref and u.counted_key != draw.counted_key]
    week = on - timedelta(days=(on.weekday() - limit.week_starts_on) % 7)
    windows = (
        (limit.per_day, on, on, "a day"),
        (limit.per_week, week, week + timedelta(days=6), "a week"),
        (limit.per_month, on.replace(day=1), _month_end(on), "a month"),
    )
    for cap, first, last, each in windows:
        if cap is None:
            continue
        standing = sum(u.amount for u in others if first <= u.drawn_on <= last)
        if standing + draw.amount > cap:
            return f"at most {words(cap, limit.shown_as)} {each}"
    return None


def window_of(on: date) -> tuple[date, date]:
    """The dates whose draws the caps of a date can count: its month, and the weeks that touch it."""
    return on.replace(day=1) - timedelta(days=6), _month_end(on) + timedelta(days=6)


def _month_end(on: date) -> date:
    return (on.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
