"""Setting a party's money against what it owes, the oldest line first; what is left stays visible."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from domain.claims.models import Claim, ClaimLine
from domain.ledger.entries import AccountRef, Entry, JournalEntry
from domain.ledger.models import Account
from domain.patient_billing.line_reading import due_kind
from domain.patient_billing.models import Payment
from domain.patients.models import Guarantee, Party
from tenants.errors import NotFound


class Owed(Struct, frozen=True):
    """What the party still owes for one line."""

    claim_line_id: UUID
    cents: Cents


class Held(Struct, frozen=True):
    """Money of one payment that is set against no line."""

    payment_id: UUID
    cents: Cents


async def lock_party(session: AsyncSession, practice_id: UUID, party_id: UUID) -> Party:
    """The party, locked: who moves its money waits for whoever moves it already. Raises NotFound."""
    mine = select(Party).where(Party.practice_id == practice_id, Party.id == party_id)
    party = (await session.execute(mine.with_for_update(key_share=True))).scalar_one_or_none()
    if party is None:
        raise NotFound(f"no party {party_id}")
    return party


async def owed_lines(session: AsyncSession, practice_id: UUID, party_id: UUID) -> list[Owed]:
    """The party's lines that are due, the oldest date of service first; credits on lines are negative."""
    wanted = (
        select(ClaimLine.id, Account.debits - Account.credits)
        .join(Claim, (Claim.practice_id == practice_id) & (Claim.id == ClaimLine.claim_id))
        .join(Account, (Account.practice_id == practice_id) & (Account.owner_id == ClaimLine.id))
        .where(ClaimLine.practice_id == practice_id, Account.owner_kind == "claim_line")
        .where(Account.kind == due_kind(party_id), Account.debits != Account.credits)
        .where(
            Claim.patient_id.in_(
                select(Guarantee.patient_id).where(
                    Guarantee.practice_id == practice_id, Guarantee.party_id == party_id
                )
            )
        )
        .order_by(ClaimLine.date_of_service, ClaimLine.id)
    )
    return [Owed(line_id, cents) for line_id, cents in await session.execute(wanted)]


async def balance_cents(session: AsyncSession, practice_id: UUID, party_id: UUID) -> Cents:
    """What the party owes now over all lines, less what it paid that is set against none."""
    owed = sum(line.cents for line in await owed_lines(session, practice_id, party_id))
    return owed - sum(money.cents for money in await held_money(session, practice_id, party_id))


async def held_money(session: AsyncSession, practice_id: UUID, party_id: UUID) -> list[Held]:
    """The party's payments with money that is set against no line, the oldest first."""
    wanted = (
        select(Payment.id, Account.credits - Account.debits)
        .join(Account, (Account.practice_id == practice_id) & (Account.owner_id == Payment.id))
        .where(Payment.practice_id == practice_id, Payment.party_id == party_id)
        .where(Account.owner_kind == "payment", Account.kind == "unapplied")
        .where(Account.credits > Account.debits)
        .order_by(Payment.paid_at, Payment.id)
    )
    return [Held(payment_id, cents) for payment_id, cents in await session.execute(wanted)]


def captured(practice_id: UUID, payment_id: UUID, cents: Cents, on: date) -> Entry:
    """The money that came in with a payment."""
    cash = AccountRef("practice", practice_id, "cash")
    return Entry(cash, AccountRef("payment", payment_id, "unapplied"), cents, "patient_payment", on)


def applied(
    party_id: UUID, held: Sequence[Held], owed: Sequence[Owed], occasion: UUID, on: date
) -> Iterator[JournalEntry]:
    """One journal per payment that has money left, over the lines in their order; needs the party's lock.

    `occasion` is the payment or statement that sets the money off, so that each does it once.
    """
    open_cents = {line.claim_line_id: line.cents for line in owed if line.cents > 0}
    for money in held:
        entries = list(_spread(party_id, money, open_cents, on))
        if entries:
            yield JournalEntry("patient_payment_applied", f"{money.payment_id}:{occasion}", entries)


def _spread(party_id: UUID, money: Held, open_cents: dict[UUID, Cents], on: date) -> Iterator[Entry]:
    """Take from `open_cents` what the money covers."""
    left = money.cents
    source = AccountRef("payment", money.payment_id, "unapplied")
    for line_id, cents in open_cents.items():
        part = min(left, cents)
        if part > 0:
            owed = AccountRef("claim_line", line_id, due_kind(party_id))
            yield Entry(source, owed, part, "patient_payment", on)
            left -= part
            open_cents[line_id] = cents - part
