"""What the ledger says, read through the practice's own door."""

from uuid import UUID

from sqlalchemy import text

from domain.ledger.invariants import verify
from tests.api.back.conftest import Office

CASH = """
select coalesce(sum(case when d.kind = 'cash' then t.amount else 0 end), 0)::bigint
    - coalesce(sum(case when c.kind = 'cash' then t.amount else 0 end), 0)::bigint
from transfers t
join journals j on j.practice_id = t.practice_id and j.id = t.journal_id
join accounts d on d.practice_id = t.practice_id and d.id = t.debit_account
join accounts c on c.practice_id = t.practice_id and c.id = t.credit_account
where starts_with(j.source, :remittance) and j.kind ~
    '^(reverse[.])?(remittance_claim|remittance_suspense|provider_adjustment)$'
"""

BALANCES = """
select a.owner_kind, split_part(a.kind, ':', 1) as kind, sum(s.cents)::bigint as cents
from accounts a join (
    select debit_account as id, amount as cents from transfers
    union all select credit_account, -amount from transfers) s on s.id = a.id
group by 1, 2 having sum(s.cents) <> 0
"""


async def cash_of(office: Office, remittance_id: str) -> int:
    """What a remittance moved into cash, in cents, un-postings counted."""
    async with office.services.database.practice_transaction(
        office.world.tenant.actor, office.world.practice_id
    ) as session:
        found = await session.execute(text(CASH), {"remittance": str(UUID(remittance_id))})
        cents: int = found.scalar_one()
        return cents


async def balances(office: Office) -> dict[str, int]:
    """Debits less credits by kind of account, over all claims; raises when the books do not hold."""
    async with office.services.database.practice_transaction(
        office.world.tenant.actor, office.world.practice_id
    ) as session:
        assert await verify(session, office.world.practice_id) == []
        return {row.kind: row.cents for row in await session.execute(text(BALANCES))}
