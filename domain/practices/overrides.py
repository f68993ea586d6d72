"""A practice's own dated rules: added with author, source and vectors, withdrawn by name, never edited."""

import hashlib
from datetime import datetime
from uuid import UUID

from msgspec.structs import asdict
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import RuleRow
from domain.practices.models import OrganizationRule, Payer, PayerRule
from domain.practices.rule_terms import NewRule, RuleAlreadyWithdrawn, Withdrawal, accept_rule
from domain.practices.rules import rule_book_for, rule_row
from domain.views import lock_row, require_reference
from tenants.errors import Conflict
from tenants.ids import new_id


class RuleOfOrganization(Conflict):
    """The rule is the billing company's: it is withdrawn there, for all practices."""

    code = "rule_of_organization"


class NewPayerRule(NewRule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dated rule of the practice, for one of its payers or for all."""

    payer_id: UUID | None = None


async def add_payer_rule(
    session: AsyncSession,
    practice_id: UUID,
    given: NewPayerRule,
    *,
    author_id: UUID,
    now: datetime,
    author_name: str = "",
) -> UUID:
    """Add a rule; raises Invalid for one that the book refuses, of which the reason names the other row.

    Of two that share days and come at once, the later waits for the earlier and is refused.
    """
    await lock_rules(session, practice_id)
    rule, row = await candidate(
        session, practice_id, given, author_id=author_id, author_name=author_name, now=now
    )
    rule.vectors = accept_rule(row, given.vectors, await rule_book_for(session, practice_id))
    rule.recorded_at = await next_instant(session, practice_id, given.rule, now)
    session.add(rule)
    await session.flush()
    return rule.id


async def candidate(
    session: AsyncSession,
    practice_id: UUID,
    given: NewPayerRule,
    *,
    author_id: UUID,
    author_name: str,
    now: datetime,
) -> tuple[PayerRule, RuleRow]:
    """The rule as it would be stored and as the book would see it; raises Invalid for an unknown payer."""
    await require_reference(session, Payer, practice_id, given.payer_id, "/payer_id")
    named = select(Payer.rule_key).where(Payer.practice_id == practice_id, Payer.id == given.payer_id)
    rule = PayerRule(
        practice_id=practice_id,
        id=new_id(),
        level="practice",
        payer_key=None,
        author_id=author_id,
        author_name=author_name,
        recorded_at=now,
        **(asdict(given) | {"vectors": []}),
    )
    return rule, rule_row(rule, (await session.execute(named)).scalar_one_or_none())


async def withdraw_payer_rule(
    session: AsyncSession, practice_id: UUID, rule_id: UUID, given: Withdrawal, *, by: UUID, now: datetime
) -> None:
    """Take a rule out of the book from now on; raises NotFound, RuleAlreadyWithdrawn, RuleOfOrganization."""
    await lock_rules(session, practice_id)
    rule = await lock_row(session, PayerRule, practice_id, rule_id)
    if rule.level != "practice":
        raise RuleOfOrganization(f"rule {rule_id} is the billing company's")
    withdraw(rule, by=by, reason=given.reason, now=now)
    await session.flush()


def withdraw(rule: PayerRule | OrganizationRule, *, by: UUID, reason: str, now: datetime) -> None:
    """Mark a rule as withdrawn; raises RuleAlreadyWithdrawn."""
    if rule.withdrawn_at is not None:
        raise RuleAlreadyWithdrawn(f"rule {rule.id} was withdrawn before")
    rule.withdrawn_at, rule.withdrawn_by, rule.withdrawn_reason = max(now, rule.recorded_at), by, reason


async def lock_rules(session: AsyncSession, owner_id: UUID) -> None:
    """Let nobody else change the rules of this practice, or company, until the transaction ends."""
    key = hashlib.sha256(b"rules\x00" + owner_id.bytes).digest()[:8]
    await session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(key, signed=True))))


async def next_instant(session: AsyncSession, practice_id: UUID, rule: str, now: datetime) -> datetime:
    """Now, or the latest withdrawal of the rule where another machine's clock is ahead.

    What replaces a row must not be known before that is gone: the book of no instant may hold both.
    """
    latest = select(func.max(PayerRule.withdrawn_at)).where(
        PayerRule.practice_id == practice_id, PayerRule.rule == rule
    )
    return max(now, (await session.execute(latest)).scalar_one_or_none() or now)
