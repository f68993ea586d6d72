"""Carrying a company's rules into its practices: each through its own door, after the company's commit.

The company's rows are the truth. A practice is told what it lacks, in one transaction of its own; a crash in
the middle leaves practices behind, which the next change, the daily task of each practice, the route
`/v1/organization/rules/publish` and `visitledger rules publish` all repair in the same way.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Executable, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.practices.models import OrganizationRule, PayerRule, RulePublication
from domain.practices.organization_rules import practices_served
from domain.practices.overrides import lock_rules, next_instant, withdraw
from domain.practices.tasks import FollowOrganizationRules
from tenants.access import system_actor
from tenants.database import Database
from tenants.outbox import enqueue

log = logging.getLogger("visitledger.rules")
ACTION = "publish rules"
AGAIN = timedelta(days=1)
MOST_ROUNDS = 3
COPIED = (
    "rule",
    "payer_key",
    "plan",
    "state",
    "value",
    "starts_on",
    "ends_on",
    "source",
    "source_link",
    "reason",
    "vectors",
    "author_id",
    "author_name",
)


async def publish_rules(
    database: Database,
    organization_id: UUID,
    *,
    practice_ids: Sequence[UUID] | None = None,
    everything: bool = False,
) -> int:
    """Bring the practices up to date, those given or all that lack something; returns how many could not be.

    With `everything` each active practice is compared row by row, whatever was noted of it before.
    Opens its own transactions, one after another: the company's, each practice's, the company's again. Looks
    once more where a rule changed meanwhile.
    """
    failed: set[UUID] = set()
    for _round in range(MOST_ROUNDS):
        rules, behind = await _look(database, organization_id, practice_ids, everything)
        wanted = [practice_id for practice_id in behind if practice_id not in failed]
        if not wanted:
            break
        reached = [p for p in wanted if await _tell(database, organization_id, p, rules)]
        failed |= set(wanted) - set(reached)
        async with database.organization_transaction(system_actor(organization_id, ACTION)) as session:
            await _note(session, organization_id, rules, reached, database.clock.now())
        practice_ids, everything = None if practice_ids is None else (), False
    return len(failed)


async def _look(
    database: Database, organization_id: UUID, practice_ids: Sequence[UUID] | None, everything: bool
) -> tuple[list[OrganizationRule], list[UUID]]:
    """The company's rules, and the practices to be told of them."""
    async with database.organization_transaction(system_actor(organization_id, ACTION)) as session:
        rules = await _rules(session, organization_id)
        served = list(await practices_served(session, organization_id))
        if everything:
            return rules, served
        if practice_ids is None:
            behind = await _behind(session, organization_id, rules, served)
            return rules, [practice_id for practice_id in served if practice_id in behind]
    return rules, [practice_id for practice_id in served if practice_id in practice_ids]


async def _rules(session: AsyncSession, organization_id: UUID) -> list[OrganizationRule]:
    mine = select(OrganizationRule).where(OrganizationRule.organization_id == organization_id)
    return list((await session.execute(mine.order_by(OrganizationRule.id))).scalars())


async def _behind(
    session: AsyncSession,
    organization_id: UUID,
    rules: Iterable[OrganizationRule],
    served: Iterable[UUID],
) -> set[UUID]:
    """The practices that lack a rule in force, or the withdrawal of one that they have."""
    noted = select(
        RulePublication.rule_id, RulePublication.at_practice_id, RulePublication.withdrawn_at
    ).where(RulePublication.organization_id == organization_id)
    told = {(rule_id, practice_id): gone for rule_id, practice_id, gone in await session.execute(noted)}
    return {
        practice_id
        for practice_id in served
        for rule in rules
        if _lacks(rule, (rule.id, practice_id) in told, told.get((rule.id, practice_id)))
    }


def _lacks(rule: OrganizationRule, has_row: bool, gone_at: datetime | None) -> bool:
    return not has_row if rule.withdrawn_at is None else has_row and gone_at is None


async def _tell(
    database: Database, organization_id: UUID, practice_id: UUID, rules: Sequence[OrganizationRule]
) -> bool:
    actor = system_actor(organization_id, ACTION, practice_ids=frozenset({practice_id}))
    try:
        async with database.practice_transaction(actor, practice_id) as session:
            await follow_rules(session, practice_id, rules, database.clock.now())
            await look_again(session, organization_id, practice_id, database.clock.now())
    except Exception as fault:  # noqa: BLE001 - one practice that cannot be reached keeps none from its rules
        log.warning("rules could not be published to %s: %s", practice_id, type(fault).__name__)
        return False
    return True


async def follow_rules(
    session: AsyncSession, practice_id: UUID, rules: Iterable[OrganizationRule], now: datetime
) -> None:
    """Withdraw the copies of what was withdrawn, then copy what is lacking; repeating does nothing."""
    await lock_rules(session, practice_id)
    mine = select(PayerRule).where(PayerRule.practice_id == practice_id, PayerRule.level == "organization")
    copies = {copy.id: copy for copy in (await session.execute(mine)).scalars()}
    missing = []
    for rule in rules:
        copy = copies.get(rule.id)
        if copy is None and rule.withdrawn_at is None:
            missing.append(rule)
        elif copy is not None and copy.withdrawn_at is None and rule.withdrawn_at is not None:
            withdraw(
                copy, by=rule.withdrawn_by or rule.author_id, reason=rule.withdrawn_reason or "", now=now
            )
    await session.flush()
    for rule in missing:
        session.add(_copy(practice_id, rule, await next_instant(session, practice_id, rule.rule, now)))
    await session.flush()


def _copy(practice_id: UUID, rule: OrganizationRule, now: datetime) -> PayerRule:
    """The row in the practice under the same id, so that telling it twice writes it once."""
    return PayerRule(
        practice_id=practice_id,
        id=rule.id,
        level="organization",
        payer_id=None,
        recorded_at=now,
        **{name: getattr(rule, name) for name in COPIED},
    )


async def look_again(session: AsyncSession, organization_id: UUID, practice_id: UUID, now: datetime) -> None:
    """Owe tomorrow's look at the company's rules, once a day."""
    task = FollowOrganizationRules(practice_id=practice_id, organization_id=organization_id)
    at = now + AGAIN
    await enqueue(session, task, available_at=at, period=at.date().isoformat())


async def _note(
    session: AsyncSession,
    organization_id: UUID,
    rules: Sequence[OrganizationRule],
    reached: Sequence[UUID],
    now: datetime,
) -> None:
    """Write down who has got what; a rule withdrawn before a practice had it is not counted there."""
    noted = select(RulePublication.rule_id, RulePublication.at_practice_id).where(
        RulePublication.organization_id == organization_id
    )
    had = {(rule_id, practice_id) for rule_id, practice_id in await session.execute(noted)}
    rows: list[dict[str, Any]] = [
        {
            "organization_id": organization_id,
            "id": uuid5(rule.id, str(practice_id)),
            "rule_id": rule.id,
            "at_practice_id": practice_id,
            "published_at": now,
            "withdrawn_at": now if rule.withdrawn_at else None,
        }
        for rule in rules
        for practice_id in reached
        if rule.withdrawn_at is None or (rule.id, practice_id) in had
    ]
    for start in range(0, len(rows), 1000):
        await session.execute(_upsert(rows[start : start + 1000]))


def _upsert(rows: list[dict[str, Any]]) -> Executable:
    fresh = insert(RulePublication).values(rows)
    return fresh.on_conflict_do_update(
        index_elements=["organization_id", "id"],
        set_={"withdrawn_at": fresh.excluded.withdrawn_at},
        where=RulePublication.withdrawn_at.is_(None),
    )
