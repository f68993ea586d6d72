"""What repeats: refusals that propose a rule for a member to approve, and findings that have one cause."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.check_catalogue import check_entry
from billing_rules.findings import Finding
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.payer_rules import Asked, ask
from billing_rules.therapy.scrub_rules import (
    PATTERN_THRESHOLDS,
    PATTERN_WARNING,
    PatternThresholds,
    PatternWarning,
    RefusedPattern,
)
from domain.claims.models import Claim, ClaimFinding
from domain.claims.persons import require_person
from domain.claims.refusal_facts import recent_refusals
from domain.claims.suggestion_models import RuleProposal
from domain.claims.use import due_on
from domain.practices.models import Payer, PayerRule
from domain.practices.overrides import NewPayerRule, add_payer_rule, withdraw_payer_rule
from domain.practices.rule_terms import Withdrawal
from domain.practices.rules import rule_book_for
from domain.views import lock_row, read_views
from domain.work.items import open_item
from tenants.access import Actor
from tenants.audit import note_change
from tenants.errors import Conflict
from tenants.ids import new_id

DAYS_FOR_CAUSE = 7


class ProposalNotOpen(Conflict):
    """The proposal was approved or rejected before."""

    code = "proposal_not_open"


class ProposalView(Struct, frozen=True, kw_only=True):
    """A rule that refusals propose, with the claims that speak for it."""

    id: UUID
    payer_id: UUID
    pattern: str
    reason_code: str
    rule: str
    value: dict[str, Any]
    claim_ids: list[UUID]
    state: str
    proposed_at: datetime
    seen_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    reason: str | None
    payer_rule_id: UUID | None


async def propose_rules(session: AsyncSession, claim: Claim, now: datetime) -> None:
    """After a refusal: propose a rule for what the payer has refused often enough, or add to the proposal."""
    thresholds = await _thresholds(session, claim)
    since = now - timedelta(days=thresholds.refusal_days)
    alike: dict[tuple[str, tuple[str, ...], str, str], set[UUID]] = defaultdict(set)
    for refused in await recent_refusals(session, claim, since):
        alike[refused.code, refused.modifiers, refused.place, refused.reason_code].add(refused.claim_id)
    for (code, modifiers, place, reason), claims in sorted(alike.items()):
        if len(claims) >= thresholds.refusals and claim.id in claims:
            pattern = RefusedPattern(
                code=code, modifiers=modifiers, place_of_service=place, reason_code=reason
            )
            await _propose(session, claim, pattern, sorted(claims), now)


async def proposals(session: AsyncSession, practice_id: UUID) -> list[ProposalView]:
    """The rules that refusals propose, the latest first."""
    order = [RuleProposal.proposed_at.desc(), RuleProposal.id]
    mine = RuleProposal.practice_id == practice_id
    return await read_views(session, ProposalView, RuleProposal, mine, order=order)


async def decide_proposal(
    session: AsyncSession,
    actor: Actor,
    practice_id: UUID,
    proposal_id: UUID,
    *,
    approve: bool,
    reason: str,
    now: datetime,
) -> None:
    """Approve a proposal, which then is a rule of the practice for that payer, or reject it.

    Raises OnlyAPerson, NotFound, ProposalNotOpen.
    """
    require_person(actor)
    row = await lock_row(session, RuleProposal, practice_id, proposal_id)
    if row.state != "proposed":
        raise ProposalNotOpen(f"proposal {proposal_id} is {row.state}")
    if approve:
        row.payer_rule_id = await _write_rule(session, actor, row, reason, now)
    row.state = "approved" if approve else "rejected"
    row.decided_by, row.decided_at, row.reason = actor.id, now, reason
    await session.flush()
    note_change(session, "update", "rule_proposals", row.id)


async def tell_upstream(
    session: AsyncSession, claim: Claim, findings: Iterable[Finding], book: RuleBook, now: datetime
) -> None:
    """Open one task where an error is made that repeats; a repeat updates it."""
    told = {what.rule for what in findings if what.severity != "informs"}
    if not told:
        return
    thresholds = _read(book, claim, payer=None)
    for rule, count in await _repeats(session, claim, told, now - timedelta(days=thresholds.repeat_days)):
        if count >= thresholds.repeats:
            await _open_upstream(session, claim, rule, count, thresholds, now)


async def _repeats(
    session: AsyncSession, claim: Claim, rules: set[str], since: datetime
) -> Sequence[tuple[str, int]]:
    counted = (
        select(ClaimFinding.rule, func.count(ClaimFinding.claim_id.distinct()))
        .where(
            ClaimFinding.practice_id == claim.practice_id,
            ClaimFinding.rule.in_(rules),
            ClaimFinding.severity != "informs",
            ClaimFinding.found_at >= since,
        )
        .group_by(ClaimFinding.rule)
        .order_by(ClaimFinding.rule)
    )
    return [(row[0], row[1]) for row in await session.execute(counted)]


async def _open_upstream(
    session: AsyncSession, claim: Claim, rule: str, count: int, thresholds: PatternThresholds, now: datetime
) -> None:
    upstream = check_entry(rule).upstream
    where = upstream.replace("_", " ")
    await open_item(
        session,
        claim.practice_id,
        kind=f"repeated_{upstream}",
        subject_kind="check",
        subject_id=uuid5(claim.practice_id, f"{rule}:{upstream}"),
        reason=f"{count} claims in {thresholds.repeat_days} days have the same finding: {rule}",
        next_action=f"Find the cause in {where} and mend it there",
        due_on=due_on(now, DAYS_FOR_CAUSE),
        now=now,
    )


async def _thresholds(session: AsyncSession, claim: Claim) -> PatternThresholds:
    payer = await session.get_one(Payer, (claim.practice_id, claim.payer_id))
    return _read(await rule_book_for(session, claim.practice_id), claim, payer=payer.rule_key)


def _read(book: RuleBook, claim: Claim, *, payer: str | None) -> PatternThresholds:
    return ask(book, PATTERN_THRESHOLDS, Asked(payer=payer, on=claim.first_on)).read(PatternThresholds)


async def _propose(
    session: AsyncSession, claim: Claim, pattern: RefusedPattern, claim_ids: list[UUID], now: datetime
) -> None:
    """One proposal a pattern and payer; what a member decided stays decided."""
    key = "|".join(
        (pattern.code, ",".join(pattern.modifiers), pattern.place_of_service or "", pattern.reason_code)
    )
    values = {
        "practice_id": claim.practice_id,
        "id": new_id(),
        "payer_id": claim.payer_id,
        "pattern": key,
        "reason_code": pattern.reason_code,
        "rule": PATTERN_WARNING,
        "value": msgspec.to_builtins(pattern),
        "claim_ids": claim_ids,
        "state": "proposed",
        "proposed_at": now,
        "seen_at": now,
    }
    row = insert(RuleProposal).values(values)
    again = row.on_conflict_do_update(
        index_elements=["practice_id", "payer_id", "pattern"],
        set_={"claim_ids": row.excluded.claim_ids, "seen_at": row.excluded.seen_at},
    ).returning(RuleProposal.id)
    note_change(session, "upsert", "rule_proposals", (await session.execute(again)).scalar_one())


async def _write_rule(
    session: AsyncSession, actor: Actor, row: RuleProposal, reason: str, now: datetime
) -> UUID:
    """The payer's row of patterns with this one: the row before it is withdrawn, never edited."""
    known: tuple[RefusedPattern, ...] = ()
    for before in await _standing(session, row):
        known += msgspec.convert(before.value, PatternWarning).patterns
        why = Withdrawal(reason="replaced by a row with one pattern more")
        await withdraw_payer_rule(session, row.practice_id, before.id, why, by=actor.id, now=now)
    patterns = (*known, msgspec.convert(row.value, RefusedPattern))
    given = NewPayerRule(
        rule=PATTERN_WARNING,
        value=msgspec.to_builtins(PatternWarning(patterns=patterns)),
        payer_id=row.payer_id,
        starts_on=now.date() - timedelta(days=DAYS_BACK),
        source=f"{len(row.claim_ids)} refused claims of the practice",
        reason=reason,
    )
    return await add_payer_rule(
        session, row.practice_id, given, author_id=actor.id, now=now, author_name=actor.name
    )


DAYS_BACK = 366
"""A rule that refusals taught holds for services of the past year too, which may still be billed."""


async def _standing(session: AsyncSession, row: RuleProposal) -> Sequence[PayerRule]:
    mine = select(PayerRule).where(
        PayerRule.practice_id == row.practice_id,
        PayerRule.rule == PATTERN_WARNING,
        PayerRule.payer_id == row.payer_id,
        PayerRule.level == "practice",
        PayerRule.withdrawn_at.is_(None),
    )
    return (await session.execute(mine.order_by(PayerRule.id))).scalars().all()
