"""What the allowances know of a claim's lines: approvals on file, where lines draw, and what exceeds."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.facts.allowances import ApprovalFacts, LimitFacts, LineApproval
from domain.allowances.models import AuthorizationBlock, BenefitLimit, LimitChoice
from domain.claims.basis import ClaimBasis
from domain.claims.content import ClaimContent
from domain.claims.models import Claim
from domain.ledger.models import Draw
from domain.visits.models import Visit


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """The approvals of the case, each line's own by its number, and the limits that lines draw on."""

    approvals: tuple[ApprovalFacts, ...]
    of_lines: dict[int, LineApproval]
    limits: tuple[LimitFacts, ...]


async def allowance_facts(session: AsyncSession, basis: ClaimBasis, content: ClaimContent) -> Allowed:
    """What stands behind the claim's lines on the allowances' side, for the claim's own coverage."""
    visits = basis.visits
    over = await _over(session, basis.claim, {visit.id for visit in basis.sessions})
    limits = await _limits(session, basis.claim, content, visits, over)
    of_lines = {
        line.number: _line(line.authorization_number, line.code, visits.get(line.number, ()), over)
        for line in content.lines
    }
    return Allowed(approvals=_approvals(basis), of_lines=of_lines, limits=limits)


class _Over(msgspec.Struct, frozen=True):
    """By how much a visit's code exceeds a limit."""

    kind: str
    limit_id: UUID
    unit: str
    over: int


_Exceeding = dict[tuple[UUID, str], list[_Over]]


async def _over(session: AsyncSession, claim: Claim, visit_ids: Iterable[UUID]) -> _Exceeding:
    """The limits that a visit's codes draw on under the claim's coverage, by visit and code."""
    same = (
        (Draw.practice_id == LimitChoice.practice_id)
        & (Draw.limit_kind == LimitChoice.limit_kind)
        & (Draw.limit_id == LimitChoice.limit_id)
        & (Draw.subject_id == LimitChoice.subject_id)
    )
    wanted = (
        select(LimitChoice.subject_id, LimitChoice.code, Draw.limit_kind, Draw.limit_id, Draw.unit, Draw.over)
        .join(Draw, same)
        .where(
            LimitChoice.practice_id == claim.practice_id,
            LimitChoice.coverage_id == claim.coverage_id,
            LimitChoice.subject_id.in_(list(visit_ids)),
        )
        .order_by(LimitChoice.subject_id, LimitChoice.code, Draw.limit_kind, Draw.limit_id, Draw.unit)
    )
    found: _Exceeding = {}
    for subject_id, code, kind, limit_id, unit, over in await session.execute(wanted):
        found.setdefault((subject_id, code), []).append(_Over(kind, limit_id, unit, over))
    return found


async def _limits(
    session: AsyncSession,
    claim: Claim,
    content: ClaimContent,
    visits: Mapping[int, Sequence[Visit]],
    over: _Exceeding,
) -> tuple[LimitFacts, ...]:
    if not any(drawn.kind == "benefit_limit" for some in over.values() for drawn in some):
        return ()
    wanted = select(BenefitLimit).where(
        BenefitLimit.practice_id == claim.practice_id, BenefitLimit.coverage_id == claim.coverage_id
    )
    known = {limit.id: limit for limit in (await session.execute(wanted)).scalars()}
    found = [
        _limit(at, known[drawn.limit_id], drawn)
        for at, line in enumerate(content.lines)
        for visit in visits.get(line.number, ())
        for drawn in over.get((visit.id, line.code), ())
        if drawn.limit_id in known
    ]
    return tuple(sorted(set(found), key=msgspec.json.encode))


def _limit(at: int, limit: BenefitLimit, drawn: _Over) -> LimitFacts:
    return LimitFacts(
        line=at,
        unit=limit.ledger_unit,
        quantity=limit.quantity,
        starts_on=limit.starts_on,
        ends_on=limit.ends_on,
        hard=limit.hard,
        over=drawn.over,
        source=limit.source,
    )


def _line(number: str | None, code: str, behind: Sequence[Visit], over: _Exceeding) -> LineApproval:
    exceeded = [
        drawn
        for visit in behind
        for drawn in over.get((visit.id, code), ())
        if drawn.kind == "authorization_block" and drawn.over > 0
    ]
    most = max(exceeded, key=lambda drawn: (drawn.over, str(drawn.limit_id)), default=None)
    return LineApproval(
        number=number,
        provider=str(behind[0].provider_id) if behind else None,
        location=str(behind[0].location_id) if behind else None,
        over=most.over if most else 0,
        unit=most.unit if most else "visit",
    )


def _approvals(basis: ClaimBasis) -> tuple[ApprovalFacts, ...]:
    """Every block of the coverage's authorizations, in the order of their making."""
    return tuple(
        _approval(authorization.number, block)
        for authorization, block in basis.approvals
        if block is not None and authorization.coverage_id == basis.claim.coverage_id
    )


def _approval(number: str, block: AuthorizationBlock) -> ApprovalFacts:
    return ApprovalFacts(
        number=number,
        starts_on=block.starts_on,
        ends_on=block.ends_on,
        codes=None if block.codes is None else tuple(sorted(block.codes)),
        discipline=block.discipline,
        provider=str(block.provider_id) if block.provider_id else None,
        location=str(block.location_id) if block.location_id else None,
    )
