"""Money left on the table: lines whose payer would allow more than the practice charges (BC-16).

Most contracts pay the lesser of charge and rate, so a charge below the rate loses the difference unseen.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from billing_rules.therapy.expected_allowed import AllowedLine
from domain.claims.expected import rates_of_claims
from domain.claims.models import Claim, ClaimLine
from domain.practices.models import Payer
from domain.remittances.models import Remittance, RemittanceClaim, RemittanceLine
from tenants.audit import note_patients
from tenants.errors import Invalid

MONTH = re.compile(r"^20[0-9]{2}-(0[1-9]|1[0-2])$")
Answered = tuple[RemittanceLine, ClaimLine, Claim, Remittance, str]
Why = Literal["allowed_above_charge", "contract_above_charge"]


class LeakRow(Struct, frozen=True, kw_only=True):
    """One line that was paid: what we charged, what the payer allowed, what its contract would pay.

    `leak_cents` is by how much the greater of the two exceeds the charge.
    """

    claim_id: UUID
    claim_line_id: UUID
    remittance_id: UUID
    payer_id: UUID
    payer_name: str
    paid_on: date
    date_of_service: date
    code: str
    modifiers: list[str]
    units: int
    charge_cents: Cents
    allowed_cents: Cents
    allowed_how: str
    rate_cents: Cents | None
    rate_row: str
    leak_cents: Cents
    why: list[Why]


class PayerLeak(Struct, frozen=True, kw_only=True):
    """One payer of the month: how many lines, and how much more it would have allowed."""

    payer_id: UUID
    payer_name: str
    lines: int
    leak_cents: Cents


class LeakMeasure(Struct, frozen=True, kw_only=True):
    """A month's leak by the day of payment: by payer, the greatest first, and the rows it consists of."""

    month: str
    leak_cents: Cents
    payers: list[PayerLeak]
    rows: list[LeakRow]


async def lesser_of_leak(session: AsyncSession, practice_id: UUID, month: str) -> LeakMeasure:
    """The leak of a month such as 2026-03; every sum is that of the rows shown. Raises Invalid."""
    if not MONTH.match(month):
        raise Invalid("a month is wanted, as 2026-03", pointer="/month")
    first = date.fromisoformat(f"{month}-01")
    rows = await _rows(session, practice_id, first)
    payers: dict[UUID, list[LeakRow]] = {}
    for row in rows:
        payers.setdefault(row.payer_id, []).append(row)
    return LeakMeasure(
        month=month,
        leak_cents=sum(row.leak_cents for row in rows),
        payers=sorted(
            (_payer(found) for found in payers.values()), key=lambda p: (-p.leak_cents, p.payer_name)
        ),
        rows=rows,
    )


def _payer(rows: Sequence[LeakRow]) -> PayerLeak:
    return PayerLeak(
        payer_id=rows[0].payer_id,
        payer_name=rows[0].payer_name,
        lines=len(rows),
        leak_cents=sum(row.leak_cents for row in rows),
    )


async def _rows(session: AsyncSession, practice_id: UUID, first: date) -> list[LeakRow]:
    """Every line of the month that falls short."""
    found = await _answered(session, practice_id, first)
    note_patients(session, *{claim.patient_id for _, _, claim, _, _ in found})
    claims = {claim.id: claim for _, _, claim, _, _ in found}
    rates = await rates_of_claims(session, practice_id, list(claims.values()))
    rows = [_row(parts, rates.get(parts[1].id)) for parts in found]
    return [row for row in rows if row.why]


async def _answered(session: AsyncSession, practice_id: UUID, first: date) -> list[Answered]:
    """The lines of the month's posted remittances; reversals are left aside."""
    last = first.replace(day=monthrange(first.year, first.month)[1])
    wanted = (
        select(RemittanceLine, ClaimLine, Claim, Remittance, Payer.name)
        .join(ClaimLine, _same(RemittanceLine, ClaimLine, RemittanceLine.claim_line_id))
        .join(Claim, _same(ClaimLine, Claim, ClaimLine.claim_id))
        .join(RemittanceClaim, _same(RemittanceLine, RemittanceClaim, RemittanceLine.remittance_claim_id))
        .join(Remittance, _same(RemittanceClaim, Remittance, RemittanceClaim.remittance_id))
        .join(Payer, _same(Claim, Payer, Claim.payer_id))
        .where(
            RemittanceLine.practice_id == practice_id,
            Remittance.status == "posted",
            Remittance.paid_on.between(first, last),
            RemittanceClaim.outcome == "posted",
            RemittanceLine.charge_cents > 0,
            RemittanceLine.allowed_cents > 0,
        )
        .order_by(Remittance.paid_on, Claim.id, ClaimLine.number, RemittanceLine.id)
    )
    return [
        (line, ours, claim, paid, name) for line, ours, claim, paid, name in await session.execute(wanted)
    ]


def _same(left: Any, right: Any, reference: Any) -> ColumnElement[bool]:
    return and_(left.practice_id == right.practice_id, reference == right.id)


def _row(parts: Answered, expected: AllowedLine | None) -> LeakRow:
    answered, line, claim, remittance, payer_name = parts
    rate = expected.rate_cents if expected else None
    over, short = answered.allowed_cents - answered.charge_cents, (rate or 0) - line.charge_cents
    return LeakRow(
        claim_id=claim.id,
        claim_line_id=line.id,
        remittance_id=remittance.id,
        payer_id=claim.payer_id,
        payer_name=payer_name,
        paid_on=remittance.paid_on,
        date_of_service=line.date_of_service,
        code=line.code,
        modifiers=list(line.modifiers),
        units=line.units,
        charge_cents=answered.charge_cents,
        allowed_cents=answered.allowed_cents,
        allowed_how=answered.allowed_how,
        rate_cents=rate,
        rate_row=expected.row if expected else "",
        leak_cents=max(over, short, 0),
        why=[*_named("allowed_above_charge", over), *_named("contract_above_charge", short)],
    )


def _named(why: Why, cents: Cents) -> list[Why]:
    return [why] if cents > 0 else []
