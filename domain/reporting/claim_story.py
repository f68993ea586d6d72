"""One claim whole: what stands behind it, where its money is, why it is where it is, and its story."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.payer_rules import Asked, filing_deadline
from domain.claims.models import Claim, ClaimLineSource, ClaimVersion
from domain.claims.queries import ClaimLineView, ClaimView, read_claim
from domain.patients.coverages import coverage_by_id
from domain.practices.rules import rule_book_for
from domain.remittances.models import RemittanceClaim, RemittanceLine
from domain.reporting.behind_claim import BehindClaim, sessions_behind
from domain.reporting.claim_moments import event_ids, event_moment, work_moments
from domain.reporting.clocks import zone_of
from domain.reporting.line_money import Movement, Split, movements, split_of
from domain.reporting.moments import Moment, in_order
from domain.reporting.money_moments import (
    last_statement_on,
    party_names,
    payment_moments,
    posting_moments,
    statement_moments,
)
from domain.reporting.session_moments import session_moments
from domain.reporting.standing import Facts, Standing, by_status, by_work
from domain.views import read_views
from domain.work.queries import WorkView, open_items_of
from tenants.clock import local_date


class LineStory(Struct, frozen=True, kw_only=True):
    """One line with its split; `allowed_cents` is what the payer's latest answer allows, None before one."""

    line: ClaimLineView
    split: Split
    allowed_cents: int | None
    remittance_id: UUID | None


class VersionRow(Struct, frozen=True, kw_only=True):
    """One frozen content of the claim."""

    number: int
    created_at: datetime
    content_sha256: str


class ClaimStory(Struct, frozen=True, kw_only=True):
    """What the page of a claim shows; `names` are the parties among who acted."""

    claim: ClaimView
    zone: str
    standing: Standing
    work: list[WorkView]
    total: Split
    lines: list[LineStory]
    sessions: list[BehindClaim]
    versions: list[VersionRow]
    timeline: list[Moment]
    names: dict[UUID, str]


async def claim_story(session: AsyncSession, practice_id: UUID, claim_id: UUID, now: datetime) -> ClaimStory:
    """One claim with everything behind it; raises NotFound."""
    claim = await read_claim(session, practice_id, claim_id)
    zone = await zone_of(session, practice_id)
    line_ids = [line.id for line in claim.lines]
    moves = await movements(session, practice_id, line_ids)
    visit_ids = await _visit_ids(session, practice_id, line_ids)
    today = local_date(now, zone)
    work = await open_items_of(session, practice_id, subject_kind="claim", subject_id=claim_id, today=today)
    total = split_of(moves)
    timeline = await _timeline(session, practice_id, claim, moves, visit_ids)
    return ClaimStory(
        claim=claim,
        zone=zone,
        standing=await _standing(session, practice_id, claim, total, work, today),
        work=work,
        total=total,
        lines=await _lines(session, practice_id, claim.lines, moves),
        sessions=await sessions_behind(session, practice_id, visit_ids),
        versions=await _versions(session, practice_id, claim_id),
        timeline=timeline,
        names=await party_names(session, practice_id, {m.who for m in timeline if isinstance(m.who, UUID)}),
    )


async def _visit_ids(session: AsyncSession, practice_id: UUID, line_ids: Sequence[UUID]) -> list[UUID]:
    behind = select(ClaimLineSource.visit_id).where(
        ClaimLineSource.practice_id == practice_id, ClaimLineSource.claim_line_id.in_(line_ids)
    )
    return list((await session.execute(behind.distinct())).scalars())


async def _timeline(
    session: AsyncSession,
    practice_id: UUID,
    claim: ClaimView,
    moves: Sequence[Movement],
    visit_ids: Sequence[UUID],
) -> list[Moment]:
    numbers = {line.id: line.number for line in claim.lines}
    moments = [
        *await session_moments(session, practice_id, visit_ids),
        *map(event_moment, claim.story, await event_ids(session, practice_id, claim.id)),
        *posting_moments(moves, numbers),
        *await work_moments(session, practice_id, [claim.id, *visit_ids]),
        *await statement_moments(session, practice_id, list(numbers)),
        *await payment_moments(session, practice_id, moves),
    ]
    return await in_order(session, practice_id, moments)


async def _standing(
    session: AsyncSession,
    practice_id: UUID,
    claim: ClaimView,
    total: Split,
    work: list[WorkView],
    today: date,
) -> Standing:
    if work:
        return by_work(claim.status, work, today)
    row = select(Claim.sent_at, Claim.coverage_id).where(
        Claim.practice_id == practice_id, Claim.id == claim.id
    )
    sent_at, coverage_id = (await session.execute(row)).one()
    facts = Facts(
        claim=claim,
        split=total,
        sent_on=sent_at.date() if sent_at else claim.last_on,
        file_by=await _file_by(session, practice_id, coverage_id, claim.first_on),
        stated_on=await last_statement_on(session, practice_id, [line.id for line in claim.lines]),
        today=today,
    )
    return by_status(facts)


async def _file_by(
    session: AsyncSession, practice_id: UUID, coverage_id: UUID, first_on: date
) -> date | None:
    """The last day on which the payer takes the claim, by its rule."""
    coverage = await coverage_by_id(session, practice_id, coverage_id)
    if coverage is None:
        return None
    asked = Asked(payer=coverage.rule_key, plan=coverage.plan, on=first_on)
    return filing_deadline(await rule_book_for(session, practice_id), asked)


async def _lines(
    session: AsyncSession, practice_id: UUID, lines: Sequence[ClaimLineView], moves: Sequence[Movement]
) -> list[LineStory]:
    answers = await _answers(session, practice_id, [line.id for line in lines])
    return [
        LineStory(
            line=line,
            split=split_of(move for move in moves if move.line_id == line.id),
            allowed_cents=answers[line.id][0] if line.id in answers else None,
            remittance_id=answers[line.id][1] if line.id in answers else None,
        )
        for line in lines
    ]


async def _answers(
    session: AsyncSession, practice_id: UUID, line_ids: Sequence[UUID]
) -> dict[UUID, tuple[int, UUID]]:
    """What the payer's latest remittance allowed on each line, and which remittance that was."""
    mine = RemittanceClaim.practice_id == RemittanceLine.practice_id
    wanted = (
        select(RemittanceLine.claim_line_id, RemittanceLine.allowed_cents, RemittanceClaim.remittance_id)
        .join(RemittanceClaim, mine & (RemittanceClaim.id == RemittanceLine.remittance_claim_id))
        .where(RemittanceLine.practice_id == practice_id, RemittanceLine.claim_line_id.in_(line_ids))
        .order_by(RemittanceLine.id)
    )
    return {line_id: (cents, paper) for line_id, cents, paper in await session.execute(wanted) if line_id}


async def _versions(session: AsyncSession, practice_id: UUID, claim_id: UUID) -> list[VersionRow]:
    mine = (ClaimVersion.practice_id == practice_id, ClaimVersion.claim_id == claim_id)
    return await read_views(session, VersionRow, ClaimVersion, *mine, order=[ClaimVersion.number])
