"""Transfers and the balances they move: open, lock, compare with the floors, insert, add."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

import asyncpg
from msgspec import Struct

from domain.ledger import statements
from domain.ledger.chart import rule_of
from domain.ledger.entries import AccountRef, Stamp
from tenants.errors import Conflict
from tenants.ids import new_id


class GuardBroken(Conflict):
    """An account would fall below its floor; `accounts` are those, empty when only the database noticed."""

    code: ClassVar[str] = "guard_broken"

    def __init__(self, accounts: Sequence[AccountRef]) -> None:
        named = ", ".join(f"{a.kind} of {a.owner_kind} {a.owner_id}" for a in accounts)
        super().__init__(f"not enough in {named or 'a guarded account'}")
        self.accounts = tuple(accounts)


class Line(Struct):
    """A transfer on its way to the database."""

    journal_id: UUID
    unit: str
    debit: UUID
    credit: UUID
    amount: int
    kind: str
    effective_on: date
    reverses: UUID | None


class AccountIds(dict[AccountRef, UUID]):
    """The accounts that a post names, with their ids, each computed once."""

    def __missing__(self, ref: AccountRef) -> UUID:
        self[ref] = ref.id
        return self[ref]


async def move_amounts(driver: Any, stamp: Stamp, lines: Sequence[Line], accounts: AccountIds) -> None:
    """Open what is new, lock in id order, compare with the floors, insert the transfers, add to balances."""
    if not lines:
        return
    await open_accounts(driver, stamp.practice_id, accounts)
    debits: dict[UUID, int] = defaultdict(int)
    credits_: dict[UUID, int] = defaultdict(int)
    for line in lines:
        debits[line.debit] += line.amount
        credits_[line.credit] += line.amount
    touched = list(debits.keys() | credits_.keys())
    guarded = await driver.fetch(statements.LOCK_ACCOUNTS, stamp.practice_id, touched)
    short = [a for a in guarded if a["room"] + credits_.get(a["id"], 0) < debits.get(a["id"], 0)]
    if short:
        raise GuardBroken([AccountRef(a["owner_kind"], a["owner_id"], a["kind"], a["unit"]) for a in short])
    await _insert_transfers(driver, stamp, lines)
    added = [debits.get(a, 0) for a in touched], [credits_.get(a, 0) for a in touched]
    try:
        await driver.execute(statements.ADD_TO_ACCOUNTS, stamp.practice_id, touched, *added)
    except asyncpg.CheckViolationError as broken:
        raise GuardBroken(()) from broken


async def open_accounts(driver: Any, practice_id: UUID, accounts: dict[AccountRef, UUID]) -> None:
    """Open those of the accounts that do not exist; raises Invalid for one outside the chart."""
    refs = list(accounts)
    rules = [rule_of(a.owner_kind, a.kind, a.unit) for a in refs]
    await driver.execute(
        statements.OPEN_ACCOUNTS,
        practice_id,
        [accounts[a] for a in refs],
        [a.unit for a in refs],
        [a.owner_kind for a in refs],
        [a.owner_id for a in refs],
        [a.kind for a in refs],
        [r.kept for r in rules],
        [r.floor for r in rules],
    )


async def _insert_transfers(driver: Any, stamp: Stamp, lines: Sequence[Line]) -> None:
    await driver.fetch(
        statements.INSERT_TRANSFERS,
        stamp.practice_id,
        [new_id() for _ in lines],
        [line.journal_id for line in lines],
        [line.unit for line in lines],
        [line.debit for line in lines],
        [line.credit for line in lines],
        [line.amount for line in lines],
        [line.kind for line in lines],
        [line.effective_on for line in lines],
        [line.reverses for line in lines],
        stamp.recorded_at,
        stamp.actor_id,
    )
