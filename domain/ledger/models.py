"""Accounts, journals, transfers and draws; the guards are CHECKs on the account row."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from tenants.columns import Grants, PracticeOwned, money, public, within_practice

ACCOUNT_OF_UNIT = ["accounts.practice_id", "accounts.id", "accounts.unit"]


class Account(PracticeOwned):
    """What one owner has of one kind in one unit; `floor` is the least that credits − debits may be.

    A kept account stores its totals; the practice's own (cash, revenue, …) are sums over transfers.
    The id is the UUIDv5 of owner, kind and unit (`tenants.ids.account_id`).
    """

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("practice_id", "owner_kind", "owner_id", "kind", "unit"),
        CheckConstraint("unit in ('usd', 'visit', 'minute', 'day')", name="unit"),
        CheckConstraint("floor is null or credits - debits >= floor", name="floor"),
        CheckConstraint("debits >= 0 and credits >= 0", name="totals"),
        CheckConstraint("kept or floor is null", name="kept"),
        # An index, so that it is made after the constraints: without statistics the planner takes the newest
        # of equally good ones, and a session keeps that plan for every reference that its transfers check.
        Index("uq_accounts_unit", "practice_id", "id", "unit", unique=True),
        {"postgresql_with": {"fillfactor": "50"}},
    )
    __grants__ = "SELECT, INSERT, UPDATE (debits, credits)"

    unit: Mapped[str] = public()
    owner_kind: Mapped[str] = public()
    owner_id: Mapped[UUID] = public()
    kind: Mapped[str] = public()
    kept: Mapped[bool] = public()
    floor: Mapped[int | None] = money()
    debits: Mapped[int] = money(server_default=text("0"))
    credits: Mapped[int] = money(server_default=text("0"))


class Journal(PracticeOwned):
    """One business event that moves the ledger, once per round, whoever repeats it."""

    __tablename__ = "journals"
    __table_args__ = (
        UniqueConstraint("practice_id", "kind", "source", "round"),
        within_practice("reverses", "journals"),
        Index("uq_journals_reverses", "practice_id", "reverses", unique=True),
    )
    __grants__ = Grants.FACTS

    kind: Mapped[str] = public()
    source: Mapped[str] = public()
    round: Mapped[int] = public()
    reverses: Mapped[UUID | None] = public()
    reason: Mapped[str | None] = public()
    recorded_at: Mapped[datetime] = public()
    actor_id: Mapped[UUID] = public()


class Transfer(PracticeOwned):
    """One amount from one account (debited) to another (credited); never changed, never deleted."""

    __tablename__ = "transfers"
    __table_args__ = (
        within_practice("journal_id", "journals"),
        within_practice("reverses", "transfers"),
        ForeignKeyConstraint(["practice_id", "debit_account", "unit"], ACCOUNT_OF_UNIT),
        ForeignKeyConstraint(["practice_id", "credit_account", "unit"], ACCOUNT_OF_UNIT),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("debit_account <> credit_account", name="sides"),
        Index("ix_transfers_debit", "practice_id", "debit_account"),
        Index("ix_transfers_credit", "practice_id", "credit_account"),
        Index("ix_transfers_journal", "practice_id", "journal_id"),
    )
    __grants__ = Grants.FACTS

    journal_id: Mapped[UUID] = public()
    unit: Mapped[str] = public()
    debit_account: Mapped[UUID] = public()
    credit_account: Mapped[UUID] = public()
    amount: Mapped[int] = money()
    kind: Mapped[str] = public()
    effective_on: Mapped[date] = public()
    recorded_at: Mapped[datetime] = public()
    actor_id: Mapped[UUID] = public()
    reverses: Mapped[UUID | None] = public()


class Draw(PracticeOwned):
    """A visit's use of one limit; what a payer counts once a day is a set of draws under one counted key.

    The set counts with its greatest amount, at its furthest stage; `over` is how much of it exceeded the
    limit, the same on each of its draws.
    """

    __tablename__ = "draws"
    __table_args__ = (
        UniqueConstraint("practice_id", "limit_kind", "limit_id", "unit", "counted_key", "subject_id"),
        Index("ix_draws_subject", "practice_id", "subject_id"),
        CheckConstraint("amount > 0 and over >= 0", name="amount"),
        CheckConstraint(
            "stage in ('booked', 'attended', 'documented', 'billed', 'adjudicated')", name="stage"
        ),
    )
    __grants__ = Grants.LINKS

    limit_kind: Mapped[str] = public()
    limit_id: Mapped[UUID] = public()
    unit: Mapped[str] = public()
    amount: Mapped[int] = public()
    counted_key: Mapped[str] = public()
    subject_id: Mapped[UUID] = public()
    stage: Mapped[str] = public()
    drawn_on: Mapped[date] = public()
    over: Mapped[int] = public()
