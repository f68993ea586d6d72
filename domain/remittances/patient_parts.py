"""Where the patients' parts of claim lines stand on the ledger before a remittance moves them."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.ledger.statements import driver_of
from domain.remittances.effects import PatientPart

# What waits is a balance. What a party was asked for is net of what it is asked for no more, not of payments.
PARTS = """
with own as (
    select id, owner_id, kind, debits - credits as open from accounts
    where practice_id = $1 and owner_kind = 'claim_line' and owner_id = any($2::uuid[])
    and (kind = 'patient_not_due' or starts_with(kind, 'patient_due:'))),
moved as (
    select debit_account as id, amount as cents from transfers
    where practice_id = $1 and kind = 'due' and debit_account in (select id from own)
    union all
    select credit_account, -amount from transfers
    where practice_id = $1 and kind = 'due' and credit_account in (select id from own)),
asked as (select id, sum(cents)::bigint as cents from moved group by id)
select o.owner_id, split_part(o.kind, ':', 2) as party, o.open, coalesce(a.cents, 0) as asked
from own o left join asked a on a.id = o.id
order by o.owner_id, o.kind
"""


async def patient_parts(
    session: AsyncSession, practice_id: UUID, line_ids: Collection[UUID]
) -> dict[UUID, PatientPart]:
    """The parts of those lines that have one; their claims are locked, so that nothing else moves them."""
    driver = await driver_of(session)
    waiting: dict[UUID, int] = {}
    asked: dict[UUID, list[tuple[UUID, int]]] = {}
    for row in await driver.fetch(PARTS, practice_id, list(line_ids)):
        line_id = row["owner_id"]
        if row["party"]:
            asked.setdefault(line_id, []).append((UUID(row["party"]), row["asked"]))
        else:
            waiting[line_id] = row["open"]
    return {
        line_id: PatientPart(waiting.get(line_id, 0), tuple(asked.get(line_id, ())))
        for line_id in waiting.keys() | asked.keys()
    }
