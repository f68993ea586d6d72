"""The year's therapy of a patient in processing order: what the payer said, and what of ours came after."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Select, exists, extract, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.expected_allowed import AllowedLine, ServiceLine, expected_allowed
from billing_rules.therapy.modifiers.shapes import THERAPY_THRESHOLD, ThresholdRule
from billing_rules.therapy.modifiers.thresholds import BUCKET_OF, Bucket
from billing_rules.therapy.payer_rules import Asked, ask
from domain.claims.models import Claim, ClaimLine
from domain.claims.threshold_models import TherapyAccrual, ThresholdObservation
from domain.patients.models import Coverage
from domain.practices.contracts import pricing_for
from domain.practices.models import Payer, PracticeProfile, Provider

WAITING = ("held", "ready", "queued", "written", "sent", "received", "accepted")
"""Claims that the payer has not answered; those before a claim in our own queue are processed before it."""


class Accrued(Struct, frozen=True, kw_only=True):
    """What is accrued in a year and bucket, by where it is known from.

    `observed_cents` is the latest look-up; what the payer answered after it and what waits are added.
    """

    observed_cents: int
    looked_up_on: date | None
    source: str | None
    answered_cents: int
    waiting_cents: int
    unknown_lines: int
    unknown_at_most_cents: int

    @property
    def cents(self) -> int:
        """The sum: a lower bound where nobody looked it up, because all providers share one tally."""
        return self.observed_cents + self.answered_cents + self.waiting_cents


class Counted(NamedTuple):
    """A line of ours that counts, with its claim and who rendered it."""

    claim: Claim
    line: ClaimLine
    credential: str


def bucket_of_line(modifiers: Sequence[str]) -> Bucket | None:
    """The bucket of a line by its discipline's modifier, or none."""
    return next((BUCKET_OF[one] for one in modifiers if one in BUCKET_OF), None)


async def counts(session: AsyncSession, practice_id: UUID, book: RuleBook, claim: Claim, on: date) -> bool:
    """Whether the claim's payer counts therapy against the threshold on a date of service."""
    payer = await session.get_one(Payer, (practice_id, claim.payer_id))
    coverage = await session.get_one(Coverage, (practice_id, claim.coverage_id))
    state = select(PracticeProfile.state).where(PracticeProfile.practice_id == practice_id)
    in_state = (await session.execute(state)).scalar_one_or_none()
    return counts_for(book, Asked(payer=payer.rule_key, plan=coverage.plan, state=in_state, on=on))


def counts_for(book: RuleBook, asked: Asked) -> bool:
    """Whether a payer counts therapy against the threshold on a date of service."""
    return ask(book, THERAPY_THRESHOLD, asked).read(ThresholdRule).applies


async def accrued(
    session: AsyncSession,
    practice_id: UUID,
    patient_id: UUID,
    year: int,
    bucket: Bucket,
    book: RuleBook,
    *,
    before: Claim | None = None,
) -> Accrued:
    """What is accrued by now, or before a claim's turn comes; the claim's own lines are left out."""
    seen = await _observed(session, practice_id, patient_id, year, bucket)
    waiting = await _waiting(session, practice_id, patient_id, year, bucket, book, before)
    allowed = await allowed_of(session, practice_id, book, waiting)
    unknown = [w for w in waiting if allowed[w.line.id].allowed_cents is None]
    return Accrued(
        observed_cents=seen.amount_cents if seen else 0,
        looked_up_on=seen.as_of if seen else None,
        source=seen.source if seen else None,
        answered_cents=await _answered(session, practice_id, patient_id, year, bucket, seen, before),
        waiting_cents=sum(least(allowed[w.line.id]) for w in waiting),
        unknown_lines=len(unknown),
        unknown_at_most_cents=sum(
            most(allowed[w.line.id], w.line) - least(allowed[w.line.id]) for w in unknown
        ),
    )


def least(allowed: AllowedLine) -> int:
    """What a line is allowed at the least: the amount where it is known."""
    return allowed.at_least_cents or 0 if allowed.allowed_cents is None else allowed.allowed_cents


def most(allowed: AllowedLine, line: ClaimLine) -> int:
    """What a line is allowed at the most: never more than its charge."""
    bound = line.charge_cents if allowed.at_most_cents is None else allowed.at_most_cents
    return min(bound, line.charge_cents)


async def allowed_of(
    session: AsyncSession, practice_id: UUID, book: RuleBook, counted: Sequence[Counted]
) -> Mapping[UUID, AllowedLine]:
    """What each line should be allowed by contract or fee schedule, or its bounds where nobody knows."""
    found: dict[UUID, AllowedLine] = {}
    for payer_id in dict.fromkeys(one.claim.payer_id for one in counted):
        mine = [one for one in counted if one.claim.payer_id == payer_id]
        first = min(one.line.date_of_service for one in mine)
        pricing = await pricing_for(session, practice_id, payer_id, on=first, book=book)
        for answer in expected_allowed([_service(one) for one in mine], pricing):
            found[UUID(answer.key)] = answer
    return found


def _lines(practice_id: UUID) -> Select[Claim, ClaimLine, str, str, str | None]:
    """Lines with who renders them, and by which payer and plan they go."""
    return (
        select(Claim, ClaimLine, Provider.credential, Payer.rule_key, Coverage.plan)
        .join(ClaimLine, (ClaimLine.practice_id == Claim.practice_id) & (ClaimLine.claim_id == Claim.id))
        .join(
            Provider,
            (Provider.practice_id == Claim.practice_id) & (Provider.id == Claim.rendering_provider_id),
        )
        .join(Payer, (Payer.practice_id == Claim.practice_id) & (Payer.id == Claim.payer_id))
        .join(Coverage, (Coverage.practice_id == Claim.practice_id) & (Coverage.id == Claim.coverage_id))
        .where(Claim.practice_id == practice_id)
    )


def _service(one: Counted) -> ServiceLine:
    return ServiceLine(
        key=str(one.line.id),
        served_on=one.line.date_of_service,
        code=one.line.code,
        modifiers=tuple(one.line.modifiers),
        units=one.line.units,
        charge_cents=one.line.charge_cents,
        place_of_service=one.line.place_of_service,
        credential=one.credential,
    )


async def _observed(
    session: AsyncSession, practice_id: UUID, patient_id: UUID, year: int, bucket: Bucket
) -> ThresholdObservation | None:
    seen = ThresholdObservation
    wanted = select(seen).where(
        seen.practice_id == practice_id,
        seen.patient_id == patient_id,
        seen.year == year,
        seen.bucket == bucket,
    )
    latest = wanted.order_by(seen.as_of.desc(), seen.recorded_at.desc(), seen.id.desc()).limit(1)
    return (await session.execute(latest)).scalar_one_or_none()


async def _answered(
    session: AsyncSession,
    practice_id: UUID,
    patient_id: UUID,
    year: int,
    bucket: Bucket,
    seen: ThresholdObservation | None,
    before: Claim | None,
) -> int:
    """What the payer allowed on lines of ours since it was looked up; before that it is in the look-up."""
    row = TherapyAccrual
    where = [row.practice_id == practice_id, row.patient_id == patient_id]
    where += [row.year == year, row.bucket == bucket]
    if seen is not None:
        where.append(row.processed_on > seen.as_of)
    if before is not None:
        own = select(ClaimLine.id).where(
            ClaimLine.practice_id == practice_id, ClaimLine.claim_id == before.id
        )
        where.append(row.claim_line_id.not_in(own))
    summed = select(func.coalesce(func.sum(row.amount_cents), 0)).where(*where)
    return int((await session.execute(summed)).scalar_one())


async def _waiting(
    session: AsyncSession,
    practice_id: UUID,
    patient_id: UUID,
    year: int,
    bucket: Bucket,
    book: RuleBook,
    before: Claim | None,
) -> list[Counted]:
    """Lines that the payer has not answered, of claims made before the one whose turn it is."""
    answered = exists().where(
        TherapyAccrual.practice_id == practice_id, TherapyAccrual.claim_line_id == ClaimLine.id
    )
    wanted = _lines(practice_id).where(
        Claim.patient_id == patient_id,
        Claim.status.in_(WAITING),
        extract("year", ClaimLine.date_of_service) == year,
        ~answered,
    )
    if before is not None:
        wanted = wanted.where(Claim.id < before.id)
        if before.replaces is not None:
            wanted = wanted.where(Claim.id != before.replaces)
    profile = await session.get(PracticeProfile, (practice_id, practice_id))
    found = []
    for claim, line, credential, payer, plan in await session.execute(
        wanted.order_by(Claim.id, ClaimLine.number)
    ):
        on, state = line.date_of_service, profile.state if profile else None
        counted = counts_for(book, Asked(payer=payer, plan=plan, state=state, on=on))
        if counted and bucket_of_line(line.modifiers) == bucket:
            found.append(Counted(claim, line, credential))
    return found
