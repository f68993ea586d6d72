"""What a company's rule would do to the open claims of each of its practices, before it is made."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from domain.claims.rule_changes import ChangePreview, RuleChange, accept_change, preview_change
from domain.practices.organization_rules import (
    NewOrganizationRule,
    company_candidate,
    organization_book,
    practices_served,
)
from domain.practices.rules import rule_book_for, rule_row
from tenants.access import Actor
from tenants.database import Database

MOST_JUDGED = 1000


async def preview_company_change(
    database: Database,
    actor: Actor,
    given: NewOrganizationRule | None,
    withdraws: tuple[UUID, ...],
    now: datetime,
    *,
    practice_ids: Collection[UUID] | None,
    limit: int,
) -> list[ChangePreview]:
    """Judge open claims practice by practice, `limit` of each; those without open claims are left out.

    Opens one door after another. Raises Invalid and NotFound as making the change would. After a thousand
    claims the rest is only counted: `next_after` and `looked_at` say where to go on.
    """
    change = _change(actor, given, withdraws, now)
    async with database.organization_transaction(actor) as session:
        accept_change(await organization_book(session, actor.organization_id), change)
        served = await practices_served(session, actor.organization_id)
    reach = [p for p in served if p in actor.practice_ids and (practice_ids is None or p in practice_ids)]
    previews: list[ChangePreview] = []
    for practice_id in reach:
        left = MOST_JUDGED - sum(preview.looked_at for preview in previews)
        async with database.practice_transaction(actor, practice_id) as session:
            book = await rule_book_for(session, practice_id)
            told = await preview_change(session, practice_id, book, change, now, limit=min(limit, left))
        if told.open_claims:
            previews.append(told)
    return previews


def _change(
    actor: Actor, given: NewOrganizationRule | None, withdraws: tuple[UUID, ...], now: datetime
) -> RuleChange:
    if given is None:
        return RuleChange(row=None, vectors=(), withdraws=withdraws)
    rule = company_candidate(actor, given, now)
    return RuleChange(row=rule_row(rule, rule.payer_key), vectors=given.vectors, withdraws=withdraws)
