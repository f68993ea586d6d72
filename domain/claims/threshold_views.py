"""The therapy threshold of a patient as people see it, look-ups as they record them, and lines to revisit."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.modifiers.thresholds import Bucket, ThresholdUnknown, year_threshold
from domain.claims.models import Claim, ClaimLine
from domain.claims.threshold_models import ThresholdDecision, ThresholdObservation
from domain.claims.thresholds import accrued
from domain.patients.models import Patient
from domain.practices.rules import rule_book_for
from domain.views import require_reference
from tenants.audit import note_patients
from tenants.errors import Invalid, NotFound
from tenants.ids import new_id

ALL_BUCKETS: tuple[Bucket, ...] = ("PT_SLP", "OT")
MOST_LINES = 1_000


class NewThresholdObservation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a payer's portal or eligibility answer said was accrued by the end of a day, by all providers."""

    year: Annotated[int, Meta(ge=2018, le=2100)]
    bucket: Bucket
    amount_cents: Annotated[Cents, Meta(ge=0)]
    as_of: date
    source: Annotated[str, Meta(min_length=1, max_length=200)]


class ThresholdTally(Struct, frozen=True, kw_only=True):
    """One bucket of a year; a lower bound until somebody looked it up, and between two look-ups.

    `left_cents` is what fits below the threshold; `threshold_year` is another year's where the year's own sum
    is not known yet.
    """

    year: int
    bucket: Bucket
    threshold_cents: Cents
    threshold_year: int
    is_provisional: bool
    observed_cents: Cents
    looked_up_on: date | None
    source: str | None
    answered_cents: Cents
    waiting_cents: Cents
    accrued_cents: Cents
    left_cents: Cents
    unknown_lines: int
    is_lower_bound: bool


class LineToRevisit(Struct, frozen=True, kw_only=True):
    """A line decided by another year's sum; `differs` where the year's own, once known, decides otherwise."""

    claim_id: UUID
    control_number: str
    line: int
    year: int
    bucket: str
    marked: bool
    threshold_cents: Cents
    threshold_year: int
    accrued_cents: Cents
    allowed_cents: Cents | None
    known_cents: Cents | None
    differs: bool | None
    why: str


async def observe_threshold(
    session: AsyncSession,
    practice_id: UUID,
    patient_id: UUID,
    given: NewThresholdObservation,
    *,
    by: UUID,
    now: datetime,
    today: date,
) -> UUID:
    """Record a look-up; the latest day counts. Raises Invalid for another year or a day to come, NotFound."""
    await require_reference(session, Patient, practice_id, patient_id, "/patient_id")
    if given.as_of > today:
        raise Invalid("nobody has looked it up yet", pointer="/as_of")
    if given.as_of.year < given.year:
        raise Invalid("the year had not begun", pointer="/as_of")
    row = ThresholdObservation(
        practice_id=practice_id,
        id=new_id(),
        patient_id=patient_id,
        year=given.year,
        bucket=given.bucket,
        amount_cents=given.amount_cents,
        as_of=given.as_of,
        source=given.source,
        recorded_by=by,
        recorded_at=now,
    )
    session.add(row)
    await session.flush()
    note_patients(session, patient_id)
    return row.id


async def threshold_tallies(
    session: AsyncSession, practice_id: UUID, patient_id: UUID, year: int
) -> list[ThresholdTally]:
    """Both buckets of a patient's year; raises NotFound for an unknown patient or a year without any sum."""
    if await session.get(Patient, (practice_id, patient_id)) is None:
        raise NotFound(f"no patient {patient_id}")
    note_patients(session, patient_id)
    book = await rule_book_for(session, practice_id)
    return [await _tally(session, practice_id, patient_id, year, bucket, book) for bucket in ALL_BUCKETS]


async def _tally(
    session: AsyncSession, practice_id: UUID, patient_id: UUID, year: int, bucket: Bucket, book: RuleBook
) -> ThresholdTally:
    try:
        limit = year_threshold(book.shelf, year, bucket)
    except ThresholdUnknown as unknown:
        raise NotFound(str(unknown)) from unknown
    so_far = await accrued(session, practice_id, patient_id, year, bucket, book)
    return ThresholdTally(
        year=year,
        bucket=bucket,
        threshold_cents=limit.amount_cents,
        threshold_year=limit.year,
        is_provisional=limit.is_provisional,
        observed_cents=so_far.observed_cents,
        looked_up_on=so_far.looked_up_on,
        source=so_far.source,
        answered_cents=so_far.answered_cents,
        waiting_cents=so_far.waiting_cents,
        accrued_cents=so_far.cents,
        left_cents=max(0, limit.amount_cents - so_far.cents),
        unknown_lines=so_far.unknown_lines,
        is_lower_bound=so_far.looked_up_on is None or so_far.unknown_lines > 0,
    )


async def lines_to_revisit(session: AsyncSession, practice_id: UUID, year: int) -> list[LineToRevisit]:
    """Lines of a year whose latest decision rests on another year's sum, in order; at most 1,000.

    Once the year's own sum is loaded, each says whether it would be decided otherwise.
    """
    book = await rule_book_for(session, practice_id)
    latest = (
        select(ThresholdDecision)
        .where(ThresholdDecision.practice_id == practice_id, ThresholdDecision.year == year)
        .distinct(ThresholdDecision.claim_line_id)
        .order_by(ThresholdDecision.claim_line_id, ThresholdDecision.decided_at.desc())
        .subquery()
    )
    wanted = (
        select(ThresholdDecision, Claim.id, Claim.control_number, ClaimLine.number)
        .join(
            latest,
            (latest.c.practice_id == ThresholdDecision.practice_id) & (latest.c.id == ThresholdDecision.id),
        )
        .join(
            ClaimLine,
            (ClaimLine.practice_id == ThresholdDecision.practice_id)
            & (ClaimLine.id == ThresholdDecision.claim_line_id),
        )
        .join(Claim, (Claim.practice_id == ClaimLine.practice_id) & (Claim.id == ClaimLine.claim_id))
        .where(ThresholdDecision.threshold_year != year)
        .order_by(Claim.id, ClaimLine.number)
        .limit(MOST_LINES)
    )
    rows = await session.execute(wanted)
    return [_revisit(book, row[0], row[1], row[2], row[3]) for row in rows]


def _revisit(
    book: RuleBook, made: ThresholdDecision, claim_id: UUID, control_number: str, number: int
) -> LineToRevisit:
    bucket: Bucket = "OT" if made.bucket == "OT" else "PT_SLP"
    limit = year_threshold(book.shelf, made.year, bucket)
    known = None if limit.is_provisional else limit.amount_cents
    total = None if made.allowed_cents is None else made.accrued_cents + made.allowed_cents
    differs = None if known is None or total is None else (total > known) != made.marked
    return LineToRevisit(
        claim_id=claim_id,
        control_number=control_number,
        line=number,
        year=made.year,
        bucket=made.bucket,
        marked=made.marked,
        threshold_cents=made.threshold_cents,
        threshold_year=made.threshold_year,
        accrued_cents=made.accrued_cents,
        allowed_cents=made.allowed_cents,
        known_cents=known,
        differs=differs,
        why=made.why,
    )
