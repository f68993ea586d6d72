"""The last chapters of a claim's story: each posting line by line, statements, links and payments."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import dollars
from domain.patient_billing.models import Payment, PaymentLink, Statement, StatementLine
from domain.patients.models import Party
from domain.reporting.line_money import PART_NAMES, Movement
from domain.reporting.moments import Moment, MoneyRow, happened

TITLES = {
    "claim_charge": "Charged to the insurer",
    "charge": "Charged to the insurer",
    "remittance_claim": "Remittance posted",
    "patient_payment": "Patient payment received",
    "patient_payment_applied": "Patient payment set against the lines",
}
OWN_ACCOUNTS = ("insurer_open", "patient_not_due", "patient_due")


def posting_moments(moves: Sequence[Movement], numbers: Mapping[UUID, int]) -> list[Moment]:
    """One moment for each journal, with what it moved on each line; `numbers` are the lines' numbers."""
    ordered = sorted(moves, key=lambda move: (move.recorded_at, move.journal_id, numbers[move.line_id]))
    return [_posted(list(group), numbers) for _, group in groupby(ordered, key=lambda move: move.journal_id)]


def _posted(moves: Sequence[Movement], numbers: Mapping[UUID, int]) -> Moment:
    first = moves[0]
    title = TITLES.get(
        first.journal_kind, first.journal_kind.replace("_", " ").replace(".", " ").capitalize()
    )
    return happened(
        first.recorded_at,
        first.journal_id,
        chapter="Ledger",
        title=title,
        detail=first.reason or "",
        tone="warn" if first.is_reversal else "idle",
        who=first.actor_id,
        rows=tuple(_rows(moves, numbers)),
    )


def _rows(moves: Iterable[Movement], numbers: Mapping[UUID, int]) -> Iterable[MoneyRow]:
    """One row for each transfer: out of one part of the line, into another."""
    by_transfer: dict[UUID, list[Movement]] = {}
    for move in moves:
        by_transfer.setdefault(move.transfer_id, []).append(move)
    for both in by_transfer.values():
        line = str(numbers[both[0].line_id])
        yield MoneyRow(line=line, words=_words(both), cents=abs(both[0].cents))


def _words(both: Sequence[Movement]) -> str:
    """Where the money went: from what was open, to what settles it or to who owes it next."""
    names = {move.part: PART_NAMES[move.part] for move in both}
    grown = [name for part, name in names.items() if _sum(both, part) > 0]
    shrunk = [name for part, name in names.items() if _sum(both, part) < 0]
    if "billed" in names:
        return f"{names['billed']}: {names.get('insurer_open', '')}"
    return (
        f"{' and '.join(shrunk)} → {' and '.join(grown)}" if shrunk and grown else ", ".join(names.values())
    )


def _sum(moves: Iterable[Movement], part: str) -> int:
    return sum(move.cents for move in moves if move.part == part)


async def statement_moments(
    session: AsyncSession, practice_id: UUID, line_ids: Sequence[UUID]
) -> list[Moment]:
    """The statements that ask for the lines, and the payment links to them."""
    wanted = (
        select(Statement, Party.name)
        .join(Party, (Party.practice_id == Statement.practice_id) & (Party.id == Statement.party_id))
        .where(
            Statement.practice_id == practice_id,
            Statement.id.in_(
                select(StatementLine.statement_id).where(
                    StatementLine.practice_id == practice_id,
                    StatementLine.claim_line_id.in_(line_ids),
                    StatementLine.is_due,
                )
            ),
        )
        .order_by(Statement.created_at)
    )
    found = [(row[0], row[1]) for row in await session.execute(wanted)]
    links = await _links(session, practice_id, [statement.id for statement, _ in found])
    return [_stated(statement, name) for statement, name in found] + links


async def last_statement_on(
    session: AsyncSession, practice_id: UUID, line_ids: Sequence[UUID]
) -> date | None:
    """The day of the latest statement that asks for any of the lines."""
    wanted = (
        select(func.max(Statement.issued_on))
        .join(
            StatementLine,
            (StatementLine.practice_id == Statement.practice_id)
            & (StatementLine.statement_id == Statement.id),
        )
        .where(Statement.practice_id == practice_id, StatementLine.claim_line_id.in_(line_ids))
        .where(StatementLine.is_due)
    )
    return (await session.execute(wanted)).scalar_one()


def _stated(statement: Statement, name: str) -> Moment:
    return happened(
        statement.created_at,
        statement.id,
        chapter="Statement",
        title=f"Statement to {name}",
        detail=f"over {dollars(statement.total_cents)} in all",
        tone="info",
        written=("statements", statement.id),
        opens=("parties", statement.party_id),
    )


async def _links(session: AsyncSession, practice_id: UUID, statement_ids: Sequence[UUID]) -> list[Moment]:
    mine = (PaymentLink.practice_id == practice_id, PaymentLink.statement_id.in_(statement_ids))
    made = (
        await session.execute(select(PaymentLink).where(*mine).order_by(PaymentLink.created_at))
    ).scalars()
    return [
        happened(
            link.created_at,
            link.id,
            chapter="Statement",
            title="Payment link made",
            detail=f"valid until {link.expires_at:%-d %b %Y}",
            written=("payment_links", link.id),
        )
        for link in made
    ]


async def payment_moments(
    session: AsyncSession, practice_id: UUID, moves: Iterable[Movement]
) -> list[Moment]:
    """The card payments of which something was set against the lines."""
    ids = {move.other_id for move in moves if move.other == "unapplied"}
    wanted = (
        select(Payment, Party.name)
        .join(Party, (Party.practice_id == Payment.practice_id) & (Party.id == Payment.party_id))
        .where(Payment.practice_id == practice_id, Payment.id.in_(ids), Payment.paid_at.is_not(None))
    )
    return [_paid(payment, name) for payment, name in await session.execute(wanted)]


def _paid(payment: Payment, name: str) -> Moment:
    return happened(
        payment.paid_at or payment.created_at,
        payment.id,
        chapter="Payment",
        title=f"{name} paid {dollars(payment.amount_cents)} by card",
        tone="good",
        who=payment.party_id,
        opens=("parties", payment.party_id),
    )


async def party_names(session: AsyncSession, practice_id: UUID, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of parties among the ids: who paid through a link acts under the party's id."""
    wanted = select(Party.id, Party.name).where(Party.practice_id == practice_id, Party.id.in_(list(ids)))
    return {row.id: row.name for row in await session.execute(wanted)}
