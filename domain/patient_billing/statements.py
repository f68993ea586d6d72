"""Issuing a statement: what a party owes on a day, frozen sentence by sentence."""

import hashlib
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from domain.ledger.entries import Stamp
from domain.ledger.posting import post
from domain.patient_billing.account import DueLine, PartyAccount, WaitingLine, explain
from domain.patient_billing.application import applied, held_money, lock_party, owed_lines
from domain.patient_billing.models import Statement, StatementLine
from domain.patient_billing.sentences import Figure
from domain.views import read_view, read_views
from tenants.access import Actor
from tenants.audit import note_patients
from tenants.errors import Conflict
from tenants.ids import new_id


class NothingDue(Conflict):
    """The party owes nothing, so there is nothing to state."""

    code = "nothing_due"


class StatementLineView(Struct, frozen=True, kw_only=True):
    """One frozen sentence with its amounts; what is not due yet amounts to zero."""

    claim_line_id: UUID
    patient_id: UUID
    served_on: date
    is_due: bool
    sentence: str
    figures: list[Figure]
    amount_cents: Cents


class StatementRow(Struct, frozen=True, kw_only=True):
    """A statement in a list."""

    id: UUID
    party_id: UUID
    issued_on: date
    total_cents: Cents
    content_sha256: str


class StatementView(StatementRow, frozen=True, kw_only=True):
    """A statement with its lines: first what is due, then what is not due yet."""

    lines: list[StatementLineView]


async def issue_statement(
    session: AsyncSession, actor: Actor, practice_id: UUID, party_id: UUID, *, today: date, now: datetime
) -> StatementView:
    """Set held money against the oldest lines, then freeze what is owed; raises NotFound and NothingDue."""
    await lock_party(session, practice_id, party_id)
    statement_id = new_id()
    held = await held_money(session, practice_id, party_id)
    if held:
        owed = await owed_lines(session, practice_id, party_id)
        journals = list(applied(party_id, held, owed, statement_id, today))
        await post(session, Stamp(practice_id, actor.id, now), journals)
    account = await explain(session, practice_id, party_id)
    if account.total_cents <= 0:
        raise NothingDue(f"party {party_id} owes nothing")
    return await _freeze(session, practice_id, statement_id, account, today, now)


async def _freeze(
    session: AsyncSession,
    practice_id: UUID,
    statement_id: UUID,
    account: PartyAccount,
    today: date,
    now: datetime,
) -> StatementView:
    lines = [*map(_line_view, account.lines), *map(_line_view, account.not_due_yet)]
    view = StatementView(
        id=statement_id,
        party_id=account.party_id,
        issued_on=today,
        total_cents=account.total_cents,
        content_sha256=content_hash(account.party_id, today, account.total_cents, lines),
        lines=lines,
    )
    row = {name: getattr(view, name) for name in StatementRow.__struct_fields__}
    session.add(Statement(practice_id=practice_id, created_at=now, **row))
    await session.flush()
    session.add_all(_row(practice_id, view.id, ordinal, line) for ordinal, line in enumerate(lines, 1))
    await session.flush()
    return view


def content_hash(party_id: UUID, issued_on: date, total_cents: Cents, lines: list[StatementLineView]) -> str:
    """SHA-256 over everything a reader sees, so that any other form of it can be compared (PB-16)."""
    return hashlib.sha256(msgspec.json.encode((party_id, issued_on, total_cents, lines))).hexdigest()


def _line_view(line: DueLine | WaitingLine) -> StatementLineView:
    return StatementLineView(
        claim_line_id=line.claim_line_id,
        patient_id=line.patient_id,
        served_on=line.served_on,
        is_due=isinstance(line, DueLine),
        sentence=line.sentence,
        figures=list(line.figures) if isinstance(line, DueLine) else [],
        amount_cents=line.amount_cents if isinstance(line, DueLine) else 0,
    )


def _row(practice_id: UUID, statement_id: UUID, ordinal: int, line: StatementLineView) -> StatementLine:
    values = msgspec.structs.asdict(line) | {"figures": msgspec.to_builtins(line.figures)}
    return StatementLine(
        practice_id=practice_id, id=new_id(), statement_id=statement_id, ordinal=ordinal, **values
    )


async def statements_of(session: AsyncSession, practice_id: UUID, party_id: UUID) -> list[StatementRow]:
    """A party's statements, the latest first."""
    mine = (Statement.practice_id == practice_id, Statement.party_id == party_id)
    latest = [Statement.issued_on.desc(), Statement.id.desc()]
    return await read_views(session, StatementRow, Statement, *mine, order=latest)


async def statement(session: AsyncSession, practice_id: UUID, statement_id: UUID) -> StatementView:
    """One statement as it was issued; raises NotFound."""
    row = await read_view(session, StatementRow, Statement, practice_id, statement_id)
    mine = (StatementLine.practice_id == practice_id, StatementLine.statement_id == statement_id)
    found = await session.execute(select(StatementLine).where(*mine).order_by(StatementLine.ordinal))
    lines = [msgspec.convert(line, StatementLineView, from_attributes=True) for line in found.scalars()]
    note_patients(session, *(line.patient_id for line in lines))
    return StatementView(**msgspec.structs.asdict(row), lines=lines)
