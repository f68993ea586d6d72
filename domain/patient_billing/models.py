"""Patient billing: statements in plain words, links that reveal nothing, payments that post once."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from domain.ledger.invariants import PARTY, register_owner
from tenants.columns import Grants, PracticeOwned, health, money, public, secret, within_practice

register_owner("payment", "payments")
register_owner(PARTY, "parties")


class Statement(PracticeOwned):
    """What a party owes on a day, frozen; `content_sha256` is the hash of its sentences and amounts."""

    __tablename__ = "statements"
    __table_args__ = (
        within_practice("party_id", "parties"),
        Index("ix_statements_party", "practice_id", "party_id", "issued_on"),
    )
    __grants__ = Grants.FACTS

    party_id: Mapped[UUID] = public()
    issued_on: Mapped[date] = public()
    total_cents: Mapped[int] = money()
    content_sha256: Mapped[str] = public()
    created_at: Mapped[datetime] = public()


class StatementLine(PracticeOwned):
    """One sentence of a statement about one claim line; the amounts sum to the total.

    `figures` are the amounts behind the sentence. A line not due yet says why; its amount is zero.
    """

    __tablename__ = "statement_lines"
    __table_args__ = (
        within_practice("statement_id", "statements"),
        within_practice("claim_line_id", "claim_lines"),
        within_practice("patient_id", "patients"),
        UniqueConstraint("practice_id", "statement_id", "ordinal"),
        CheckConstraint("is_due or amount_cents = 0", name="not_due"),
    )
    __grants__ = Grants.FACTS

    statement_id: Mapped[UUID] = public()
    ordinal: Mapped[int] = public()
    claim_line_id: Mapped[UUID] = public()
    patient_id: Mapped[UUID] = public()
    is_due: Mapped[bool] = public()
    served_on: Mapped[date] = health()
    sentence: Mapped[str] = health()
    figures: Mapped[list[Any]] = health()
    amount_cents: Mapped[int] = money()


class PaymentLink(PracticeOwned):
    """A link to one party's balance; the token's keyed hash is in the directory, the token nowhere."""

    __tablename__ = "payment_links"
    __table_args__ = (
        within_practice("party_id", "parties"),
        within_practice("statement_id", "statements"),
        Index("ix_payment_links_party", "practice_id", "party_id"),
        CheckConstraint("tries between 0 and 5", name="tries"),
        CheckConstraint("closed_because in ('paid', 'replaced', 'revoked', 'locked')", name="closed"),
    )

    party_id: Mapped[UUID] = public()
    statement_id: Mapped[UUID] = public()
    created_at: Mapped[datetime] = public()
    expires_at: Mapped[datetime] = public()
    tries: Mapped[int] = public(server_default=text("0"))
    closed_at: Mapped[datetime | None] = public()
    closed_because: Mapped[str | None] = public()


class LinkSession(PracticeOwned):
    """A browser that passed the second factor of a link; its token's keyed hash is in the directory."""

    __tablename__ = "link_sessions"
    __table_args__ = (within_practice("link_id", "payment_links"),)

    link_id: Mapped[UUID] = public()
    created_at: Mapped[datetime] = public()
    expires_at: Mapped[datetime] = public()
    csrf_token: Mapped[str] = secret()


class Payment(PracticeOwned):
    """One attempt of a party to pay by card; the processor knows it by this row's id only."""

    __tablename__ = "payments"
    __table_args__ = (
        within_practice("party_id", "parties"),
        within_practice("link_id", "payment_links"),
        UniqueConstraint("practice_id", "merchant_account", "session_id"),
        Index("ix_payments_party", "practice_id", "party_id"),
        CheckConstraint("status in ('opening', 'opened', 'paid', 'expired', 'failed')", name="status"),
        CheckConstraint("amount_cents > 0", name="amount"),
    )

    party_id: Mapped[UUID] = public()
    link_id: Mapped[UUID | None] = public()
    amount_cents: Mapped[int] = money()
    status: Mapped[str] = public()
    merchant_account: Mapped[str] = money()
    session_id: Mapped[str | None] = money()
    checkout_url: Mapped[str | None] = money()
    payment_reference: Mapped[str | None] = money()
    created_at: Mapped[datetime] = public()
    paid_at: Mapped[datetime | None] = public()
