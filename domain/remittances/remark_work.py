"""Work that a remark code of a remittance opens by itself, such as visit verification (BC-21)."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.remarks import Remark, remark_work
from domain.claims.use import due_on
from domain.remittances.models import RemittanceClaim
from domain.remittances.reading import PostingFacts
from domain.work.items import open_item

DAYS = 7


async def open_remark_work(
    session: AsyncSession, facts: PostingFacts, row: RemittanceClaim, now: datetime
) -> None:
    """Open one item a kind for what the remarks of the claim and its lines ask for."""
    assert row.claim_id is not None, "the claim was posted"
    for kind, told in _asked(facts, row).items():
        first, named = told[0], ", ".join(one.code for one in told)
        await open_item(
            session,
            facts.practice_id,
            kind=kind,
            subject_kind="claim",
            subject_id=row.claim_id,
            reason=f"{first.reason} ({named})",
            next_action=first.next_action,
            due_on=due_on(now, DAYS),
            value_cents=abs(row.charge_cents) - abs(row.paid_cents),
            now=now,
        )


def _asked(facts: PostingFacts, row: RemittanceClaim) -> dict[str, list[Remark]]:
    """The remarks of the claim and its lines that ask for work, by its kind, each once."""
    lines = facts.lines.get(row.id, [])
    asked: dict[str, list[Remark]] = {}
    for code in dict.fromkeys([*row.remarks, *(code for line in lines for code in line.remarks)]):
        told = remark_work(code)
        if told is not None:
            asked.setdefault(told.work, []).append(told)
    return asked
