"""Reading the ledger: balances now, as of an instant or on a date, and the transfers behind each of them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from domain.ledger import statements
from domain.ledger.chart import rule_of, signed
from domain.ledger.entries import AccountRef
from domain.ledger.limits import LimitRef

KEPT = "select id, debits, credits from accounts where practice_id = $1 and id = any($2::uuid[]) and kept"

SUMS = """
select side.id, sum(side.debits)::bigint as debits, sum(side.credits)::bigint as credits from (
    select debit_account as id, amount as debits, 0 as credits, recorded_at, effective_on from transfers
    where practice_id = $1 and debit_account = any($2::uuid[])
    union all
    select credit_account, 0, amount, recorded_at, effective_on from transfers
    where practice_id = $1 and credit_account = any($2::uuid[])) side
where ($3::timestamptz is null or side.recorded_at <= $3) and ($4::date is null or side.effective_on <= $4)
group by side.id
"""

OF_OWNERS = """
select owner_kind, owner_id, kind, unit, debits, credits from accounts
where practice_id = $1 and owner_kind = $2 and owner_id = any($3::uuid[]) and kept
order by owner_id, kind, unit
"""

BEHIND = """
select t.id, t.journal_id, j.kind as journal_kind, j.source, j.round, j.reason, t.kind, t.amount,
    t.credit_account = $2 as credited, o.owner_kind, o.owner_id, o.kind as other_kind, o.unit,
    t.effective_on, t.recorded_at, t.actor_id, t.reverses
from transfers t
join journals j on j.practice_id = t.practice_id and j.id = t.journal_id
join accounts o on o.practice_id = t.practice_id
    and o.id = case when t.credit_account = $2 then t.debit_account else t.credit_account end
where t.practice_id = $1 and (t.credit_account = $2 or t.debit_account = $2)
and ($3::timestamptz is null or t.recorded_at <= $3) and ($4::date is null or t.effective_on <= $4)
order by t.recorded_at, t.id
"""

MONTHS = """
select a.kind, date_trunc('month', side.effective_on)::date as month,
    sum(side.debits)::bigint as debits, sum(side.credits)::bigint as credits
from (
    select debit_account as id, amount as debits, 0 as credits, effective_on from transfers
    where practice_id = $1 and effective_on between $2 and $3
    union all
    select credit_account, 0, amount, effective_on from transfers
    where practice_id = $1 and effective_on between $2 and $3) side
join accounts a on a.practice_id = $1 and a.id = side.id and a.owner_kind = 'practice'
group by 1, 2 order by 2, 1
"""


class EntryBehind(Struct, frozen=True, kw_only=True):
    """One transfer behind a balance; `amount` carries the balance's own sign."""

    transfer_id: UUID
    journal_id: UUID
    journal_kind: str
    source: str
    round: int
    reason: str | None
    kind: str
    amount: int
    other: AccountRef
    effective_on: date
    recorded_at: datetime
    actor_id: UUID
    reverses: UUID | None


_AS_READ = tuple(n for n in EntryBehind.__struct_fields__ if n not in ("transfer_id", "amount", "other"))


class Standing(Struct, frozen=True, kw_only=True):
    """A limit at a glance, none negative: granted + overridden + over_limit is the sum of all the others."""

    granted: int
    overridden: int
    available: int
    booked: int
    attended: int
    documented: int
    billed: int
    adjudicated: int
    expired: int
    over_limit: int

    @property
    def used(self) -> int:
        """What took place, over the limit or not; bookings are not use."""
        return self.attended + self.documented + self.billed + self.adjudicated


class MonthSum(Struct, frozen=True, kw_only=True):
    """What one of the practice's own accounts gained in a month, in cents with the account's sign."""

    kind: str
    month: date
    cents: int


async def balances(
    session: AsyncSession,
    practice_id: UUID,
    refs: Iterable[AccountRef],
    *,
    as_of: datetime | None = None,
    on: date | None = None,
) -> dict[AccountRef, int]:
    """The balances of accounts, zero for one never used.

    `as_of` counts what was recorded up to that instant, `on` what is effective up to that date.
    """
    by_id = {ref.id: ref for ref in refs}
    driver = await statements.driver_of(session)
    timed = as_of is not None or on is not None
    summed = [i for i, r in by_id.items() if timed or not rule_of(r.owner_kind, r.kind, r.unit).kept]
    rows = [] if timed else await driver.fetch(KEPT, practice_id, list(by_id))
    if summed:
        rows += await driver.fetch(SUMS, practice_id, summed, as_of, on)
    found = {row["id"]: (row["debits"], row["credits"]) for row in rows}
    return {r: signed(r.owner_kind, r.kind, *found.get(i, (0, 0))) for i, r in by_id.items()}


async def balances_of(
    session: AsyncSession, practice_id: UUID, owner_kind: str, owner_ids: Sequence[UUID]
) -> dict[UUID, dict[AccountRef, int]]:
    """All kept accounts of each owner with their balances: for a claim line, who owes what of it."""
    driver = await statements.driver_of(session)
    owned: dict[UUID, dict[AccountRef, int]] = {owner_id: {} for owner_id in owner_ids}
    for row in await driver.fetch(OF_OWNERS, practice_id, owner_kind, list(owner_ids)):
        ref = AccountRef(row["owner_kind"], row["owner_id"], row["kind"], row["unit"])
        owned[ref.owner_id][ref] = signed(ref.owner_kind, ref.kind, row["debits"], row["credits"])
    return owned


async def standings(
    session: AsyncSession,
    practice_id: UUID,
    limits: Iterable[LimitRef],
    *,
    as_of: datetime | None = None,
    on: date | None = None,
) -> dict[LimitRef, Standing]:
    """Every stage of each limit, as positive quantities."""
    named = {(limit, kind): limit.account(kind) for limit in limits for kind in Standing.__struct_fields__}
    found = await balances(session, practice_id, named.values(), as_of=as_of, on=on)
    amounts: dict[LimitRef, dict[str, int]] = {limit: {} for limit, _ in named}
    for (limit, kind), ref in named.items():
        given = kind in ("granted", "overridden", "over_limit")
        amounts[limit][kind] = -found[ref] if given else found[ref]
    return {limit: Standing(**kinds) for limit, kinds in amounts.items()}


async def entries_behind(
    session: AsyncSession,
    practice_id: UUID,
    ref: AccountRef,
    *,
    as_of: datetime | None = None,
    on: date | None = None,
) -> list[EntryBehind]:
    """The transfers whose amounts add up to the balance of `ref`, in the order of recording."""
    driver = await statements.driver_of(session)
    rows = await driver.fetch(BEHIND, practice_id, ref.id, as_of, on)
    return [_entry(ref, row) for row in rows]


def _entry(ref: AccountRef, row: Any) -> EntryBehind:
    debits, credits_ = (0, row["amount"]) if row["credited"] else (row["amount"], 0)
    return EntryBehind(
        transfer_id=row["id"],
        amount=signed(ref.owner_kind, ref.kind, debits, credits_),
        other=AccountRef(row["owner_kind"], row["owner_id"], row["other_kind"], row["unit"]),
        **{name: row[name] for name in _AS_READ},
    )


async def practice_months(
    session: AsyncSession, practice_id: UUID, first: date, last: date
) -> list[MonthSum]:
    """What cash, revenue, write-offs and the practice's other own accounts gained, month by month."""
    driver = await statements.driver_of(session)
    rows = await driver.fetch(MONTHS, practice_id, first, last)
    return [
        MonthSum(
            kind=r["kind"], month=r["month"], cents=signed("practice", r["kind"], r["debits"], r["credits"])
        )
        for r in rows
    ]
