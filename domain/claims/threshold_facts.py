"""A claim's buckets against the year's therapy threshold: its facts, and KX where a line is above."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import dollars
from billing_rules.therapy.facts.thresholds import AllowedLine, TherapyAccrual
from billing_rules.therapy.modifiers.order import in_order, modifier_order
from billing_rules.therapy.modifiers.thresholds import (
    KX,
    Bucket,
    ThresholdUnknown,
    YearThreshold,
    lines_above,
    year_threshold,
)
from billing_rules.therapy.payer_rules import Asked
from domain.claims.basis import ClaimBasis, rendering_of
from domain.claims.threshold_models import ThresholdDecision
from domain.claims.thresholds import (
    Counted,
    accrued,
    allowed_of,
    bucket_of_line,
    counts_for,
    least,
    most,
)
from tenants.audit import note_change
from tenants.ids import new_id

NOT_NECESSARY = frozenset({"GA", "GX", "GY", "GZ"})
"""Whoever sends these does not hold the service necessary, which KX would say."""


async def accrual_facts(session: AsyncSession, basis: ClaimBasis) -> tuple[TherapyAccrual, ...]:
    """What is accrued before the claim, by year and bucket of its lines; nothing where nobody counts."""
    if not counts_for(basis.book, basis.asked):
        return ()
    claim, book, lines = basis.claim, basis.book, counted_lines(basis)
    allowed = await allowed_of(session, claim.practice_id, book, lines)
    found = []
    for (year, bucket), places in sorted(_places(lines).items()):
        so_far = await accrued(session, claim.practice_id, claim.patient_id, year, bucket, book, before=claim)
        own = [(at, lines[at].line) for at in places]
        found.append(
            TherapyAccrual(
                year=year,
                bucket=bucket,
                accrued_cents=so_far.cents,
                looked_up_on=so_far.looked_up_on,
                unknown_lines=so_far.unknown_lines,
                unknown_at_most_cents=so_far.unknown_at_most_cents,
                lines=tuple(
                    AllowedLine(
                        line=at,
                        allowed_cents=allowed[line.id].allowed_cents,
                        at_least_cents=least(allowed[line.id]),
                        at_most_cents=most(allowed[line.id], line),
                    )
                    for at, line in own
                ),
            )
        )
    return tuple(found)


def counted_lines(basis: ClaimBasis) -> list[Counted]:
    """The claim's own lines in their order, with who renders them."""
    return [Counted(basis.claim, line, rendering_of(basis).credential) for line in basis.lines]


async def mark_thresholds(
    session: AsyncSession, basis: ClaimBasis, now: datetime
) -> tuple[TherapyAccrual, ...]:
    """Put KX on lines above the threshold as far as amounts are known, and keep why each was decided so.

    KX that stands is left: somebody may know more than our tally does, and the checks say so. Returns what
    was accrued before the claim, which a mark does not change.
    """
    lines = counted_lines(basis)
    accruals = await accrual_facts(session, basis)
    decisions = []
    for accrual in accruals:
        try:
            limit = year_threshold(basis.book.shelf, accrual.year, accrual.bucket)
        except ThresholdUnknown:
            continue
        own = [one.sure_cents for one in accrual.lines]
        crossing = lines_above(limit.amount_cents, accrual.accrued_cents, own)
        before = accrual.accrued_cents
        for one, above in zip(accrual.lines, crossing.kx, strict=True):
            line = lines[one.line]
            if above and not NOT_NECESSARY & set(line.line.modifiers):
                await _mark(session, basis, line)
            decisions.append(_decision(line, accrual, one, limit, before, now))
            before += one.sure_cents
    if decisions:
        await session.execute(insert(ThresholdDecision), decisions)
    for row in decisions:
        note_change(session, "insert", "threshold_decisions", row["id"])
    return accruals


async def _mark(session: AsyncSession, basis: ClaimBasis, one: Counted) -> None:
    """In the payer's order; a line that has four others keeps them, and the check asks for a person."""
    if KX in one.line.modifiers:
        return
    asked = Asked(payer=basis.coverage.rule_key, on=one.line.date_of_service)
    ordered = in_order((*one.line.modifiers, KX), modifier_order(basis.book, asked))
    if not ordered.left_off:
        one.line.modifiers = list(ordered.kept)
        await session.flush()
        note_change(session, "update", "claim_lines", one.line.id)


def _decision(
    one: Counted,
    accrual: TherapyAccrual,
    allowed: AllowedLine,
    limit: YearThreshold,
    before_cents: int,
    now: datetime,
) -> dict[str, Any]:
    return {
        "practice_id": one.line.practice_id,
        "id": new_id(),
        "claim_line_id": one.line.id,
        "year": accrual.year,
        "bucket": accrual.bucket,
        "threshold_cents": limit.amount_cents,
        "threshold_year": limit.year,
        "accrued_cents": before_cents,
        "allowed_cents": allowed.allowed_cents,
        "marked": KX in one.line.modifiers,
        "why": _why(allowed.allowed_cents, before_cents, limit),
        "decided_at": now,
    }


def _why(allowed_cents: int | None, before_cents: int, limit: YearThreshold) -> str:
    named = f"{dollars(limit.amount_cents)} of {limit.year}"
    if allowed_cents is None:
        return f"What the line is allowed is not known; {dollars(before_cents)} before it, threshold {named}."
    total = before_cents + allowed_cents
    more = "more than" if total > limit.amount_cents else "at most"
    return f"{dollars(before_cents)} and {dollars(allowed_cents)} are {more} {named}."


def _places(lines: Sequence[Counted]) -> dict[tuple[int, Bucket], list[int]]:
    """Lines of the claim by year and bucket, counted from 0."""
    found: dict[tuple[int, Bucket], list[int]] = {}
    for at, one in enumerate(lines):
        bucket = bucket_of_line(one.line.modifiers)
        if bucket is not None:
            found.setdefault((one.line.date_of_service.year, bucket), []).append(at)
    return found
